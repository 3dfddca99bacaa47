"""Lines of one hand joined into one: what a network learns to go on from a prime by, which is a line of its writer too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from handwriting.data import UNKNOWN, Lines
from handwriting.strokes import Strokes
from shared.errors import UserError

GAP = 330.0
"""tablet units between two words: the median of IAM-OnDB's training lines, of which nine in ten have 200 to 510"""
NEAR = 0.4
"""share of a line's points that tell how high it stands at its end, or at its beginning"""


class Joined(NamedTuple):
    """Lines of which each is one or several."""

    lines: Lines
    given: Int[np.ndarray, " N"]
    """how many points of each lead to where its last part begins, the first of that among them"""


def shuffled_pairs(lines: Lines, chosen: Sequence[int], random: np.random.Generator) -> list[tuple[int, ...]]:
    """Each line once, with another of its writer that chance finds; alone, if there is none left or nobody knows who wrote it."""
    waiting: dict[int, int] = {}
    pairs: list[tuple[int, ...]] = []
    for line in random.permutation(np.asarray(chosen)).tolist():
        writer = int(lines.writer[line])
        if writer in waiting:
            pairs.append((waiting.pop(writer), line))
        elif writer != UNKNOWN:
            waiting[writer] = line
        else:
            pairs.append((line,))
    return pairs + [(line,) for line in waiting.values()]


def pair_up(lines: Lines, chosen: Sequence[int]) -> list[tuple[int, int]]:
    """Each line behind the one of its writer before it, the writer's first behind the last; none of a writer with one line."""
    last = {int(lines.writer[line]): line for line in chosen}
    pairs = []
    for line in chosen:
        writer = int(lines.writer[line])
        if writer != UNKNOWN and last[writer] != line:
            pairs.append((last[writer], line))
        last[writer] = line
    return pairs


def join(lines: Lines, groups: Sequence[tuple[int, ...]]) -> Joined:
    """Joins the lines of each group, none of which is empty, in their order; all are of one writer.

    Raises:
        UserError: if there is no group.
    """
    if not groups:
        raise UserError("no two of these lines are known to be by the same writer, so none can be read after another")
    strokes = [_in_a_row([lines.strokes(line) for line in group]) for group in groups]
    first = np.array([group[0] for group in groups])
    given = [sum(lines.length(line) for line in group[:-1]) + 1 for group in groups]
    every = np.ones(len(groups), dtype=bool)
    return Joined(
        Lines(
            np.concatenate(strokes).astype(np.float32),
            np.cumsum([0, *map(len, strokes)]),
            [" ".join(lines.texts[line].strip() for line in group) for group in groups],
            lines.split[first],
            every,
            every,
            lines.writer[first],
        ),
        np.array(given),
    )


def _in_a_row(parts: Sequence[Strokes]) -> Strokes:
    """Lines of ink as one, each a word's space to the right of the one before, at the height where that one ended."""
    whole = parts[0]
    for part in parts[1:]:
        following = part.copy()
        following[0, :2] = _way(whole, part)
        whole = np.concatenate([whole, following])
    return whole


def _way(before: Strokes, after: Strokes) -> Float[np.ndarray, 2]:
    """From the last point of a line to the first of one that goes on beside it."""
    ended = np.cumsum(before[:, :2], 0)
    begun = np.cumsum(after[:, :2], 0)
    ended, begun = ended - ended[-1], begun - begun[0]
    few = max(1, round(NEAR * min(len(ended), len(begun))))
    height = ended[-few:, 1].mean() - begun[:few, 1].mean()
    return np.array([ended[:, 0].max() + GAP - begun[:few, 0].min(), height])
