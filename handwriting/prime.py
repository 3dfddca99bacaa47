"""Priming: the network first reads ink with its text, and then goes on in the same hand (Graves 2013, sec. 5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from handwriting.data import UNKNOWN, pad_texts
from handwriting.model import SynthesisNetwork, SynthesisState
from handwriting.shape import OWN, Shape
from handwriting.strokes import Strokes
from handwriting.styles.features import describe
from handwriting.window import WindowState
from shared.errors import UserError
from shared.pretrained import device_of
from shared.rnn import unroll

END, ASTRAY = -1.3, 0.7
"""Where the middle of the window stands when a prime is read, in characters from the end of its text and the space behind it; and
how much farther off it is put back there. It was farther off after 3 of 40 lines that people wrote (IAM-OnDB, split 1), by 0.9 to
8.7: the pen then goes on with the prime's last letters. It always is if ink says less than its text: with two words that nobody
wrote behind the text, the reader had 38 % of the characters wrong that were written after it; with the window put back, 12 %."""
MOST_TOLD = 12
"""writers that an error names"""


class Opening(NamedTuple):
    """Where a line begins: what the network carries, one row of it, and what stands before the line's own text."""

    state: SynthesisState
    point: Float[Tensor, "1 3"]
    """the last point made, normalised: the next one's input"""
    text: str
    """the characters behind the window, with the space that ends them; "" at the very beginning"""
    writer: int = UNKNOWN
    """whose hand it is, in a network that knows writers"""
    traits: Float[Tensor, "1 K"] | None = None
    """of the hand, in a network that is told of hands; none is anybody's"""


class Hand(Protocol):
    """What a text can be written in."""

    @property
    def shape(self) -> Shape:
        """Which the ink is helped to keep."""

    def opening(self, network: SynthesisNetwork) -> Opening:
        """Where its lines begin."""


class Prime(NamedTuple):
    """Ink to go on from: a `Hand`."""

    strokes: Strokes
    """in tablet units"""
    text: str
    """what it says, in characters of the alphabet"""
    shape: Shape = OWN
    """which all that goes on from it is helped to keep"""

    def opening(self, network: SynthesisNetwork) -> Opening:
        """Where its lines begin."""
        upright = self._replace(strokes=self.shape.upright(self.strokes))
        traits = network.traits.of(describe(upright.strokes, self.text)[None]) if network.traits else None
        return read(network, upright, traits=traits)


class KnownWriter(NamedTuple):
    """One of the writers that a network has a vector of (`--lesson.know-writers`): a `Hand`."""

    number: int
    """as the lines that it learnt from have it"""
    shape: Shape = OWN

    @property
    def name(self) -> str:
        """As it is asked for."""
        return f"writer:{self.number}"

    def opening(self, network: SynthesisNetwork) -> Opening:
        """Where the writer's lines begin.

        Raises:
            UserError: if the network does not know the writer.
        """
        known = network.config.writers
        if self.number not in known:
            whom = f"the writers {_some(known)}" if known else "no writers: train one with --lesson.know-writers true"
            raise UserError(f"writer {self.number} is not known to this network; it knows {whom}")
        return read(network, None, self.number)


class MadeUp(NamedTuple):
    """A hand that chance makes up: a `Hand`. The same seed is the same hand in a network that is told of hands; in another one a
    line's hand is what becomes of it."""

    seed: int
    shape: Shape = OWN

    def opening(self, network: SynthesisNetwork) -> Opening:
        """Where its lines begin."""
        return of_traits(network, network.traits.draw(self.seed)) if network.traits else read(network, None)


def of_traits(network: SynthesisNetwork, traits: Float[Tensor, " K"]) -> Opening:
    """Where lines begin in a hand of these traits, of a network that is told of hands."""
    return read(network, None, traits=traits[None])


@torch.inference_mode()
def read(
    network: SynthesisNetwork,
    prime: Prime | None,
    writer: int = UNKNOWN,
    traits: Float[Tensor, "1 K"] | None = None,
) -> Opening:
    """What the network carries after a prime, or, without one, before all.

    It depends on the prime alone, so one reading does for every line that is written in its hand.

    Args:
        writer: whose hand it is, in a network that knows writers.
        traits: of the hand, in a network that is told of hands.

    Raises:
        ValueError: for a prime without a point or a text.
    """
    device = device_of(network)
    strokes = prime.strokes if prime else np.zeros((1, 3))
    if len(strokes) == 0 or (prime and not prime.text.strip()):
        raise ValueError("a prime needs ink and the text that it says")
    text = prime.text.strip() + " " if prime else ""
    characters, lengths = pad_texts([text])
    traits = None if traits is None else traits.to(device)
    core = network.read(characters.to(device), lengths.to(device), torch.tensor([writer], device=device), traits)
    points = network.normalise(torch.as_tensor(strokes, dtype=torch.float32, device=device))
    # Every line that the network has seen began where the pen came down.
    points[0] = network.normalise(torch.zeros(3, device=device))
    points[0, 2] = float(strokes[0, 2])
    state = core.initial_state(1)
    if len(points) > 1:
        _, state = unroll(core, points[None, :-1], state)
        state = state._replace(window=_put_back(state.window, len(text)))
    return Opening(state, points[None, -1], text, writer, traits)


def _put_back(window: WindowState, end: int) -> WindowState:
    """The window at the end of the text, if it went astray."""
    weights = window.phi[0] / window.phi[0].sum().clamp_min(1e-20)
    off = float(weights @ torch.arange(len(weights), device=weights.device, dtype=weights.dtype)) - end - END
    return window._replace(kappa=window.kappa - off) if abs(off) > ASTRAY else window


def _some(writers: Sequence[int]) -> str:
    """The first numbers of many."""
    told = ", ".join(map(str, writers[:MOST_TOLD]))
    return told if len(writers) <= MOST_TOLD else f"{told}, … ({len(writers)} in all)"
