"""The shape of a hand: how far it leans, and how wide it is for its height.

A network writes upright hands best: after 55 lines of people who lean to the right by 0.3 or more, 65 % of its first draws are
whole if it reads them upright (`handwriting fidelity --split 2 --lean 0.3 --each 12`), and 44 % were when it read them as they
are. So it reads every hand upright. And it falls back on a width of its own: of how much wider or narrower a prime is, what is
written after it keeps a part only. What is lost of the letters is lost; the lean, and what is lost of the width, are given back
by one slant and one stretch. They are the same for all ink of a style, so ink can have them as it is made.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from handwriting.strokes import Strokes

STEEPEST, NARROWEST, WIDEST = 1.5, 74.0, 460.0
"""limits of a slant and of a width that are believed: 0.4 and 2.5 times the mean width, which of 5,086 lines of IAM-OnDB's split 0
two in a thousand pass"""
KEPT_WIDTH = 0.45
"""The part that the shipped network keeps of the width's logarithm: `handwriting fidelity --split 3 --each 1` tells it."""
HEIGHT = 81.0
"""tablet units: how high, by `measure`, a prime is made; the geometric mean of the same 5,086 lines"""


class Shape(NamedTuple):
    """How a hand is shaped that is `HEIGHT` high."""

    slant: float
    """how far downward strokes go to the right for each unit that they go down; a hand that leans to the right has less than 0"""
    width: float
    """of a character, spaces counted; tablet units"""

    def onto(self, other: Shape, share: float = 1.0) -> Float[np.ndarray, "2 2"]:
        """What offsets [dx, dy] of ink of this shape are multiplied by, from the right, to have the other's slant, and its width or
        that share of the way to it."""
        wider = (other.width / self.width) ** share
        return np.array([[wider, 0.0], [other.slant - wider * self.slant, 1.0]])

    def upright(self, strokes: Strokes) -> Strokes:
        """Ink of this shape, as the network reads it: leaning as its own does."""
        return _turned(strokes, self.onto(OWN, 0.0))

    def remedy(self) -> Float[np.ndarray, "2 2"]:
        """What offsets written after such a hand, upright, are multiplied by to have its shape again."""
        return OWN.onto(self, 1 - KEPT_WIDTH)

    def mend(self, strokes: Strokes) -> Strokes:
        """Gives ink that was written after a hand of this shape, upright, what it lacks of it."""
        return _turned(strokes, self.remedy())

    def reshape(self, strokes: Strokes, other: Shape) -> Strokes:
        """Ink of this shape with the other's."""
        return _turned(strokes, self.onto(other))

    def mixed(self, other: Shape, share: float) -> Shape:
        """A shape between this one (share 0) and another (share 1)."""
        slant = (1 - share) * self.slant + share * other.slant
        return Shape(slant, self.width ** (1 - share) * other.width**share)


OWN = Shape(0.015, 201.0)
"""what the shipped network writes when it is given no hand, by the same command; its `remedy` is none"""


def _turned(strokes: Strokes, matrix: Float[np.ndarray, "2 2"]) -> Strokes:
    return np.column_stack([strokes[:, :2] @ matrix, strokes[:, 2]])


class Measures(NamedTuple):
    """Of a line of ink, in its own unit."""

    shape: Shape
    height: float
    """root mean square of the ink about its middle"""


def measure(strokes: Strokes, characters: int) -> Measures:
    """The shape of a level line of ink in any unit, and its height in that unit.

    Args:
        strokes: its ink; the first offset is 0.
        characters: how many it has, spaces counted.

    Raises:
        ValueError: for ink that has no width or no height.
    """
    drawn = np.append(False, strokes[:-1, 2] < 0.5)
    down = strokes[drawn & (strokes[:, 1] > 0)]
    length = np.hypot(
        down[:, 0], down[:, 1]
    )  # by which each piece counts, so that it does not matter how ink is cut up
    slant = float((down[:, 0] * down[:, 1] / length).sum() / max((down[:, 1] ** 2 / length).sum(), 1e-300))
    slant = float(np.clip(slant, -STEEPEST, STEEPEST))
    width = float(np.ptp(np.cumsum(strokes[:, 0] - slant * strokes[:, 1]))) / characters
    weight = np.hypot(strokes[:, 0], strokes[:, 1]) * drawn
    if not (weight.sum() > 0 and width > 0):
        raise ValueError("the ink has no width: it is dots, or one straight stroke")
    places = np.cumsum(strokes[:, 1]) - strokes[:, 1] / 2
    middle = np.average(places, weights=weight)
    height = float(np.sqrt(np.average((places - middle) ** 2, weights=weight)))
    if height < 1e-3 * width:
        raise ValueError("the ink has no height: it is one flat stroke")
    return Measures(Shape(slant, float(np.clip(width * HEIGHT / height, NARROWEST, WIDEST))), height)
