"""The shapes of accents, as a hand draws them.

Each is a list of strokes, each stroke a list of points that its curve goes through, in heights of a small letter, x to the right
and y downward. (0, 0) is where the accent touches, or nearly touches, its letter: the bottom of what stands over it, the top of
what hangs under it, the middle of what crosses it.
"""

from __future__ import annotations

import numpy as np

from handwriting.spelling import Accent
from handwriting.strokes import Points, smooth

Shape = list[list[tuple[float, float]]]

DOT: Shape = [[(0.0, -0.1), (0.03, -0.04), (0.02, 0.0)]]
COMMA: Shape = [[(0.04, 0.0), (0.06, 0.14), (-0.02, 0.28), (-0.13, 0.37)]]
SHAPES: dict[Accent, Shape] = {
    "grave": [[(-0.26, -0.4), (-0.04, -0.2), (0.22, 0.0)]],
    "acute": [[(-0.2, 0.0), (0.02, -0.18), (0.26, -0.44)]],
    "circumflex": [[(-0.34, 0.0), (-0.12, -0.26), (0.02, -0.37), (0.14, -0.24), (0.34, 0.03)]],
    "tilde": [[(-0.42, -0.04), (-0.26, -0.22), (-0.06, -0.16), (0.1, -0.03), (0.26, -0.05), (0.42, -0.24)]],
    "macron": [[(-0.38, -0.03), (0.0, -0.06), (0.38, -0.02)]],
    "breve": [[(-0.32, -0.3), (-0.24, -0.1), (-0.04, 0.0), (0.2, -0.08), (0.32, -0.32)]],
    "dot above": DOT,
    "diaeresis": [[(-0.24, -0.16), (-0.21, -0.06), (-0.22, 0.0)], [(0.24, -0.18), (0.26, -0.08), (0.24, 0.0)]],
    "hook above": [[(-0.14, -0.36), (-0.02, -0.46), (0.13, -0.4), (0.12, -0.26), (0.0, -0.16), (0.0, 0.0)]],
    "ring": [[(0.05, -0.48), (-0.19, -0.38), (-0.22, -0.13), (0.02, 0.0), (0.23, -0.15), (0.2, -0.38), (0.0, -0.49)]],
    "double acute": [[(-0.3, 0.0), (-0.18, -0.18), (-0.04, -0.42)], [(0.04, 0.0), (0.18, -0.18), (0.34, -0.44)]],
    "caron": [[(-0.34, -0.34), (-0.16, -0.12), (-0.01, 0.0), (0.14, -0.14), (0.36, -0.38)]],
    "horn": [[(-0.04, 0.04), (0.18, 0.0), (0.32, -0.14), (0.3, -0.38)]],
    "dot below": [[(0.0, 0.0), (0.03, 0.06), (0.02, 0.1)]],
    "comma below": COMMA,
    "cedilla": [[(0.02, -0.04), (-0.03, 0.12), (0.1, 0.19), (0.15, 0.31), (0.02, 0.43), (-0.2, 0.4)]],
    "ogonek": [[(0.04, -0.06), (-0.1, 0.1), (-0.14, 0.27), (-0.02, 0.38), (0.18, 0.32)]],
}
TURNED_COMMA: Shape = [[(0.12, -0.4), (-0.02, -0.3), (-0.07, -0.14), (0.0, 0.0)]]
"""what a small g has for a cedilla"""
APOSTROPHE: Shape = [[(0.03, -0.02), (0.05, 0.12), (-0.04, 0.28)]]
"""what d, t, l and L have for a caron, beside their top"""
SLASH: Shape = [[(-0.5, 0.62), (-0.02, 0.02), (0.54, -0.62)]]
SHORT_SLASH: Shape = [[(-0.3, 0.2), (0.0, 0.01), (0.32, -0.2)]]
BAR: Shape = [[(-0.36, 0.03), (0.0, 0.0), (0.38, -0.03)]]


def drawn(shape: Shape, size: float, slant: float, spacing: float, random: np.random.Generator) -> list[Points]:
    """A shape as strokes of ink, in mm, not twice the same.

    Args:
        size: the height of a small letter, mm.
        slant: how far the hand leans to the right, over a height of 1.
        spacing: from one point to the next, mm, where the pen is quick.
    """
    angle = random.normal(0, 0.07)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    lean = np.array([[1.0, 0.0], [-slant, 1.0]])
    stretch = size * random.normal(1, 0.07, 2).clip(0.8, 1.2)
    strokes = []
    for stroke in shape:
        points = np.array(stroke)
        points = (points + random.normal(0, 0.018, points.shape)) @ turn @ lean * stretch
        strokes.append(_paced(smooth(points, 12), spacing))
    return strokes


def _paced(curve: Points, spacing: float) -> Points:
    """Points on a curve as a tablet records them: closer at both ends, where the pen comes down and is lifted."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    count = max(4, round(way[-1] / spacing) + 2)
    time = np.linspace(0, 1, count)
    at = way[-1] * (0.6 * time + 0.4 * (1 - np.cos(np.pi * time)) / 2)
    return np.column_stack([np.interp(at, way, curve[:, 0]), np.interp(at, way, curve[:, 1])])
