"""Several decoders that predict as one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from captioning.search.predictor import Predictor
from shared.rnn import State


class Ensemble:
    """The mean of what decoders with the same vocabulary predict, and of where they look.

        p = (p_1 + … + p_M) / M

    A decoder that looks at a grid of another size than the first one's has no say in where.

    Raises:
        ValueError: for no decoders.
    """

    def __init__(self, members: Sequence[Predictor]) -> None:
        if not members:
            raise ValueError("an ensemble needs a decoder at least, got none")
        self.members = tuple(members)

    def initial_state(self, batch: int) -> State:
        return tuple(member.initial_state(batch) for member in self.members)

    def predict(
        self, words: Int[Tensor, " R"], state: State
    ) -> tuple[Float[Tensor, "R V"], Float[Tensor, "R L"], State]:
        pairs = zip(self.members, state, strict=True)
        log_probs, attention, states = zip(*(member.predict(words, part) for member, part in pairs), strict=True)
        mean = torch.stack(log_probs).logsumexp(0) - math.log(len(self.members))
        alike = [weights for weights in attention if weights.shape == attention[0].shape]
        return mean, torch.stack(alike).mean(0), states

    def only(self, photos: Int[Tensor, " P"]) -> Ensemble:
        """The same decoders, in front of these of their photos alone."""
        return Ensemble([member.only(photos) for member in self.members])
