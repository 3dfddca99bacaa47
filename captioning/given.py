"""Captions that are given to the network to read: people's, and those that it drew itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from captioning.tokens import END, PAD, START


class Given(NamedTuple):
    """K captions of each of B photos, in falling order of length, as `LookingDecoder.read` likes them."""

    words: Int[Tensor, "B K T+1"]
    """from the start word on"""
    spoken: Bool[Tensor, "B K T"]
    """which of the words after the start are real, the end among them; a photo with fewer captions has empty rows"""

    @property
    def heard(self) -> Int[Tensor, "B K T"]:
        """The words that are read."""
        return self.words[..., :-1]

    @property
    def targets(self) -> Int[Tensor, "B K T"]:
        """The words that should follow them."""
        return self.words[..., 1:]

    def to(self, device: torch.device) -> Given:
        return Given(self.words.to(device), self.spoken.to(device))


def pad_captions(captions: Sequence[Sequence[list[int]]], rows: int) -> Given:
    """People's captions with start and end. A photo with fewer than `rows` captions has empty rows."""
    longest = max(len(caption) for photo in captions for caption in photo)
    words = torch.full((len(captions), rows, longest + 2), PAD)
    for b, photo in enumerate(captions):
        for k, caption in enumerate(sorted(photo, key=len, reverse=True)):
            words[b, k, : len(caption) + 2] = torch.tensor([START, *caption, END])
    return Given(words, words[..., 1:] != PAD)


def drawn_captions(words: Int[Tensor, "B K T"]) -> Given:
    """Captions as a search found them. One that had no room to end has no end."""
    before = F.pad((words == END).long().cumsum(-1)[..., :-1], (1, 0))
    spoken = before == 0  # no end has come before
    return _longest_first(Given(F.pad(words.masked_fill(~spoken, PAD), (1, 0), value=START), spoken))[0]


def read_together(first: Given, second: Given) -> tuple[Given, Bool[Tensor, "B K"]]:
    """Two givens of the same photos as one, and which of its captions are the second's."""
    steps = max(first.spoken.shape[-1], second.spoken.shape[-1])
    padded = [Given(*(F.pad(part, (0, steps - given.spoken.shape[-1])) for part in given)) for given in (first, second)]
    given, order = _longest_first(Given(*(torch.cat(parts, 1) for parts in zip(*padded, strict=True))))
    return given, order >= first.words.shape[1]


def _longest_first(given: Given) -> tuple[Given, Int[Tensor, "B K"]]:
    order = given.spoken.sum(-1).argsort(dim=-1, descending=True, stable=True)
    ordered = Given(*(part.gather(1, order[..., None].expand_as(part)) for part in given))
    return ordered, order


def mix_own_words(logits: Float[Tensor, "N V"], given: Given, share: float) -> Int[Tensor, "B K T"]:
    """The words to read, some of them drawn from what the network would have said there (scheduled sampling, Bengio et al.
    2015; all steps at once as Duckworth et al. 2019, who let it guess after people's words)."""
    guessed = torch.zeros_like(given.heard)
    guessed[given.spoken] = torch.distributions.Categorical(logits=logits.float()).sample()
    # What is said at a step is read at the next; the start word stays.
    guessed = torch.cat([given.heard[..., :1], guessed[..., :-1]], -1)
    own = (torch.rand(guessed.shape, device=guessed.device) < share) & given.spoken
    own[..., 0] = False
    return torch.where(own, guessed, given.heard)
