"""Three ways to look at a photo before a word: everywhere a little (soft), at one place (hard), or not at all (none).

Xu et al. 2015, sections 4.1 and 4.2, and Vinyals et al. 2015. All three are bound to B photos and are asked by R = B·K rows with
what the core said last.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import NamedTuple, Self

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from shared.rnn.attention import AdditiveAttention


class Look(NamedTuple):
    """What is seen."""

    context: Float[Tensor, "R D"]
    attention: Float[Tensor, "R L"]
    """α, how likely or how strongly each location is looked at"""
    log_chance: Float[Tensor, "R 1"]
    """log-probability of the one place that chance chose; 0 where chance had no say"""


class Eyes(ABC):
    """A way to look at the locations of B photos."""

    def __init__(self, locations: Float[Tensor, "B L D"]) -> None:
        self.locations = locations
        self.context_size = locations.shape[2]

    @abstractmethod
    def __call__(self, hidden: Float[Tensor, "R H"]) -> Look: ...

    def only(self, photos: Int[Tensor, " P"]) -> Self:
        """The same eyes in front of these of their photos alone."""
        eyes = copy.copy(self)
        eyes.locations = self.locations[photos]
        return eyes


class Soft(Eyes):
    """The mean of all locations, weighted by attention (section 4.2)."""

    def __init__(self, attention: AdditiveAttention, locations: Float[Tensor, "B L D"]) -> None:
        super().__init__(locations)
        self.gaze = attention.look(locations)

    def only(self, photos: Int[Tensor, " P"]) -> Self:
        eyes = super().only(photos)
        eyes.gaze = self.gaze.only(photos)
        return eyes

    def __call__(self, hidden: Float[Tensor, "R H"]) -> Look:
        context, attention = self.gaze(hidden)
        return Look(context, attention, context.new_zeros(context.shape[0], 1))


class Hard(Soft):
    """One location alone (section 4.1): the likeliest, or, where networks learn, one drawn by attention's own odds.

    Half of all batches of the training take the weighted mean instead, which steadies what is learnt from draws: a coin for
    the whole batch, as the original code has it.

    Args:
        attention: what compares a location with the core's last output.
        locations: what can be looked at.
        learning: whether chance chooses.
    """

    def __init__(self, attention: AdditiveAttention, locations: Float[Tensor, "B L D"], learning: bool) -> None:
        super().__init__(attention, locations)
        self.learning = learning
        self.takes_mean = learning and bool(torch.rand(()) < 0.5)

    def __call__(self, hidden: Float[Tensor, "R H"]) -> Look:
        mean = super().__call__(hidden)
        if self.takes_mean:
            return mean
        attention = mean.attention
        place = torch.multinomial(attention.detach(), 1) if self.learning else attention.argmax(-1, keepdim=True)
        alone = F.one_hot(place[:, 0], attention.shape[1]).to(attention.dtype)
        context = (alone.unflatten(0, (self.locations.shape[0], -1)) @ self.locations).flatten(0, 1)
        log_chance = attention.gather(1, place).clamp(min=torch.finfo(attention.dtype).tiny).log()
        return Look(context, attention, log_chance if self.learning else torch.zeros_like(log_chance))


class Shut(Eyes):
    """Nothing: what was seen of the photo once, before the first word, must do (Vinyals et al. 2015)."""

    def __init__(self, locations: Float[Tensor, "B L D"]) -> None:
        super().__init__(locations)
        self.context_size = 0

    def __call__(self, hidden: Float[Tensor, "R H"]) -> Look:
        rows, places = hidden.shape[0], self.locations.shape[1]
        zeros = hidden.new_zeros(rows, 1)
        return Look(zeros[:, :0], (zeros + 1 / places).expand(-1, places), zeros)
