"""Traits: what tells hands apart, in a few numbers that a network can be told.

A line of ink is described by many numbers x (`describe`). Fisher's discriminant (Rao 1948, for more than two groups) finds the
directions v in which writers differ most for how much each of them differs from themselves,

    S_between v = λ S_within v          z = (x - mean) [v₁ … v_K]

scaled so that the writers' own means have deviation 1 along each. z are the line's traits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from tqdm import tqdm

from handwriting.data import UNKNOWN, Lines
from handwriting.joined import pair_up
from handwriting.styles.features import SIZE, describe, ridged
from shared.errors import UserError
from shared.processes import is_main

LIMIT = 4.0
"""traits beyond are taken for it; a writer's own line has them in one case of a hundred"""
HANDS = 64
"""that a network keeps of those that it has rehearsed"""
DESCRIBED = SIZE + 2


class Traits(nn.Module):
    """How lines of ink become traits, and what hands there are: all of it is data that is saved with a network.

    Args:
        size: K, how many numbers tell hands apart.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.mean: Float[Tensor, " D"]
        self.basis: Float[Tensor, "D K"]
        self.center: Float[Tensor, " K"]
        self.spread: Float[Tensor, " K"]
        self.kept: Float[Tensor, "H K"]
        self.register_buffer("mean", torch.zeros(DESCRIBED))
        self.register_buffer("basis", torch.zeros(DESCRIBED, size))
        self.register_buffer("center", torch.zeros(size))
        self.register_buffer("spread", torch.zeros(size))
        self.register_buffer("kept", torch.zeros(HANDS, size))

    @property
    def found(self) -> bool:
        """Whether it is known in what hands differ."""
        return bool(self.basis.any())

    def learn(self, described: Float[np.ndarray, "N D"], writer: Int[np.ndarray, " N"]) -> None:
        """Finds the directions in which these lines' writers differ. Lines of unknown writers (-1) tell nothing.

        Raises:
            UserError: if there are too few writers to differ in so many.
        """
        known = np.unique(writer[writer != UNKNOWN])
        if len(known) <= self.size:
            raise UserError(
                f"{self.size} traits take the lines of more than {self.size} known writers; here are {len(known)}"
            )
        means = np.stack([described[writer == one].mean(0) for one in known])
        own = np.concatenate([described[writer == one] - mean for one, mean in zip(known, means, strict=True)])
        unmix = np.linalg.inv(np.linalg.cholesky(ridged(np.cov(own.T)))).T
        ratios, directions = np.linalg.eigh(unmix.T @ np.cov(means.T) @ unmix)
        most = np.argsort(-ratios)[: self.size]
        self.mean.copy_(torch.from_numpy(means.mean(0)))
        self.basis.copy_(torch.from_numpy(unmix @ directions[:, most] / np.sqrt(ratios[most])))

    def settle(self, told: Float[Tensor, "N K"], writer: Int[np.ndarray, " N"]) -> None:
        """Takes the hands of these lines for all there are. What can be guessed of a hand from one of its lines (Kelley 1927) is
        spread less than the writers' means, by the root of its reliability: the share of writers in the variance of lines."""
        means = torch.stack([told[torch.from_numpy(writer == one)].mean(0) for one in np.unique(writer)])
        self.center.copy_(means.mean(0))
        between = means.var(0, correction=0)
        self.spread.copy_(between / told.std(0, correction=0).clamp_min(1e-9))
        self.kept.zero_()

    def keep(self, hands: Sequence[Float[Tensor, " K"]]) -> None:
        """Has all hands that are made up from now on be one of these."""
        self.kept.copy_(torch.stack(list(hands)))

    def draw(self, seed: int) -> Float[Tensor, " K"]:
        """The traits of a hand that nobody has: one of those that were kept, or, if none were, one that is imagined."""
        if not self.kept.any():
            return self.imagine(seed)
        return self.kept[np.random.default_rng(seed).integers(HANDS)].cpu()

    def imagine(self, seed: int) -> Float[Tensor, " K"]:
        """The traits of a hand from among all that there may be."""
        chance = np.random.default_rng(seed).standard_normal(self.size, dtype=np.float32)
        return self.center.cpu() + self.spread.cpu() * torch.from_numpy(chance)

    def of(self, described: Float[np.ndarray, "N D"]) -> Float[Tensor, "N K"]:
        """The traits of lines."""
        own = self.mean.double().cpu().numpy(), self.basis.double().cpu().numpy()
        return torch.from_numpy((described - own[0]) @ own[1]).float().clamp(-LIMIT, LIMIT)


def describe_lines(lines: Lines, chosen: Sequence[int]) -> Float[np.ndarray, "N D"]:
    """Each of these lines in numbers; NaN for one without width or height."""
    hidden = None if is_main() else True  # None: on a terminal alone
    return np.stack([_described(lines, line) for line in tqdm(chosen, "describing hands", leave=False, disable=hidden)])


def _described(lines: Lines, line: int) -> Float[np.ndarray, " D"]:
    try:
        return describe(lines.strokes(line), lines.texts[line])
    except ValueError:
        return np.full(DESCRIBED, np.nan)


def of_the_first(traits: Traits, lines: Lines, pairs: Sequence[tuple[int, int]]) -> Float[Tensor, "P K"]:
    """The traits of the first line of each pair; those of anybody for one without width or height."""
    return torch.nan_to_num(traits.of(describe_lines(lines, [first for first, _ in pairs])))


class Hearsay:
    """What a network is told of the hand of each line while it learns: the traits of another line of the same writer. If nobody
    knows who wrote the lines, somebody wrote all of them.

    Args:
        traits: those of the network; if there are none yet, they are found in these lines first.
        lines: the ink.
        chosen: the lines that are learnt.

    Raises:
        UserError: if traits are to be found in the lines of too few writers.
    """

    def __init__(self, traits: Traits, lines: Lines, chosen: Sequence[int]) -> None:
        self.traits, self.lines = traits, lines
        self.nobody_is_known = bool((lines.writer[list(chosen)] < 0).all())
        described = describe_lines(lines, chosen)
        writer = np.where(np.isnan(described).any(1), UNKNOWN, self._writers(chosen))
        if not traits.found:
            traits.learn(described, writer)
        told = torch.nan_to_num(traits.of(described))
        traits.settle(told[torch.from_numpy(writer != UNKNOWN)], writer[writer != UNKNOWN])
        self.told = dict(zip(chosen, told, strict=True))
        self.others: dict[int, list[int]] = {}
        for line, one in zip(chosen, writer.tolist(), strict=True):
            self.others.setdefault(one, []).append(line)
        self.others.pop(UNKNOWN, None)

    def of(self, groups: Sequence[tuple[int, ...]]) -> Float[Tensor, "B K"]:
        """Traits for these lines, each one or several of a writer, by chance; 0, which is anybody's, where no other line of the
        writer is known."""
        writers = self._writers([group[0] for group in groups])
        return torch.stack([self._of(group, writer) for group, writer in zip(groups, writers, strict=True)])

    def of_strangers(self, chosen: Sequence[int]) -> Float[Tensor, "N K"]:
        """What is told of lines that are not learnt: the traits of the writer's line before. A row for each line of the ink."""
        told = torch.zeros(len(self.lines.texts), self.traits.size)
        if self.nobody_is_known:
            told[:] = self.traits.center
        elif pairs := pair_up(self.lines, chosen):
            told[[line for _, line in pairs]] = of_the_first(self.traits, self.lines, pairs)
        return told

    def _writers(self, chosen: Sequence[int]) -> Int[np.ndarray, " N"]:
        return self.lines.writer[list(chosen)] + self.nobody_is_known

    def _of(self, group: tuple[int, ...], writer: int) -> Float[Tensor, " K"]:
        others = [other for other in self.others.get(writer, []) if other not in group]
        return self.told[others[int(torch.randint(len(others), ()))]] if others else torch.zeros(self.traits.size)
