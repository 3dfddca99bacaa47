"""Lines on paper: a text broken into lines, and their ink set one under the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from handwriting.strokes import Strokes, bounds

LINE_CHARACTERS = 50
"""Lines of the training data have 15 to 47 characters (5th and 99th percentile), and the network is asked for hardly more."""
CUT_BEHIND = "/\\-_.,:;?&=@"
LINE_PITCH = 11.0
"""mm from one line to the next"""


def break_lines(text: str, most: int = LINE_CHARACTERS) -> list[str]:
    """The text's own lines, each wrapped between words; a word longer than a line is cut. Empty lines stay, as ""."""
    wrapped = []
    for line in text.splitlines():
        row = ""
        for word in line.split():
            *whole, last = _cut(word, most)
            if row and (whole or len(row) + 1 + len(last) > most):
                wrapped.append(row)
                row = ""
            wrapped += whole
            row = f"{row} {last}" if row else last
        wrapped.append(row)
    return wrapped


def _cut(word: str, most: int) -> list[str]:
    """A word in as few pieces as can be, of about one length; cut behind a sign, as addresses have them, where one is in reach."""
    pieces = []
    while len(word) > most:
        count = -(-len(word) // most)
        even = -(-len(word) // count)
        behind_signs = [end for end in range(len(word) - (count - 1) * most, most + 1) if word[end - 1] in CUT_BEHIND]
        end = min(behind_signs, key=lambda end: abs(end - even), default=even)
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]


def stack(lines: Sequence[Strokes], pitch: float = LINE_PITCH) -> Strokes:
    """Sets lines of ink (mm) one under the other, flush left, `pitch` mm apart. Empty ones leave their space."""
    page = []
    x = y = 0.0  # where the pen is, on the page
    for row, line in enumerate(lines):
        if len(line) == 0:
            continue
        left, *_ = bounds(line)
        line = line.copy()
        line[0, :2] += np.array([-left - x, row * pitch - y])
        page.append(line)
        x, y = x + line[:, 0].sum(), y + line[:, 1].sum()
    return np.concatenate(page) if page else np.zeros((0, 3))
