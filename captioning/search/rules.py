"""Which words may come next, by what has been said."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from captioning.search.predictor import NEVER
from captioning.tokens import END, PAD, START, UNKNOWN

Phrase = tuple[int, ...]


@dataclass(frozen=True)
class Rules:
    """What a caption must be like, in the numbers of words. Unknown words are never said, and no caption is empty.

    Args:
        minimum: words at least.
        no_repeat: n, if the same n words in a row may not come twice; 0 if they may.
        banned: words, and rows of words, that may not occur.
        required: words, and rows of words, that must.

    Raises:
        ValueError: for numbers that are none, or a phrase without words.
    """

    minimum: int = 1
    no_repeat: int = 0
    banned: tuple[Phrase, ...] = ()
    required: tuple[Phrase, ...] = ()

    def __post_init__(self) -> None:
        if self.minimum < 1 or self.no_repeat < 0:
            raise ValueError(f"need minimum >= 1 and no_repeat >= 0, got {self.minimum} and {self.no_repeat}")
        if not all((*self.banned, *self.required)):
            raise ValueError("a banned or required phrase needs a word at least, got one without")

    def mask(self, vocabulary: int, device: torch.device) -> Float[Tensor, " V"]:
        """0 for each word, -inf for those that may never come."""
        mask = torch.zeros(vocabulary)
        mask[[PAD, START, UNKNOWN, *(phrase[0] for phrase in self.banned if len(phrase) == 1)]] = NEVER
        return mask.to(device)

    def allow(
        self, log_probs: Float[Tensor, "R V"], said: Int[Tensor, "R T"], mask: Float[Tensor, " V"]
    ) -> Float[Tensor, "R V"]:
        """The log-probabilities again, -inf for words that may not come after the T that have been said."""
        allowed = log_probs + mask
        if said.shape[1] < self.minimum:
            allowed[:, END] = NEVER
        for *before, last in (phrase for phrase in self.banned if 1 < len(phrase) <= said.shape[1] + 1):
            allowed[:, last] = torch.where(_ends_with(said, before), NEVER, allowed[:, last])
        if 0 < self.no_repeat <= said.shape[1]:
            _forbid_repeats(allowed, said, self.no_repeat)
        return allowed


def _ends_with(said: Int[Tensor, "R T"], words: list[int]) -> Bool[Tensor, " R"]:
    matches = torch.ones_like(said[:, 0], dtype=torch.bool)
    for place, word in enumerate(reversed(words), 1):
        matches = matches & (said[:, -place] == word)
    return matches


def _forbid_repeats(allowed: Float[Tensor, "R V"], said: Int[Tensor, "R T"], length: int) -> None:
    """Forbids, in place, each word that once followed the same length - 1 words that were said last."""
    windows = said.unfold(1, length, 1)
    again = (windows[..., :-1] == said[:, None, said.shape[1] - length + 1 :]).all(-1)
    ceilings = torch.where(again, NEVER, -NEVER).to(allowed.dtype)
    # The least of the ceilings, for a word may follow one window that matches and another that does not.
    allowed.scatter_reduce_(1, windows[..., -1], ceilings, "amin")
