"""A hand with a name, and what lies between two hands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

import torch

from handwriting.model import SynthesisNetwork
from handwriting.prime import Hand, Opening, Prime
from handwriting.shape import Shape
from handwriting.strokes import MM_PER_UNIT, Strokes, split
from handwriting.styles import KIND, VERSION
from handwriting.styles.normal import normal
from shared.rnn.core import zip_states

TERMS = "its writer's own"


@dataclass(frozen=True)
class Style:
    """A hand, by a line of its writing."""

    name: str
    text: str
    """what the line says"""
    strokes: Strokes
    """its ink, in any unit"""
    origin: str = ""
    """where it comes from"""
    terms: str = TERMS
    """under which it may be used"""

    @cached_property
    def prime(self) -> Prime:
        """The line as the network reads it.

        Raises:
            UserError: if the ink is none, or does not say this text.
        """
        return normal(self.strokes, self.text)

    @property
    def shape(self) -> Shape:
        """Which the ink is helped to keep."""
        return self.prime.shape

    def opening(self, network: SynthesisNetwork) -> Opening:
        """Where its lines begin."""
        return self.prime.opening(network)

    def encode(self) -> bytes:
        """Its file: JSON that may also be read as ink, the points in mm, as close as a tablet's units."""
        prime = self.prime
        content = {
            "format": KIND,
            "version": VERSION,
            "name": self.name,
            "text": prime.text,
            "origin": self.origin,
            "terms": self.terms,
            "unit": "mm",
            "strokes": [(stroke * MM_PER_UNIT).round(2).tolist() for stroke in split(prime.strokes)],
        }
        return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


@dataclass(frozen=True)
class Blend:
    """A hand between two others: what the network carries after the one and after the other, mixed.

    Args:
        share: of the second hand, 0 to 1.
    """

    one: Hand
    other: Hand
    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"the share of a blend's second style is from 0 to 1, got {self.share}")

    @property
    def name(self) -> str:
        """As it is spelled: one+other:0.3; "" where one of the hands has none."""
        one, other = (str(getattr(hand, "name", "")) for hand in (self.one, self.other))
        return f"{one}+{other}:{self.share:g}" if one and other else ""

    @property
    def shape(self) -> Shape:
        """Which the ink is helped to keep."""
        return self.one.shape.mixed(self.other.shape, self.share)

    def opening(self, network: SynthesisNetwork) -> Opening:
        """Where its lines begin: behind the text of the hand that has the larger share."""
        near, far, share = (self.one, self.other, self.share)
        if share > 0.5:
            near, far, share = far, near, 1 - share
        return _mixed(near.opening(network), far.opening(network), share)


@torch.inference_mode()
def _mixed(near: Opening, far: Opening, share: float) -> Opening:
    window = far.state.window
    # Where the window stands counts from the text's end, and texts differ in length. No step reads the φ before it.
    kappa = window.kappa - len(far.text) + len(near.text)
    moved = far.state._replace(window=window._replace(kappa=kappa, phi=near.state.window.phi))
    traits = None if near.traits is None or far.traits is None else torch.lerp(near.traits, far.traits, share)
    state = zip_states(lambda a, b: torch.lerp(a, b, share), near.state, moved)
    return near._replace(state=state, traits=traits)
