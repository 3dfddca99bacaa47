"""Accents over the letters of a written line: the network has never seen one, so they are drawn afterwards."""

from __future__ import annotations

import itertools
import zlib
from collections import defaultdict

import numpy as np
from jaxtyping import Int

from handwriting.accents.places import BELOW, CROSSING, Hand
from handwriting.letters import Letters, Stroke, apart
from handwriting.spelling import Mark, Spelling
from handwriting.strokes import Strokes, join


def add(
    strokes: Strokes, characters: Int[np.ndarray, " T"], spelling: Spelling
) -> tuple[Strokes, Int[np.ndarray, " N"]]:
    """Draws a line's accents where its letters are.

    They follow the word that they belong to, as i-dots do in a quick hand. All other points stay where they are, except that an i
    or j loses its dot to what stands over it. A letter without ink gets no accent. The same ink always gets the same accents.

    Args:
        strokes: of one level line, in mm.
        characters: the position in the text of the character that each point belongs to.
        spelling: the line's text and marks.

    Returns:
        the line with its accents, each of whose points belongs to its letter, and the characters of all points.
    """
    if not spelling.marks or len(strokes) == 0:
        return strokes, characters
    letters = _without_dots(Letters(spelling.plain, apart(strokes, characters)), spelling)
    hand = Hand(letters, np.random.default_rng(zlib.crc32(np.round(strokes, 3).tobytes())))
    added: dict[int, list[Stroke]] = defaultdict(list)
    for position, marks in itertools.groupby(spelling.marks, lambda mark: mark.position):
        drawn = hand.draw(position, [mark.accent for mark in marks])
        added[letters.word_end(position)] += [Stroke(points, np.full(len(points), position)) for points in drawn]
    line = [piece for number, stroke in enumerate(letters.strokes) for piece in (stroke, *added[number])]
    return join([stroke.points for stroke in line]), np.concatenate([stroke.characters for stroke in line])


def _without_dots(letters: Letters, spelling: Spelling) -> Letters:
    """Takes away the dot of each i and j that something else stands over."""
    gone = {letters.dot(mark.position) for mark in spelling.marks if _takes_the_dot(mark, spelling.plain)} - {None}
    strokes = [stroke for number, stroke in enumerate(letters.strokes) if number not in gone]
    return Letters(spelling.plain, strokes) if gone else letters


def _takes_the_dot(mark: Mark, text: str) -> bool:
    return text[mark.position] in "ij" and mark.accent not in BELOW | CROSSING
