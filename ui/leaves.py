"""Ink on the paper that the pen shows: a sheet, or paper of its own size, and that also while lines are still missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from handwriting.layout import LINE_PITCH
from handwriting.manuscript import Manuscript
from handwriting.page import MARGIN, Line, Page, Paper
from handwriting.shape import OWN
from handwriting.sheet import Sheet
from handwriting.strokes import Strokes, bounds

if TYPE_CHECKING:
    from handwriting.drawing import Stretch
    from handwriting.ink import InkLine
    from handwriting.prime import Hand

LEAST_WIDTH, LEAST_HEIGHT = 110.0, 26.0
"""mm of paper of its own size, so that a word is not blown up"""
LINES_A_LEAF = 12
"""on paper of its own size, which is cut for the eye: the files have it in one piece"""
USUAL_LETTER = 2.5
"""mm that a character takes, as long as nothing is written"""
OVER, UNDER = 6.0, 6.0
"""mm over and under a line's first point that its letters need, before it is known"""
NOTHING = np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
"""no ink, and no characters"""


def lay(lines: Sequence[InkLine], sheet: Sheet | None, seed: int, expected: Sequence[int] = ()) -> list[Page]:
    """The pages that show these lines.

    Args:
        lines: of ink.
        sheet: the paper; None for paper of the ink's own size.
        seed: see `handwriting.pages.lay_out`.
        expected: of each line that there will be, its number of characters; without it these are all.
    """
    if sheet is not None:
        from handwriting.pages import lay_out

        return lay_out(lines, sheet, None, seed) or [Page(Paper(*sheet.sides), ())]
    used = _width(lines, expected)
    rows = len(expected) or len(lines)
    leaves = range(0, max(len(lines), 1), LINES_A_LEAF)
    return [_leaf(lines[start : start + LINES_A_LEAF], used, min(rows - start, LINES_A_LEAF)) for start in leaves]


def _width(lines: Sequence[InkLine], expected: Sequence[int]) -> float:
    """Of the widest line, or what it will probably be."""
    widths = [right - left for left, _, right, _ in (bounds(line.strokes) for line in lines)]
    written = sum(len(line.text) for line in lines)
    # As if one more short line had been written in letters of the usual width: the first few say little.
    letter = (sum(widths) + 20 * USUAL_LETTER) / (written + 20)
    there = [len(line.text) for line in lines] + [0] * (len(expected) - len(lines))
    missing = [letter * count for count, known in zip(expected, there, strict=False) if known < count]
    return max([*widths, *missing], default=0.0)


def _leaf(lines: Sequence[InkLine], used: float, rows: int) -> Page:
    """Lines flush left one under the other, as `Ink.page` has them, on paper for so many rows of that width."""
    placed = []
    for row, line in enumerate(lines):
        if len(line.strokes):
            strokes = line.strokes.copy()
            strokes[0, :2] += (-bounds(strokes)[0], row * LINE_PITCH)
            placed.append(Line(strokes, line.text, characters=line.characters))
    edges = np.array([bounds(line.strokes) for line in placed] or [(0.0, 0.0, 0.0, 0.0)])
    top = min(float(edges[:, 1].min()), -OVER)
    bottom = max(float(edges[:, 3].max()), (rows - 1) * LINE_PITCH + UNDER)
    width, height = max(used + 2 * MARGIN, LEAST_WIDTH), max(bottom - top + 2 * MARGIN, LEAST_HEIGHT)
    return Page(Paper(width, height, left=(used - width) / 2, top=(top + bottom - height) / 2), tuple(placed))


class Playable(NamedTuple):
    """Lines of which the pen may already play what is there."""

    lines: list[InkLine]
    """from the text's first to the first that is not whole"""
    places: list[int]
    """for each of their characters that is no space, which of the whole text's it is"""


class Wet:
    """A text whose ink is being made.

    Args:
        text: all of it.
        bias: how neatly; the network's ink has it already, what is drawn in it does not.
        seed: where chance comes from in what is drawn.
        hand: whose ink it is, for lines that are drawn alone; None for the pen's own.

    Raises:
        UserError: when there is nothing to write.
    """

    def __init__(self, text: str, bias: float, seed: int = 0, hand: Hand | None = None) -> None:
        self._seed, self._hand = seed, hand
        self.rows = Manuscript.of(text, bias).rows
        self._inked = [number for number, row in enumerate(self.rows) if row.text]

    @property
    def expected(self) -> list[int]:
        """How many characters each line will have."""
        return [len(row.spelling.plain) for row in self.rows]

    def playable(self, stretches: Sequence[Stretch]) -> Playable:
        """What can be played of the ink so far.

        The pen goes from line to line, though all lines grow at once. But a network that is told of no hands shows its own on a
        line that need not be the first; so the pen begins there, and the few lines before follow.
        """
        ink = self._newest(stretches)
        first = self._shown_first(stretches)
        lines: list[InkLine] = []
        places: list[int] = []
        before = 0
        for number, row in enumerate(self.rows):
            line, whole = self._line(number, ink.get(number))
            shown = sum(not character.isspace() for character in line.text)
            places += range(before, before + shown)
            before += sum(not character.isspace() for character in row.spelling.plain)
            lines.append(line)
            if not whole and number >= first:
                break
        return Playable(lines, places)

    def share(self, stretches: Sequence[Stretch]) -> float:
        """Of all characters, those that have been written."""
        reached: dict[int, int] = defaultdict(int)
        for one in stretches:
            if len(one.strokes):
                reached[one.line] = max(reached[one.line], int(one.characters[-1]) + 1)
        return sum(reached.values()) / max(sum(len(row.text) for row in self.rows), 1)

    def _shown_first(self, stretches: Sequence[Stretch]) -> int:
        """The line that was whole before any other was begun, or is still alone; else the first."""
        inked = [one for one in stretches if len(one.strokes)]
        if not inked:
            return 0
        alone = list(takewhile(lambda one: one.line == inked[0].line, inked))
        number = self._inked[alone[0].line]
        whole = max(int(one.characters[-1]) for one in alone) + 1 >= len(self.rows[number].text)
        return number if whole or len(alone) == len(inked) else 0

    def _newest(self, stretches: Sequence[Stretch]) -> dict[int, tuple[Strokes, np.ndarray]]:
        """The ink of each line: of its newest attempt, once that is as far as the one before."""
        attempts: dict[int, dict[int, list[Stretch]]] = defaultdict(lambda: defaultdict(list))
        for one in stretches:
            if len(one.strokes):
                attempts[self._inked[one.line]][one.attempt].append(one)
        found: dict[int, tuple[Strokes, np.ndarray]] = {}
        for number, tries in attempts.items():
            last = len(self.rows[number].text) - 1
            for _, pieces in sorted(tries.items()):
                characters = np.concatenate([piece.characters for piece in pieces]).clip(max=last)
                if number not in found or characters.max() >= found[number][1].max():
                    found[number] = np.concatenate([piece.strokes for piece in pieces]), characters
        return found

    def _line(self, number: int, ink: tuple[Strokes, np.ndarray] | None) -> tuple[InkLine, bool]:
        """What there is of a line, and whether the pen may go on to the next."""
        from handwriting.ink import InkLine

        row = self.rows[number]
        if ink is None and row.text:
            return InkLine("", *NOTHING, row.ends_paragraph), False
        strokes, characters = ink or NOTHING
        upto = int(characters.max(initial=-1)) + 1
        shape = self._hand.shape if self._hand and not row.text else OWN  # a hand is made when it is first asked
        line = InkLine.of(row, strokes, characters, upto, shape=shape, seed=self._seed + number)
        return line, upto == len(row.text)
