"""How a page is set up: the paper and how text stands on it. Free of torch, so that `--help` is quick."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal, get_args

from shared.config import ConfigError

Ruling = Literal["blank", "ruled", "squared"]
RULINGS: tuple[Ruling, ...] = get_args(Ruling)
Alignment = Literal["left", "centre", "right", "justify"]
ALIGNMENTS: tuple[Alignment, ...] = get_args(Alignment)
Orientation = Literal["usual", "portrait", "landscape"]
ORIENTATIONS: tuple[Orientation, ...] = get_args(Orientation)
SIZES = {
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "letter": (215.9, 279.4),
    "legal": (215.9, 355.6),
    "postcard": (148.0, 105.0),
}
"""width and height, mm"""
DEFAULT_SIZE = "a4"
LEAST_SIDE, LARGEST_SIDE = 10.0, 10_000.0
LEAST_ROOM = 10.0
"""mm between margins"""
USUAL_MARGIN = 0.1
"""of the paper's shorter side"""
USUAL_SPACING: dict[Ruling, float] = {"blank": 8.0, "ruled": 8.0, "squared": 10.0}
X_HEIGHT = 0.25
"""of the line spacing: then tall letters and tails of two lines, 2.4 and 1.4 x-heights long at most, rarely meet"""
SQUARES = 2
"""in a line's height, on squared paper"""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """Paper, and how text stands on it. Lengths are mm."""

    paper: str = ""
    """a3, a4, a5, a6, letter, legal, postcard, or WIDTHxHEIGHT in mm; without it, and with nothing else of this group, ink gets
    paper of its own size, else a4"""
    orientation: Orientation = "usual"
    """which side is up; a postcard is usually landscape, the others portrait"""
    ruling: Ruling = "blank"
    """what is printed on it; text stands on the rules, on squared paper on every second"""
    margin: float | tuple[float, float, float, float] | None = None
    """mm that are left free: one for all sides, or [top,right,bottom,left]; without it, a tenth of the paper's shorter side"""
    align: Alignment = "left"
    """where lines stand between the margins; justify widens the spaces between words"""
    spacing: float = 0.0
    """mm from one line to the next; 0: 8, on squared paper 10, and more if the writing's size needs it"""
    x_height: float = 0.0
    """size of the writing: mm that an x is high; 0: a quarter of the spacing"""
    drift: float = 0.0
    """mm that a line strays from its baseline at most"""
    slant: float = 0.0
    """degrees by which the slants of words differ: their standard deviation"""
    indent: float = 0.0
    """mm by which the first line is set in of a paragraph that has more, when aligned left or justified"""
    hyphenate: bool = False
    """whether words may be broken at the end of a line, where the pen was lifted in them; otherwise a word that is longer than a
    line is shrunk"""

    def __post_init__(self) -> None:
        if isinstance(self.margin, list):  # YAML knows only lists
            object.__setattr__(self, "margin", tuple(self.margin))
        for name, known in (("ruling", RULINGS), ("align", ALIGNMENTS), ("orientation", ORIENTATIONS)):
            if getattr(self, name) not in known:
                raise ConfigError(f"{name} must be {', '.join(known)}, got {getattr(self, name)!r}")
        if not all(LEAST_SIDE <= side <= LARGEST_SIDE for side in self.sides):
            raise ConfigError(f"a paper's sides must be {LEAST_SIDE:g} to {LARGEST_SIDE:g} mm, got {self.paper}")
        if isinstance(self.margin, tuple) and len(self.margin) != 4:
            raise ConfigError(f"margin must be one for all sides, or four, got {len(self.margin)}")
        if not all(margin >= 0 for margin in self.margins):
            raise ConfigError(f"margins must be at least 0 mm, got {self.margin}")
        for name, least, most in (
            ("spacing", 2.0, 200.0), ("x_height", 0.3, 100.0), ("drift", 0.0, 20.0), ("slant", 0.0, 30.0),
            ("indent", 0.0, LARGEST_SIDE),
        ):  # fmt: skip
            value = getattr(self, name)
            if value != 0 and not least <= value <= most:
                raise ConfigError(f"{name} must be {least:g} to {most:g}, got {value:g}")
        left, top, right, bottom = self.area
        width, height = right - left - self.indent, bottom - top
        if min(width, height) < LEAST_ROOM:
            what = "margins and indent" if self.indent else "margins"
            raise ConfigError(f"{what} must leave {LEAST_ROOM:g} mm for text both ways, got {width:g} x {height:g}")

    @property
    def sides(self) -> tuple[float, float]:
        """Width and height of the paper."""
        sides = _sides(self.paper or DEFAULT_SIZE)
        if self.orientation == "usual":
            return sides
        short, long = sorted(sides)
        return (short, long) if self.orientation == "portrait" else (long, short)

    @property
    def margins(self) -> Box:
        """Top, right, bottom, left."""
        if isinstance(self.margin, tuple):
            return self.margin
        usual = USUAL_MARGIN * min(self.sides) if self.margin is None else self.margin
        return usual, usual, usual, usual

    @property
    def area(self) -> Box:
        """Left, top, right and bottom of where ink may be."""
        (width, height), (top, right, bottom, left) = self.sides, self.margins
        return left, top, width - right, height - bottom

    @property
    def line_spacing(self) -> float:
        """From one baseline to the next."""
        return self.spacing or max(USUAL_SPACING[self.ruling], self.x_height / X_HEIGHT)

    @property
    def rule_pitch(self) -> float:
        """From one rule to the next."""
        return self.line_spacing / (SQUARES if self.ruling == "squared" else 1)

    @property
    def letter_size(self) -> float:
        """The x-height that ink is brought to."""
        return self.x_height or X_HEIGHT * self.line_spacing


def _sides(paper: str) -> tuple[float, float]:
    name = paper.strip().lower()
    if name in SIZES:
        return SIZES[name]
    number = r"(\d+(?:\.\d+)?)"
    if found := re.fullmatch(rf"{number}\s*(?:mm)?\s*[x×*]\s*{number}\s*(?:mm)?", name):
        return float(found[1]), float(found[2])
    near = difflib.get_close_matches(name, SIZES, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SIZES)}, and WIDTHxHEIGHT in mm (120x80)"
    raise ConfigError(f"there is no paper {paper!r}; {hint}")
