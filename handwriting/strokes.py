"""Ink as numbers. One line of ink has one type everywhere: strokes, a float array [T, 3] of (dx, dy, pen_up).

dx, dy is the way from the previous point, y downward; pen_up is 1 on the last point of each stroke. The way to a stroke's first
point is made with the pen in the air.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Strokes = Float[np.ndarray, "T 3"]
Points = Float[np.ndarray, "N 2"]

MM_PER_UNIT = 0.016
"""mm of paper for a tablet unit: characters about 2.8 mm apart"""


def split(strokes: Strokes, origin: tuple[float, float] = (0.0, 0.0)) -> list[Points]:
    """The strokes apart, each as its absolute points, in writing order."""
    if len(strokes) == 0:
        return []
    points = np.cumsum(strokes[:, :2], 0, dtype=np.float64) + origin
    ends = np.flatnonzero(strokes[:, 2] > 0.5) + 1
    return [stroke for stroke in np.split(points, ends) if len(stroke)]


def join(strokes: list[Points]) -> Strokes:
    """The reverse of `split`: the first point is an offset from (0, 0)."""
    strokes = [np.asarray(stroke, dtype=np.float64) for stroke in strokes if len(stroke)]
    if not strokes:
        return np.zeros((0, 3))
    points = np.concatenate(strokes)
    pen_up = np.zeros(len(points))
    pen_up[np.cumsum([len(stroke) for stroke in strokes]) - 1] = 1
    return np.column_stack([np.diff(points, axis=0, prepend=0.0), pen_up])


def bounds(strokes: Strokes) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all points; zeros for no ink."""
    if len(strokes) == 0:
        return 0.0, 0.0, 0.0, 0.0
    points = np.cumsum(strokes[:, :2], 0, dtype=np.float64)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def level(strokes: Strokes) -> Strokes:
    """Turns a line of ink so that it runs level. Only lines much wider than high say where level is; others stay."""
    left, top, right, bottom = bounds(strokes)
    if right - left <= 4 * (bottom - top):
        return strokes
    x, y = np.cumsum(strokes[:, :2], 0, dtype=np.float64).T
    angle = np.arctan(np.polyfit(x, y, 1)[0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([strokes[:, :2] @ turn, strokes[:, 2]])


def smooth(points: Points, steps: int) -> Points:
    """A Catmull-Rom curve through the points, `steps` pieces between two of them."""
    if len(points) < 3 or steps < 2:
        return points
    controls = bezier(points)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    start, first, second, end = (controls[:, i, None] for i in range(4))
    curve = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * end
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def bezier(points: Points) -> Float[np.ndarray, "N-1 4 2"]:
    """The Catmull-Rom curve through the points as cubic Bézier pieces: start, two handles, end.

    The handle at a point lies along the line between its neighbours, a sixth of that line away.
    """
    padded = np.concatenate([points[:1], points, points[-1:]])
    handle = (padded[2:] - padded[:-2]) / 6
    return np.stack([points[:-1], points[:-1] + handle[:-1], points[1:] - handle[1:], points[1:]], 1)
