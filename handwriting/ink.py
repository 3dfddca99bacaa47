"""A written text: lines of ink, in mm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from jaxtyping import Int
from PIL.Image import Image

from handwriting import accents, formats, layout, signs
from handwriting.coverage import WHOLE, Coverage
from handwriting.manuscript import Bias, Row
from handwriting.page import INK_COLOUR, PEN_WIDTH, Page, Pen
from handwriting.pages import lay_out
from handwriting.shape import OWN, Shape
from handwriting.sheet import Sheet
from handwriting.strokes import Strokes, level


@dataclass(frozen=True)
class InkLine:
    """One line as the network wrote it."""

    text: str
    """as it reads, accents included; "" for an empty line, which has no ink"""
    strokes: Strokes = field(repr=False)
    """in mm, level; the first offset is 0"""
    characters: Int[np.ndarray, " T"] = field(repr=False)
    """the position in `text` of the character that each point belongs to"""
    ends_paragraph: bool = True
    """whether the text's own line ends with it; otherwise it was broken here"""
    ends_word: bool = True
    """whether a word ends with it; otherwise one was too long for a line of the network, and goes on in the next"""
    coverage: Coverage = WHOLE
    """whether every character is there, once"""

    @classmethod
    def of(
        cls,
        row: Row,
        strokes: Strokes,
        characters: Int[np.ndarray, " T"],
        upto: int,
        coverage: Coverage = WHOLE,
        shape: Shape = OWN,
        seed: int = 0,
    ) -> Self:
        """A row as far as the network has written it, level, with its signs and accents.

        Args:
            strokes: in mm, as the network made them.
            characters: the character of `row.text` that each point belongs to.
            upto: how many of these there are yet; behind the last one, all that is drawn is there too.
            coverage: of these characters.
            shape: of the hand, for a row that the network writes nothing of.
            seed: where chance comes from in such a row.
        """
        end = row.places[upto - 1] + 1 if upto < len(row.text) else len(row.spelling.plain)
        spelling = row.spelling.part(0, end)
        bare = cls(row.text[:upto], level(strokes), characters)
        plain = signs.add(bare, spelling.plain, row.places[:upto], row.biases, shape, seed)
        own = coverage.at(row.places)
        return cls(spelling.written, *accents.add(*plain, spelling), row.ends_paragraph, row.ends_word, own)


@dataclass(frozen=True)
class Ink:
    """A written text."""

    lines: tuple[InkLine, ...]
    text: str
    """what was asked for"""
    bias: Bias
    seed: int
    """the same text, bias, style and seed give the same ink"""
    replaced: Mapping[str, str] = field(default_factory=dict)
    """each character that was written as something else, and what was written instead ("" for nothing)"""
    draws: int = 0
    """how many lines were drawn"""
    failures: int = 0
    """how many of them were not whole"""
    style: str = ""
    """the name of the hand that was taken on, if it has one"""

    @property
    def strokes(self) -> Strokes:
        """All ink, lines one under the other."""
        return layout.stack([line.strokes for line in self.lines])

    @property
    def written(self) -> str:
        """What was written, its lines separated by \\n."""
        return "\n".join(line.text for line in self.lines)

    @property
    def characters(self) -> Int[np.ndarray, " T"]:
        """The position in `written` of the character that each point belongs to."""
        starts = np.cumsum([0, *(len(line.text) + 1 for line in self.lines)])
        return np.concatenate([line.characters + start for line, start in zip(self.lines, starts, strict=False)])

    @property
    def flawed(self) -> tuple[InkLine, ...]:
        """Lines on which, at the best of all attempts, something is missing or too much."""
        return tuple(line for line in self.lines if not line.coverage.whole)

    def page(self, colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> Page:
        """The ink on a paper of its own size; `width` of the pen in mm.

        Raises:
            UserError: for a colour that is none.
        """
        return Page.around(self.strokes, self.written, Pen(colour, width), self.about)

    def pages(self, sheet: Sheet, pen: Pen | None = None) -> list[Page]:
        """The ink on as many pages of a sheet as it takes; see `pages.lay_out`."""
        return lay_out(self.lines, sheet, pen, self.seed, self.about)

    @property
    def about(self) -> dict[str, str | int | float]:
        """What is kept beside the ink in files."""
        bias = {"bias": float(self.bias)} if isinstance(self.bias, int | float | np.number) else {}
        style = {"style": self.style} if self.style else {}
        return {"text": self.text, "seed": self.seed, **bias, **style}

    def svg(self, colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> str:
        """SVG, one path a stroke; `width` of the pen in mm."""
        return formats.encode(self.page(colour, width), ".svg")[0].decode()

    def png(self, colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> bytes:
        """A PNG file of 305 dpi."""
        return formats.encode(self.page(colour, width), ".png")[0]

    def image(self, resolution: float = 12.0) -> Image:
        """A picture of `resolution` pixels a mm."""
        from handwriting.formats import png

        return png.draw(self.page(), resolution)

    def save(self, path: Path | str) -> Path:
        """Writes a file of the format that the ending names; see `formats.write_ink`."""
        return formats.write_ink(self.page(), path)[0]
