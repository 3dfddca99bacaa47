"""Ink of several lines, taken apart by how a hand returns to the left and goes on below."""

from __future__ import annotations

import itertools

import numpy as np
from jaxtyping import Float

from handwriting.strokes import Points, Strokes, join, split

BELOW = 0.75
"""how far below the strokes before it a new line's first stroke lies, in heights of a tall stroke"""
BACK = 0.5
"""how far to the left of the line's end it lies, a share of the line's width, and a tall stroke's height at least"""
RECENT = 8
"""strokes that say where the line is: a line may slope"""


def rows(strokes: Strokes) -> list[Strokes]:
    """The lines of the ink in writing order; one, if it is one. A t crossed late, a dot and a comma go with their line."""
    parts = split(strokes)
    if not parts:
        return []
    starts = [*_starts(np.array([_box(part) for part in parts])), len(parts)]
    return [join(parts[start:end]) for start, end in itertools.pairwise(starts)]


def _starts(boxes: Float[np.ndarray, "N 4"]) -> list[int]:
    """Which strokes begin a line."""
    tall = float(np.percentile(boxes[:, 3] - boxes[:, 1], 90))
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    starts, left, right = [0], boxes[0, 0], boxes[0, 2]
    for stroke in range(1, len(boxes)):
        recent = np.median(middles[max(starts[-1], stroke - RECENT) : stroke])
        below = middles[stroke] > recent + BELOW * tall
        if below and boxes[stroke, 0] < right - max(BACK * (right - left), tall):
            starts.append(stroke)
            left, right = boxes[stroke, 0], boxes[stroke, 2]
        left, right = min(left, boxes[stroke, 0]), max(right, boxes[stroke, 2])
    return starts


def _box(stroke: Points) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    return (*stroke.min(0).tolist(), *stroke.max(0).tolist())
