"""Ink that the tests write themselves: a plain hand whose every point is known."""

from __future__ import annotations

import numpy as np

from handwriting.ink import InkLine
from handwriting.strokes import Points, join

X_HEIGHT, ADVANCE, SPACE = 1.8, 2.4, 2.0
"""mm: of small letters, from letter to letter, and beside the words"""
TALL, DEEP = "bdfhklt", "gjpqy"


def letter(character: str, left: float) -> Points:
    """A letter as one stroke of 14 points, from left to right and back."""
    angles = np.linspace(0, 2 * np.pi, 14)
    top = -X_HEIGHT * (2.2 if character in TALL or character.isupper() else 1.0)
    bottom = 1.4 * X_HEIGHT if character in DEEP else 0.0
    y = np.where(np.cos(angles) > 0, bottom, top) * np.abs(np.cos(angles))
    return np.stack([left + 0.9 - 0.9 * np.cos(angles / 2), y], 1)


def write(text: str, ends_paragraph: bool = True, lateness: int = 0, gap: float = SPACE) -> InkLine:
    """A line: a stroke a letter, a dot on each i and a cross on each t once their word is done.

    Args:
        lateness: points by which the window runs behind the pen.
        gap: mm between words.
    """
    strokes: list[Points] = []
    characters: list[int] = []
    x = place = 0.0
    place = 0
    for word in text.split(" "):
        late: list[tuple[Points, int]] = []
        for character in word:
            strokes.append(letter(character, x))
            characters += [place] * len(strokes[-1])
            if character == "i":
                late.append((np.array([[x + 0.9, -2.4], [x + 0.95, -2.4]]), place))
            if character == "t":
                late.append((np.linspace([x, -2.6], [x + 1.5, -2.6], 6), place))
            x, place = x + ADVANCE, place + 1
        for stroke, _ in late:
            strokes.append(stroke)
            # The window has gone on to the space, or stays on the last letter of the text.
            characters += [min(place, len(text) - 1)] * len(stroke)
        x, place = x - ADVANCE + 1.8 + gap, place + 1
    ink = join(strokes)
    shifted = np.concatenate([np.full(min(lateness, len(ink)), characters[0] if characters else 0), characters])
    return InkLine(text, ink, shifted[: len(ink)].astype(int), ends_paragraph)


def paragraphs(text: str, most: int = 50) -> list[InkLine]:
    """A text as the network writes it: lines of at most 50 characters."""
    from handwriting.layout import break_lines

    lines = []
    for own in text.splitlines():
        pieces = break_lines(own, most) or [""]
        lines += [write(piece, number == len(pieces)) for number, piece in enumerate(pieces, 1)]
    return lines
