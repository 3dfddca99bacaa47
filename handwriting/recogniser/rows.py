"""Ink of several lines, taken apart by how a hand returns to the left and goes on below."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from handwriting.page import Line
from handwriting.strokes import Points, Strokes, join, split

BELOW = 0.75
"""how far below the strokes before it a new line's first stroke lies, in heights of a tall stroke"""
BACK = 0.5
"""how far to the left of the line's end it lies, a share of the line's width, and a tall stroke's height at least"""
RECENT = 8
"""strokes that say where the line is: a line may slope"""


def rows_of(lines: Iterable[Line]) -> list[Strokes]:
    """The rows of what stands on a page as lines: each of them is taken apart, and what is one row in several pens is joined. Notes
    come so: what is written with one pen, be it a word or a page, then what is written with the next."""
    found: list[Strokes] = []
    before: Line | None = None
    for line in lines:
        if not len(line.strokes):
            continue
        ink = line.strokes
        if before and not (before.text or line.text) and before.pen != line.pen and _goes_on(found[-1], ink):
            ink = join([*split(found.pop()), *split(ink)])
        found += rows(ink)
        before = line
    return found


def rows(strokes: Strokes) -> list[Strokes]:
    """The lines of the ink in writing order; one, if it is one. A t crossed late, a dot and a comma go with their line."""
    parts = split(strokes)
    if not parts:
        return []
    starts = [*_starts(np.array([_box(part) for part in parts])), len(parts)]
    return [join(parts[start:end]) for start, end in itertools.pairwise(starts)]


def _goes_on(row: Strokes, ink: Strokes) -> bool:
    """Whether ink begins at the height that a row has come to."""
    boxes, begun = (np.array([_box(part) for part in split(own)]) for own in (row, ink))
    recent = np.median(_middles(boxes[-RECENT:]))
    return bool(abs(_middles(begun)[0] - recent) <= BELOW * _tall(np.concatenate([boxes, begun])))


def _starts(boxes: Float[np.ndarray, "N 4"]) -> list[int]:
    """Which strokes begin a line."""
    tall, middles = _tall(boxes), _middles(boxes)
    starts, left, right = [0], boxes[0, 0], boxes[0, 2]
    for stroke in range(1, len(boxes)):
        recent = np.median(middles[max(starts[-1], stroke - RECENT) : stroke])
        below = middles[stroke] > recent + BELOW * tall
        if below and boxes[stroke, 0] < right - max(BACK * (right - left), tall):
            starts.append(stroke)
            left, right = boxes[stroke, 0], boxes[stroke, 2]
        left, right = min(left, boxes[stroke, 0]), max(right, boxes[stroke, 2])
    return starts


def _tall(boxes: Float[np.ndarray, "N 4"]) -> float:
    """The height of a tall stroke."""
    return float(np.percentile(boxes[:, 3] - boxes[:, 1], 90))


def _middles(boxes: Float[np.ndarray, "N 4"]) -> Float[np.ndarray, " N"]:
    return (boxes[:, 1] + boxes[:, 3]) / 2


def _box(stroke: Points) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    return (*stroke.min(0).tolist(), *stroke.max(0).tolist())
