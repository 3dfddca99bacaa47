"""Ink on the pages of a sheet: words flow from row to row, rows from page to page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float

from handwriting import strokes as ink_of
from handwriting.flow import Row, flow
from handwriting.guides import USUAL_X_HEIGHT, guides
from handwriting.page import Line, Page, Paper, Pen
from handwriting.sheet import Sheet
from handwriting.strokes import Points
from handwriting.words import Word, words

if TYPE_CHECKING:
    from handwriting.ink import InkLine

FEW = 5
"""letters with which a line's own x-height counts as much as that of all lines"""
LEAST_GAP, MOST_GAP = 0.5, 2.0
"""between words, of the usual gap; beyond, the pen slipped"""
LEAST_SPACE = 0.3
"""between words, of the x-height, however narrow the usual gap"""
WITHIN_WORD = 0.25
"""x-heights between two pieces of a word that was too long for a line of the network"""
TALL, TALLEST, DEEP = 2.4, 4.0, 1.4
"""x-heights over and under a baseline: usual of tall letters, as much as is kept free over a first line, usual of tails"""
THICKEST = 5.0
"""mm: pens whose whole mark is kept between the margins; there may be no room for one of a thicker pen"""
WAVE = 80.0
"""mm in which a row's drift comes and goes"""


class Placed(NamedTuple):
    """A row in its place between the side margins."""

    ink: Line | None
    """None in an empty one"""
    stays: bool
    """whether the row before must be on the same page: no page begins with the last row of a paragraph, or ends with its first"""


def lay_out(
    lines: Sequence[InkLine],
    sheet: Sheet,
    pen: Pen | None = None,
    seed: int = 0,
    about: Mapping[str, str | int | float] | None = None,
) -> list[Page]:
    """Ink on as many pages as it takes, all of it between the margins; no page for no ink.

    Words flow from row to row by the width of their ink; the text's own line ends and empty lines stay. No page begins with the
    last row of a paragraph, or ends with its first. All ink is brought to the sheet's x-height. Its shape changes by nothing else
    but the sheet's drift and slant.

    Args:
        lines: the ink, as the network wrote it.
        sheet: the paper and how text stands on it.
        pen: what it is drawn with.
        seed: where the chance in drift and slant comes from.
        about: what is kept beside the ink of every page.
    """
    pen = pen or Pen()
    left, top, right, bottom = sheet.area
    half = min(pen.width, THICKEST) / 2
    slants, drifts = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    room = right - left - 2 * half
    rows: list[Placed] = []
    for paragraph in paragraphs(lines, sheet.letter_size):
        slanted = [_slanted(word, sheet.slant, slants) for word in paragraph]
        own = _rows(slanted, room, sheet)
        for number, row in enumerate(own):
            places = left + half + row.places(room, sheet.align, sheet.letter_size)
            ink = _write(row, places, sheet.drift, drifts, pen) if row.words else None
            rows.append(Placed(ink, stays=number > 0 and number in (1, len(own) - 1)))
    paper, filled = _fill(rows, sheet, top + half, bottom - half)
    facts = {name: fact for name, fact in (about or {}).items() if name != "text"}
    return [Page(paper, page, {**facts, "page": n, "pages": len(filled)}) for n, page in enumerate(filled, 1)]


def paragraphs(lines: Sequence[InkLine], size: float) -> list[list[Word]]:
    """The words of each of the text's own lines, in writing of that x-height."""
    measures = [guides(line.text, line.strokes, line.characters) if len(line.strokes) else None for line in lines]
    cut = [words(line, measure) for line, measure in zip(lines, measures, strict=True)]
    known = [measure.x_height for measure in measures if measure and measure.letters]
    usual = float(np.median(known)) if known else USUAL_X_HEIGHT
    gaps = [word.gap for own in cut for word in own[:-1]] or [word.gap for own in cut for word in own]
    usual_gap = max(float(np.median(gaps or [0.0])), LEAST_SPACE * usual / LEAST_GAP)
    found: list[list[Word]] = [[]]
    for line, own, measure in zip(lines, cut, measures, strict=True):
        if measure:
            # A few letters say little about the size of a line.
            seen = (measure.letters * measure.x_height + FEW * usual) / (measure.letters + FEW)
            even = [
                replace(word, gap=float(np.clip(word.gap, LEAST_GAP * usual_gap, MOST_GAP * usual_gap))) for word in own
            ]
            if even and not line.ends_word:
                even[-1] = replace(even[-1], gap=WITHIN_WORD * usual, ends=False)
            found[-1] += [word.shaped(size / seen) for word in even]
        if line.ends_paragraph:
            found.append([])
    return found if found[-1] else found[:-1]


def _rows(paragraph: Sequence[Word], room: float, sheet: Sheet) -> list[Row]:
    """The rows of a paragraph. An address, a greeting or a name, of a single row, is not set in."""
    rows = flow(paragraph, room, 0.0, hyphenate=sheet.hyphenate, x_height=sheet.letter_size)
    if len(rows) > 1 and sheet.indent and sheet.align in ("left", "justify"):
        return flow(paragraph, room, sheet.indent, hyphenate=sheet.hyphenate, x_height=sheet.letter_size)
    return rows


def _slanted(word: Word, slant: float, random: np.random.Generator) -> Word:
    return word.shaped(1.0, math.tan(math.radians(slant * np.clip(random.normal(), -2, 2)))) if slant else word


def _write(row: Row, places: Float[np.ndarray, " W"], drift: float, random: np.random.Generator, pen: Pen) -> Line:
    """The ink of a row that has some, on the baseline y = 0, from which it strays by `drift` mm at most."""
    ink = [stroke for word, x in zip(row.words, places, strict=True) for stroke in ink_of.split(word.strokes, (x, 0.0))]
    if drift:
        tilt, phase = random.uniform(-0.5, 0.5), random.uniform(0, 2 * np.pi)
        start, end = float(places[0]), float(places[-1] + row.words[-1].width)
        ink = [_strayed(stroke, start, end, drift, tilt, phase) for stroke in ink]
    texts = [word.text + " " * word.ends for word in row.words]
    starts = np.cumsum([0, *map(len, texts)])
    characters = np.concatenate([word.characters + start for word, start in zip(row.words, starts, strict=False)])
    return Line(ink_of.join(ink), "".join(texts).rstrip(), pen, characters)


def _strayed(stroke: Points, start: float, end: float, drift: float, tilt: float, phase: float) -> Points:
    """A stroke of a row from start to end that rises or falls evenly, and in waves."""
    x = stroke[:, 0] - start
    stray = tilt * (2 * x / max(end - start, 1e-6) - 1) + 0.5 * np.sin(2 * np.pi * x / WAVE + phase)
    return stroke + np.stack([np.zeros_like(x), drift * stray], 1)


def _fill(rows: Sequence[Placed], sheet: Sheet, top: float, bottom: float) -> tuple[Paper, list[list[Line]]]:
    """Rows on their baselines, on as many pages as they need between top and bottom.

    A row that reaches over the top margin goes a line lower, one that reaches under the bottom onto the next page, with those that
    it must stay with, and one that is higher than the page is shrunk.
    """
    inked = [_shrunk(row.ink, bottom - top) if row.ink else None for row in rows]
    size, spacing = sheet.letter_size, sheet.line_spacing
    tallest = max((-ink_of.bounds(row.strokes)[1] for row in inked if row), default=0.0)
    first = top + float(np.clip(tallest, TALL * size, TALLEST * size))
    pages: list[list[Line]] = [[]]
    number = index = 0
    while index < len(rows):
        if row := inked[index]:
            _, highest, _, lowest = ink_of.bounds(row.strokes)
            least = max(math.ceil((top - highest - first) / spacing), 0)
            number = max(number, least)
            if first + number * spacing + max(lowest, DEEP * size) > bottom:
                number = least
                if taken := _leaving(rows[: index + 1], len(pages[-1])):
                    kept = len(pages[-1]) + 1 - taken
                    pages[-1:] = [pages[-1][:kept], []]
                    index, number = index + 1 - taken, 0
                    continue
            # On the first line of a page that hardly has room for it, the ink counts more than the rule.
            pages[-1].append(_moved(row, min(first + number * spacing, bottom - lowest)))
        index, number = index + 1, number + 1
    paper = Paper(*sheet.sides, ruling=sheet.ruling, pitch=sheet.rule_pitch, first_rule=_first_rule(sheet, first))
    return paper, [page for page in pages if page]


def _leaving(rows: Sequence[Placed], on_page: int) -> int:
    """How many rows go on the next page, of which the last has no room: it, and those before that it must stay with. One at least
    stays where it is; on an empty page, the row itself does.
    """
    leaving = 1
    while rows[-leaving].stays:
        leaving += 1
    return min(leaving, on_page)


def _first_rule(sheet: Sheet, first: float) -> float:
    """Rules begin where the text does; squares fill the paper."""
    return first % sheet.rule_pitch if sheet.ruling == "squared" else first


def _shrunk(row: Line, most: float) -> Line:
    """A row at most so high, whose ink begins where it did."""
    left, top, _, bottom = ink_of.bounds(row.strokes)
    if bottom - top <= most:
        return row
    scale = most / (bottom - top)
    ink = [(stroke - [left, 0.0]) * scale + [left, 0.0] for stroke in ink_of.split(row.strokes)]
    return replace(row, strokes=ink_of.join(ink))


def _moved(row: Line, down: float) -> Line:
    strokes = row.strokes.copy()
    strokes[0, 1] += down
    return replace(row, strokes=strokes)
