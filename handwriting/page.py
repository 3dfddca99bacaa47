"""A page: a sheet of paper, and lines of ink on it. What the layout makes and every file format takes.

All lengths are mm, x to the right and y downward.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from jaxtyping import Int

from handwriting.picture import Picture
from handwriting.sheet import RULINGS, Ruling
from handwriting.strokes import Strokes, bounds
from shared.errors import UserError

PEN_WIDTH = 0.45
MARGIN = 4.0
"""paper around ink that was laid on no page"""
INK_COLOUR, PAPER_COLOUR = "#1c2b57", "#ffffff"
RULE_COLOUR, RULE_WIDTH = "#c3d0e4", 0.15
LARGEST = 10_000.0
"""the longest side of a paper"""

Segment = tuple[float, float, float, float]


def hexadecimal(colour: str) -> str:
    """A colour as #rrggbb.

    Raises:
        UserError: if it is none.
    """
    if re.fullmatch("#[0-9a-f]{6}", colour):
        return colour
    from PIL import ImageColor

    try:
        return f"#{bytes(ImageColor.getrgb(colour.strip())[:3]).hex()}"
    except ValueError as error:
        raise UserError(f"{colour[:40]!r} is no colour; use #rrggbb or an HTML name") from error


@dataclass(frozen=True)
class Pen:
    """What a line is drawn with.

    Args:
        colour: #rrggbb or an HTML name; kept as #rrggbb.
        width: of the line, mm.

    Raises:
        UserError: for a colour that is none, or a width that no pen has.
    """

    colour: str = INK_COLOUR
    width: float = PEN_WIDTH

    def __post_init__(self) -> None:
        object.__setattr__(self, "colour", hexadecimal(self.colour))
        if not 0 < self.width <= 100:
            raise UserError(f"a pen's width must be over 0 and at most 100 mm, got {self.width}")


@dataclass(frozen=True)
class Paper:
    """A sheet.

    Raises:
        UserError: for sizes that no paper has, or an unknown ruling.
    """

    width: float
    height: float
    colour: str = PAPER_COLOUR
    ruling: Ruling = "blank"
    pitch: float = 8.0
    """from one rule to the next"""
    first_rule: float = 0.0
    """from the top edge to the first rule; 0 for a pitch"""
    left: float = 0.0
    top: float = 0.0
    """where the sheet's corner lies in the coordinates of the ink: zeros, except under ink that was laid on no page"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "colour", hexadecimal(self.colour))
        if not (0 < self.width <= LARGEST and 0 < self.height <= LARGEST):
            raise UserError(
                f"a paper's sides must be over 0 and at most {LARGEST:g} mm, got {self.width} x {self.height}"
            )
        if self.ruling not in RULINGS:
            raise UserError(f"there is no paper that is {self.ruling!r}; it can be {', '.join(RULINGS)}")
        if not 0.5 <= self.pitch <= LARGEST or not 0 <= self.first_rule <= LARGEST:
            raise UserError(
                f"rules must be at least 0.5 mm apart and on the paper, got {self.pitch} from {self.first_rule}"
            )
        if not (math.isfinite(self.left) and math.isfinite(self.top)):
            raise UserError(f"a paper's corner must be a place, got {self.left}, {self.top}")

    def rules(self) -> list[Segment]:
        """The printed lines, each x and y of its ends, from the sheet's corner."""
        if self.ruling == "blank":
            return []
        rows = np.arange(self.first_rule or self.pitch, self.height - 1e-6, self.pitch).tolist()
        across = [(0.0, y, self.width, y) for y in rows]
        if self.ruling == "ruled":
            return across
        columns = np.arange(self.width % self.pitch / 2 or self.pitch, self.width - 1e-6, self.pitch).tolist()
        return across + [(x, 0.0, x, self.height) for x in columns]


@dataclass(frozen=True)
class Line:
    """One line of ink where it lies on a page: the first offset is the way from (0, 0) to its first point."""

    strokes: Strokes
    text: str = ""
    pen: Pen = Pen()
    characters: Int[np.ndarray, " T"] | None = field(default=None, repr=False)
    """which character of `text` each point belongs to, where that is known"""


@dataclass(frozen=True)
class Page:
    """A sheet and its ink, in writing order."""

    paper: Paper
    lines: Sequence[Line]
    about: Mapping[str, str | int | float] = field(default_factory=dict)
    """what is kept beside the ink: text, seed, bias, model, style"""
    pictures: Sequence[Picture] = ()
    """what lies on the paper under the ink, the undermost first"""

    @classmethod
    def around(
        cls,
        strokes: Strokes,
        text: str = "",
        pen: Pen | None = None,
        about: Mapping[str, str | int | float] | None = None,
    ) -> Self:
        """Ink with a margin of paper on each side.

        Raises:
            UserError: for ink that is larger than any paper.
        """
        left, top, right, bottom = bounds(strokes)
        width, height = right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
        paper = Paper(width, height, left=left - MARGIN, top=top - MARGIN)
        return cls(paper, (Line(strokes, text, pen or Pen()),), about or ({"text": text} if text else {}))

    @property
    def text(self) -> str:
        """What is written on it."""
        return str(self.about.get("text") or "\n".join(line.text for line in self.lines if line.text))

    @property
    def origin(self) -> tuple[float, float]:
        """What is added to the ink's points to count them from the sheet's corner; see `strokes.split`."""
        return -self.paper.left, -self.paper.top

    @property
    def strokes(self) -> Strokes:
        """All ink as one: each line begins with the way from the end of the one before."""
        lines, end = [np.zeros((0, 3))], np.zeros(2)
        for line in self.lines:
            if len(line.strokes):
                moved = line.strokes.astype(np.float64)
                moved[0, :2] -= end
                lines.append(moved)
                end = line.strokes[:, :2].sum(0, dtype=np.float64)
        return np.concatenate(lines)

    def by_pen(self) -> dict[Pen, list[Line]]:
        """The lines of each pen, pens in the order they are taken up."""
        found: dict[Pen, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.pen, []).append(line)
        return found
