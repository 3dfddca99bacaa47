"""The text of a page, unseen under its ink in a PDF: what is searched for and copied there."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fpdf import FPDF
from fpdf.enums import TextMode
from jaxtyping import Int

from handwriting import strokes as ink_of
from handwriting.page import Line, Page

POINTS_A_MM = 72 / 25.4
FONT = "unseen"
NO_DATE = 2_082_844_800
"""1970, in seconds since 1904; the same ink gives the same file, whenever it is written"""
LARGEST_LETTERS = 8.0
"""mm; ink can be higher than letters should be that a viewer marks"""
NARROWEST = 0.1
"""mm; of what a viewer can mark"""
WIDEST_SPACE = 0.4
"""between words, in heights of letters: where it is much wider, as in a justified line, viewers take words for columns"""


Span = tuple[str, float, float]
"""text, and the left and right edge of its ink"""


class Piece(NamedTuple):
    """Some of a line's text, and where its ink lies, mm from the sheet's corner."""

    text: str
    left: float
    right: float
    top: float
    bottom: float


def add_font(file: FPDF, pages: Iterable[Page]) -> None:
    """Adds a font that has every character of the pages' texts. The fonts that all viewers have know Latin-1 alone."""
    characters = sorted({character for page in pages for line in page.lines for character in line.text} | {" "})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unseen.ttf"
        _blank_font(characters).save(path)
        file.add_font(FONT, fname=path)


def lay(file: FPDF, page: Page) -> None:
    """Lays the text of a page under its ink."""
    for line in page.lines:
        for piece in pieces(line, page.origin):
            file.set_font(FONT, size=min(piece.bottom - piece.top, LARGEST_LETTERS) * POINTS_A_MM)
            with file.local_context(text_mode=TextMode.INVISIBLE):
                # Not as an option of the context: that changes what fpdf2 reckons with, but is never written.
                file.set_stretching(100 * (piece.right - piece.left) / file.get_string_width(piece.text))
                file.text(piece.left, piece.top + 0.8 * (piece.bottom - piece.top), piece.text)


def pieces(line: Line, origin: tuple[float, float]) -> list[Piece]:
    """The words of a line and the spaces between them, a word about as wide as its ink. Where it is not known which ink is whose:
    its rows, as wide as the line, for which its height is shared out evenly."""
    rows = line.text.splitlines()
    left, top, right, bottom = (np.reshape(ink_of.bounds(line.strokes), (2, 2)) + origin).ravel().tolist()
    if line.characters is not None and len(rows) == 1:
        bottom = max(bottom, top + 1.0)
        near = _near(_words(line, line.characters, origin[0]), WIDEST_SPACE * min(bottom - top, LARGEST_LETTERS))
        return [Piece(text, begin, end, top, bottom) for text, begin, end in _with_spaces(near)]
    height = max((bottom - top) / max(len(rows), 1), 1.0)
    heights = [top + number * height for number in range(len(rows) + 1)]
    return [Piece(row, left, right, *y) for row, y in zip(rows, pairwise(heights), strict=True) if row and right > left]


def _words(line: Line, characters: Int[np.ndarray, " T"], start: float) -> Iterator[Span]:
    """The words that have ink, and where it begins and ends."""
    x = line.strokes[:, 0].cumsum(dtype=np.float64) + start
    for word in re.finditer(r"\S+", line.text):
        own = x[(characters >= word.start()) & (characters < word.end())]
        if len(own):
            begin = float(own.min())
            yield word.group(), begin, max(float(own.max()), begin + NARROWEST)


def _near(words: Iterable[Span], widest: float) -> Iterator[Span]:
    """Words made wider where the space between two of them is wider than that."""
    before: Span | None = None
    for word, begin, end in words:
        if before:
            spare = max(begin - before[2] - widest, 0.0)
            yield before[0], before[1], before[2] + spare / 2
            begin -= spare / 2
        before = word, begin, end
    if before:
        yield before


def _with_spaces(words: Iterable[Span]) -> Iterator[Span]:
    reached: float | None = None
    for word, begin, end in words:
        if reached is not None:
            yield " ", reached, max(begin, reached + NARROWEST)
        yield word, begin, end
        reached = end


def _blank_font(characters: Iterable[str]) -> FontBuilder:
    """A font in which each of these characters is there, half as wide as high, and has nothing to show."""
    glyphs = {ord(character): f"u{ord(character):05X}" for character in characters}
    names = [".notdef", *glyphs.values()]
    font = FontBuilder(unitsPerEm=1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap(glyphs)
    font.setupGlyf({name: Glyph() for name in names})
    font.setupHorizontalMetrics(dict.fromkeys(names, (500, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": FONT, "styleName": "Regular", "psName": FONT})
    font.setupOS2()
    font.setupPost()
    font.updateHead(created=NO_DATE, modified=NO_DATE)
    font.font.recalcTimestamp = False
    return font
