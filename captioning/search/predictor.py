"""What goes into a search, and what comes out of it."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from captioning.tokens import START
from shared.rnn import State, leaves

NEVER = float("-inf")


@runtime_checkable
class Predictor(Protocol):
    """What a search needs of a decoder. R is a multiple of the photos that it is bound to; the rows of one lie together."""

    def initial_state(self, batch: int) -> State:
        """The state of so many rows before the first word."""

    def predict(
        self, words: Int[Tensor, " R"], state: State
    ) -> tuple[Float[Tensor, "R V"], Float[Tensor, "R L"], State]:
        """Log-probabilities of the next words, where it looked for them, and the state after."""

    def only(self, photos: Int[Tensor, " P"]) -> Predictor:
        """The same, bound to these of its photos alone."""


class Found(NamedTuple):
    """Captions of each photo. T words, the end and what follows it too.

    A caption that there is not, because nothing else can be said, has the score -inf.
    """

    words: Int[Tensor, "B N T"]
    word_log_probs: Float[Tensor, "B N T"]
    """by the network alone, whatever a search preferred or forbade; 0 after the end"""
    attention: Float[Tensor, "B N T L"]
    log_probs: Float[Tensor, "B N"]
    scores: Float[Tensor, "B N"]


def first_words(photos: int, state: State) -> Int[Tensor, " B"]:
    """A start word for each photo, on the device where the state lies."""
    return torch.full((photos,), START, dtype=torch.long, device=leaves(state)[0].device)
