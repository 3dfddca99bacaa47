"""A language small enough to enumerate, and networks that speak it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import torch
from torch import Tensor

from captioning.decoder import Decoder
from captioning.search import Found, Predictor
from captioning.tokens import END, SPECIAL, START

WORDS = 3
V = len(SPECIAL) + WORDS
SAYABLE = range(len(SPECIAL), V)
Words = tuple[int, ...]


def make_decoder(seed: int = 0, attention: str = "soft") -> Decoder:
    torch.manual_seed(seed)
    decoder = Decoder(V, 4, word_size=5, hidden_size=6, context_size=4, attention_size=3, attention=attention).eval()
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.mul_(3)  # decided, so that scores lie well apart
    return decoder


def make_grid(photos: int = 3, places: int = 5) -> Tensor:
    torch.manual_seed(photos)
    return 2 * torch.randn(photos, places, 4)


@torch.inference_mode()
def log_prob(predictor: Predictor, words: Words) -> float:
    """Of a caption of the one photo and its end, one word after the other."""
    state, total = predictor.initial_state(1), 0.0
    for before, word in itertools.pairwise((START, *words, END)):
        log_probs, _, state = predictor.predict(torch.tensor([before]), state)
        total += float(log_probs[0, word])
    return total


def everything(maximum: int) -> Iterator[Words]:
    """All that can be said in so many words."""
    for length in range(1, maximum + 1):
        yield from itertools.product(SAYABLE, repeat=length)


def spoken(row: Tensor) -> Words:
    numbers = row.tolist()
    return tuple(numbers[: numbers.index(END)])


def captions(found: Found, photo: int = 0) -> list[Words]:
    """Those of a photo that there are, in their order."""
    there = found.scores[photo] > float("-inf")
    return [spoken(row) for row in found.words[photo][there]]


def same(alone: Found, together: Found, photo: int) -> None:
    """Asserts that a photo's captions and all that was noted of them do not hang on what stands beside it."""
    assert captions(alone) == captions(together, photo)
    torch.testing.assert_close(alone.scores[0], together.scores[photo])
    for mine, ours in zip(alone[1:3], together[1:3], strict=True):
        length = min(mine.shape[2], ours.shape[2])
        there = alone.scores[0] > float("-inf")
        torch.testing.assert_close(mine[0, there, :length], ours[photo, there, :length])
