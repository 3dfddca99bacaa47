"""Words that every caption must have: a beam in banks, one for each number of required words met.

Hokamp and Liu 2017; Post and Vilar 2018. Captions compete only with those that have met as many, so the likely ones
that do without the words cannot crowd out the others; and a required word is always tried, likely or not.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from captioning.search.predictor import NEVER
from captioning.search.rules import Phrase


class Required:
    """The phrases, as automata that read captions word by word (Knuth, Morris and Pratt 1977).

    Of a phrase as many words are met as the caption's end agrees with its beginning; once met in whole, it stays met.

    Args:
        phrases: the C phrases, none of which is empty.
        device: where the captions lie.
    """

    def __init__(self, phrases: Sequence[Phrase], device: torch.device) -> None:
        phrases = tuple(dict.fromkeys(phrases))
        letters = sorted({word for phrase in phrases for word in phrase})
        longest = max(map(len, phrases), default=0)
        # The last column is any other word.
        after = [
            [[_met(phrase, met, word) for word in (*letters, None)] for met in range(longest + 1)] for phrase in phrases
        ]
        self.words = torch.tensor(letters, dtype=torch.long, device=device)
        self.after = torch.tensor(after, dtype=torch.long, device=device)
        self.phrases = len(phrases)
        self.total = sum(map(len, phrases))

    def __bool__(self) -> bool:
        return bool(self.phrases)

    def advance(self, progress: Int[Tensor, "*rows C"], words: Int[Tensor, "*rows"]) -> Int[Tensor, "*rows C"]:
        """Words met of each phrase, when one more has been said."""
        same = words[..., None] == self.words
        letter = torch.where(same.any(-1), same.int().argmax(-1), len(self.words))
        return self.after[torch.arange(self.phrases, device=words.device), progress, letter[..., None]]

    def met(self, progress: Int[Tensor, "*rows C"]) -> Bool[Tensor, "*rows"]:
        """Whether a caption has them all."""
        return progress.sum(-1) == self.total

    def candidates(
        self,
        log_probs: Float[Tensor, "P K"],
        progress: Int[Tensor, "P K C"],
        wanted: Float[Tensor, "P K V"],
        width: int,
    ) -> tuple[Float[Tensor, "P S K M"], Int[Tensor, "P K M"]]:
        """Continuations of each caption: the `width` best by words that no phrase has, and all by words that one has.

        Returns:
            Their scores as each of the S banks sees them, -inf in all but their own; and their words.
        """
        other, words = wanted.index_fill(2, self.words, NEVER).topk(min(width, wanted.shape[2]))
        words = torch.cat([words, self.words.expand(*words.shape[:2], -1)], 2)
        scores = log_probs[..., None] + torch.cat([other, wanted[..., self.words]], 2)
        reached = self.advance(progress[:, :, None].expand(-1, -1, words.shape[2], -1), words).sum(-1)
        banks = torch.arange(self.total + 1, device=words.device)[:, None, None]
        return torch.where(reached[:, None] == banks, scores[:, None], NEVER), words


def _met(phrase: Phrase, met: int, word: int | None) -> int:
    """How much of the phrase is met when a word follows `met` words of it."""
    if met >= len(phrase):
        return len(phrase)
    said = (*phrase[:met], word)
    return max(n for n in range(met + 2) if said[len(said) - n :] == phrase[:n])
