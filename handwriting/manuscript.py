"""What is to be written: a text in rows that the network can write, each character with its bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from handwriting import layout
from handwriting.signs import gapped
from handwriting.signs.shapes import BEYOND
from handwriting.spelling import Spelling, spell
from shared.errors import UserError

Bias = float | Sequence[float | Sequence[float]]
"""one number for all; or one for each line of the text; or, instead of a line's number, one for each of its words"""


@dataclass(frozen=True)
class Row:
    """A line of a text, and of it what the network writes: all but signs that it could not learn (`handwriting.signs`)."""

    spelling: Spelling
    text: str
    """what the network writes, in characters of its alphabet; "" for an empty line, and for one that has nothing but signs"""
    places: tuple[int, ...]
    """of each of its characters the position in `spelling.plain`"""
    biases: tuple[float, ...]
    """of each character of `spelling.plain`"""
    ends_paragraph: bool
    """whether the text's own line ends with it; otherwise it was broken here"""
    ends_word: bool = True
    """whether a word ends with it; otherwise one is too long for a row, and goes on in the next"""

    @classmethod
    def of(
        cls,
        spelling: Spelling,
        biases: Sequence[float],
        ends_paragraph: bool,
        ends_word: bool = True,
        gaps: bool = True,
    ) -> Self:
        """The row of a line of text.

        Args:
            biases: of each of its characters.
            gaps: whether numbers and signs are left out, to be drawn; otherwise the network writes them as it can.
        """
        text, places = gapped(spelling.plain) if gaps else (spelling.plain, tuple(range(len(spelling.plain))))
        return cls(spelling, text, places, tuple(biases), ends_paragraph, ends_word)

    @property
    def network_biases(self) -> tuple[float, ...]:
        """The bias of each character that the network writes."""
        return tuple(self.biases[place] for place in self.places)


@dataclass(frozen=True)
class Manuscript:
    """A text's rows."""

    rows: tuple[Row, ...]
    replaced: dict[str, str]
    """each character that is written as something else, and what is written instead ("" for nothing)"""

    @classmethod
    def of(cls, text: str, bias: Bias) -> Manuscript:
        """Breaks a text into rows.

        Raises:
            UserError: for a text without anything to write, or a bias that is none or does not fit the text.
        """
        lines = text.strip().splitlines()
        rows: list[Row] = []
        replaced: dict[str, str] = {}
        for line, own in zip(lines, _of_lines(bias, len(lines)), strict=True):
            spelling = spell(line, BEYOND)
            replaced |= spelling.replaced
            rows += _rows(spelling, _of_characters(own, spelling.plain))
        if not any(row.spelling.plain for row in rows):
            why = "the network knows none of these characters" if lines else "the text is empty"
            raise UserError(f"there is nothing to write: {why}")
        return cls(tuple(rows), replaced)


def parse_bias(text: str) -> Bias:
    """A bias as commands take it: numbers of lines between slashes, of a line's words between commas.

    Raises:
        UserError: for what is no number.
    """
    try:
        lines = [[float(word) for word in line.split(",")] for line in text.split("/")]
    except ValueError:
        raise UserError(
            f"a bias is a number, like 0.75, or 0.5/1 for two lines, or 0.5,2 for two words, got {text!r}"
        ) from None
    found = [words[0] if len(words) == 1 else words for words in lines]
    return found[0] if len(found) == 1 and isinstance(found[0], float) else found


def check_bias(bias: float) -> float:
    """The bias itself.

    Raises:
        UserError: for one that is out of range.
    """
    if not 0 <= bias <= 10:
        raise UserError(f"bias must be between 0 (wild) and 10 (stiff), got {bias}; 0.5 to 1.5 looks best")
    return float(bias)


def _of_lines(bias: Bias, lines: int) -> Sequence[float | Sequence[float]]:
    if isinstance(bias, int | float | np.number):
        return [check_bias(bias)] * lines
    if len(bias) != lines:
        raise UserError(f"there must be one bias, or one for each line of the text: got {len(bias)} for {lines} lines")
    return bias


def _of_characters(bias: float | Sequence[float], line: str) -> list[float]:
    """A space takes the bias of the word before it."""
    if isinstance(bias, int | float | np.number):
        return [check_bias(bias)] * len(line)
    words = line.split(" ") if line else []
    if len(bias) != len(words):
        raise UserError(
            f"there must be one bias for a line, or one for each of its words: got {len(bias)} for the {len(words)} "
            f"words of {line[:40]!r}"
        )
    return [check_bias(own) for own, word in zip(bias, words, strict=True) for _ in word + " "][: len(line)]


def _rows(line: Spelling, biases: Sequence[float]) -> list[Row]:
    pieces = layout.break_lines(line.plain) or [""]
    rows, end = [], 0
    for number, piece in enumerate(pieces, start=1):
        start = line.plain.index(piece, end)
        end = start + len(piece)
        rows.append(
            Row.of(
                line.part(start, end),
                biases[start:end],
                ends_paragraph=number == len(pieces),
                ends_word=line.plain[end : end + 1] in ("", " "),
            )
        )
    return rows
