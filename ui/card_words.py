"""How large a text can be written in a box: found by arithmetic on the widths of its words, before anything is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from handwriting.pages import DEEP, TALL, paragraphs

if TYPE_CHECKING:
    from handwriting.ink import Ink

SPACING = 3.7
"""x-heights from one row to the next"""
LEAST_SIZE = 0.8
"""mm of an x: smaller, nobody reads it"""
STEP = 0.96
"""from one size that is tried to the next"""
WIDTH_STEP = 0.97

Piece = tuple[float, float]
"""width of a word and of the gap behind it, in x-heights"""
USUAL: list[Piece] = [(5.0, 1.2)] * 8
"""the words of a caption"""


class Fit(NamedTuple):
    """How a text stands in a box."""

    size: float
    """mm: the x-height"""
    rows: int
    width: float
    """mm: the least in which there are no more rows than that, so that they are about equally long"""

    @property
    def height(self) -> float:
        """mm, from the top of tall letters to the end of tails."""
        return height_of(self.rows, self.size)


class Measured:
    """The words of a text, measured once; without ink, those of a usual caption."""

    def __init__(self, ink: Ink | None) -> None:
        written = paragraphs(ink.lines, 1.0) if ink else []
        self._paragraphs: list[list[Piece]] = [[(word.width, word.gap) for word in own] for own in written] or [USUAL]
        self._widest = max((width for own in self._paragraphs for width, _ in own), default=1.0)

    def fit(self, width: float, height: float, most: float, pen: float = 0.0) -> Fit | None:
        """The largest writing in a box; None if even the smallest is too large.

        Args:
            width: of the box, mm.
            height: of the box, mm.
            most: mm of an x: larger looks clumsy.
            pen: width of its line, mm.
        """
        width, height = width - pen, height - pen
        size = most
        while size >= LEAST_SIZE:
            rows = self._rows(width / size)
            if height_of(rows, size) <= height and self._widest * size <= width:
                return Fit(size, rows, self._balanced(size, rows, width) + pen)
            size *= STEP
        return None

    def _balanced(self, size: float, rows: int, width: float) -> float:
        """The least width that takes no more rows."""
        while width * WIDTH_STEP > self._widest * size and self._rows(width * WIDTH_STEP / size) == rows:
            width *= WIDTH_STEP
        return width

    def _rows(self, room: float) -> int:
        return sum(_rows_of(own, room) for own in self._paragraphs)


def height_of(rows: int, size: float) -> float:
    """mm that rows of that x-height take."""
    return (TALL + DEEP + SPACING * (rows - 1)) * size


def _rows_of(paragraph: Sequence[Piece], room: float) -> int:
    rows, end = 1, 0.0
    for width, gap in paragraph:
        if end and end + width > room:
            rows, end = rows + 1, 0.0
        end += width + gap
    return rows
