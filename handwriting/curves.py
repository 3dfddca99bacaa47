"""Shapes of signs as a hand draws them: what a network has not learnt to write is drawn by them."""

from __future__ import annotations

import numpy as np

from handwriting.strokes import Points, smooth

Shape = list[list[tuple[float, float]]]
"""strokes, each a list of points that its curve goes through, in heights of a small letter, x to the right and y downward; a point
that is there twice is a corner"""


def drawn(
    shape: Shape, size: float, slant: float, spacing: float, random: np.random.Generator, wildness: float = 1.0
) -> list[Points]:
    """A shape as strokes of ink, in mm, not twice the same.

    Args:
        size: the height of a small letter, mm.
        slant: how far the hand leans to the right, over a height of 1.
        spacing: from one point to the next, mm, where the pen is quick.
        random: what makes one another than the next.
        wildness: how far it may; 0 draws all alike.
    """
    angle = random.normal(0, 0.07 * wildness)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    lean = np.array([[1.0, 0.0], [-slant, 1.0]])
    stretch = size * random.normal(1, 0.07 * wildness, 2).clip(0.7, 1.3)
    strokes = []
    for stroke in shape:
        points = np.array(stroke)
        points = (points + random.normal(0, 0.018 * wildness, points.shape)) @ turn @ lean * stretch
        strokes.append(_paced(smooth(points, 12), spacing))
    return strokes


def _paced(curve: Points, spacing: float) -> Points:
    """Points on a curve as a tablet records them: closer at both ends, where the pen comes down and is lifted."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    count = max(4, round(way[-1] / spacing) + 2)
    time = np.linspace(0, 1, count)
    at = way[-1] * (0.6 * time + 0.4 * (1 - np.cos(np.pi * time)) / 2)
    return np.column_stack([np.interp(at, way, curve[:, 0]), np.interp(at, way, curve[:, 1])])
