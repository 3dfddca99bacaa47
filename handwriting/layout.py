"""Lines on paper: a text broken into lines, and their ink set one under the other."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from handwriting.strokes import Strokes, bounds

LINE_CHARACTERS = 50
"""Lines of the training data are 15 to 47 characters long (5th to 99th percentile 15 and 47); the network knows no longer ones."""
LINE_PITCH = 11.0
"""mm from one line to the next"""


def break_lines(text: str, most: int = LINE_CHARACTERS) -> list[str]:
    """The text's own lines, each wrapped between words; a word longer than a line is cut. Empty lines stay, as ""."""
    wrapped = []
    for line in text.splitlines():
        wrapped += textwrap.wrap(line, most, break_on_hyphens=False) or [""]
    return wrapped


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
