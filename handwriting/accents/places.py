"""Where accents go: over, under or through their letter, clear of the ink about it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from handwriting.accents import shapes
from handwriting.curves import Shape, drawn
from handwriting.letters import LOW, Box, Letters
from handwriting.spelling import Accent
from handwriting.strokes import Points

BELOW: frozenset[Accent] = frozenset({"dot below", "comma below", "cedilla", "ogonek"})
CROSSING: frozenset[Accent] = frozenset({"stroke"})
GAP, LEAST_GAP = 0.28, 0.6
"""between a letter and what stands over or under it: in heights of a small letter, and at least in mm, for the pen has a width"""
LEAST_SIZE = 1.7
"""mm: the small letter whose accents the smallest hand still draws; lesser ones would run together"""
CLEAR = 0.85
"""how far an accent keeps from other ink where it can, in gaps"""
ASIDE, AWAY = (0.0, 0.1, -0.1, 0.22, -0.22), (0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.95)
"""how far it may be moved for that, to the right and away from its letter"""


class Hand:
    """Draws accents on the letters of one line.

    Args:
        letters: of the line.
        random: small differences from one accent to the next.
    """

    def __init__(self, letters: Letters, random: np.random.Generator) -> None:
        self.letters, self.random = letters, random
        self.gap = max(GAP * letters.height, LEAST_GAP)
        self.ink = np.concatenate([np.zeros((0, 2)), *(stroke.points for stroke in letters.strokes)])

    def draw(self, position: int, accents: Sequence[Accent]) -> list[Points]:
        """The strokes of a letter's accents, from the inside to the outside, mm; none for a letter without ink."""
        box = self.letters.box(position)
        if box is None:
            return []
        letter, strokes = self.letters.text[position], []
        top = box.top - self.gap
        for accent in accents:
            if accent == "stroke":
                own = self._across(letter, box)
            elif accent == "horn":
                own = self._at(shapes.SHAPES[accent], *_top_right(box))
            elif accent in BELOW:
                own = self._under(accent, position, box)
            elif accent == "caron" and letter in "dtlL":
                own = self._beside(box)
            elif accent == "dotless":
                own = []
            else:
                own = self._over(accent, letter, box, top)
                top = min(stroke[:, 1].min() for stroke in own) - 0.7 * self.gap
            self.ink = np.concatenate([self.ink, *own])
            strokes += own
        return strokes

    def _over(self, accent: Accent, letter: str, box: Box, bottom: float) -> list[Points]:
        middle, y = box.middle, (box.top + box.bottom) / 2
        if letter in "bdfhklt":
            y = box.top
            middle = _middle(box.points, box.top, box.top + 0.3 * (box.bottom - box.top))
        shape = shapes.TURNED_COMMA if accent == "cedilla" else shapes.SHAPES[accent]
        size = 1.0 if letter in LOW else 1.15
        x = middle + self.letters.slant * (y - bottom) + self._about(0.03)
        return self._clear(self._at(shape, x, bottom + self._about(), size), up=-1)

    def _under(self, accent: Accent, position: int, box: Box) -> list[Points]:
        letter, height, points = self.letters.text[position], self.letters.height, box.points
        if accent == "cedilla" and letter == "g":
            return self._over(accent, letter, box, box.top - self.gap)
        foot = points[points[:, 1] > box.bottom - 0.25 * height]
        if accent == "ogonek":
            right = foot[foot[:, 0] >= np.percentile(foot[:, 0], 70)]
            return self._at(shapes.SHAPES[accent], float(np.median(right[:, 0])), float(right[:, 1].max()))
        if accent == "cedilla" and letter in "cCsSeE":
            return self._at(shapes.SHAPES[accent], float(np.median(foot[:, 0])), box.bottom)
        shape = shapes.SHAPES["dot below" if accent == "dot below" else "comma below"]
        # Under a letter that hangs itself there is room beside its tail only.
        hangs = box.bottom > self.letters.line(position) + 0.3 * height
        bottom = self.letters.line(position) if hangs else box.bottom
        x = box.right if hangs else box.middle - self.letters.slant * (box.bottom - box.top) / 2
        return self._clear(self._at(shape, x + self._about(), bottom + self.gap + self._about()), up=1)

    def _beside(self, box: Box) -> list[Points]:
        right, _ = _top_right(box)
        return self._clear(self._at(shapes.APOSTROPHE, right + self.gap, box.top + self._about()), up=-1)

    def _across(self, letter: str, box: Box) -> list[Points]:
        height, middle = self.letters.height, (box.top + box.bottom) / 2
        if letter in "oO":
            size = (box.bottom - box.top) / max(height, LEAST_SIZE)
            return self._at(shapes.SLASH, (box.left + box.right) / 2, middle + self._about(), size)
        if letter in "lL":
            return self._at(shapes.SHORT_SLASH, _x_at(box.points, middle), middle)
        # The bar of đ and ħ crosses what rises over the small letters, that of Ħ both stems, that of Đ, ŧ and Ŧ the stem half way.
        y = box.top + (0.2 if letter in "dhH" else 0.5) * (box.bottom - box.top)
        if letter == "H":
            return self._at(shapes.BAR, box.middle, y, 1.5 * (box.right - box.left) / height)
        x = box.left if letter == "D" else _x_at(box.points, y)
        return self._at(shapes.BAR, x, y + self._about())

    def _at(self, shape: Shape, x: float, y: float, size: float = 1.0) -> list[Points]:
        size *= max(self.letters.height, LEAST_SIZE)
        strokes = drawn(shape, size, self.letters.slant, self.letters.spacing, self.random)
        return [stroke + np.array([x, y]) for stroke in strokes]

    def _about(self, middle: float = 0.0) -> float:
        """A small length, other each time, mm."""
        return float(self.random.normal(middle, 0.035)) * self.letters.height

    def _clear(self, strokes: list[Points], up: int) -> list[Points]:
        """Moves an accent a little, away from its letter (`up` -1 upward, 1 downward) or sideways, off the ink about it."""
        height = self.letters.height
        own = np.concatenate(strokes)
        near = self.ink[(abs(self.ink - own.mean(0)) < 2.5 * height).all(1)]
        if not len(near):
            return strokes

        moves = np.array(list(itertools.product(ASIDE, AWAY))) * (1, up) * height
        gaps = own[:, None, None] + moves - near[:, None]
        closest = np.hypot(gaps[..., 0], gaps[..., 1]).min((0, 1)) / self.gap
        price = 4 * (CLEAR - closest).clip(0) + abs(moves).sum(1) / height
        return [stroke + moves[price.argmin()] for stroke in strokes]


def _top_right(box: Box) -> tuple[float, float]:
    """The point of a letter's upper part that lies furthest right."""
    upper = box.points[box.points[:, 1] <= box.top + 0.4 * (box.bottom - box.top)]
    x, y = upper[upper[:, 0].argmax()]
    return float(x), float(y)


def _x_at(points: Points, y: float) -> float:
    """Where a stem is at a height."""
    nearest = np.argsort(abs(points[:, 1] - y), kind="stable")[:3]
    return float(np.median(points[nearest, 0]))


def _middle(points: Points, top: float, bottom: float) -> float:
    """x of the middle of what lies between two heights."""
    band = points[(points[:, 1] >= top) & (points[:, 1] <= bottom)]
    return float(np.median(band[:, 0] if len(band) else points[:, 0]))
