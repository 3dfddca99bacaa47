"""Where a written line stands and how large it is: its baseline and its x-height, as a teacher would rule them under it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from handwriting.strokes import Points, Strokes

STANDING = frozenset("abcdehiklmnorstuvwxABCDEFGHIKLMNOPRSTUVWXYZ0123456789")
"""characters whose lowest point is on the baseline in almost every hand"""
SMALL = frozenset("acemnorsuvwx")
"""those that are as high as an x"""
LEAST_POINTS = 4
"""of a character that is measured"""
USUAL_X_HEIGHT = 1.8
"""mm: the median of the shipped network's lines; for a line that shows no small letter"""
STEEPEST = 0.1
"""slope of a baseline, of a line that was turned level before"""
FAR = 5.0
"""mm between two letters that say how the baseline runs"""
NEIGHBOURHOOD = 7.0
"""mm: letters nearer than this share a baseline"""
ENOUGH = 8
"""letters that say it; a shorter line is taken to run level"""


class Guides(NamedTuple):
    """In the line's own mm, y downward."""

    baseline: float
    """y at x = 0"""
    slope: float
    """of the baseline: y for each x"""
    x_height: float
    letters: int
    """how many letters the x-height was measured on; 0: none, so it is the usual one"""
    strays: Points
    """x, and how far under the baseline the writing runs there"""

    def lift(self, points: Points) -> Points:
        """The points counted from where the writing stands, as if it had followed a rule."""
        x = points[:, 0]
        foot = self.baseline + self.slope * x + np.interp(x, *self.strays.T)
        return points - np.stack([np.zeros(len(points)), foot], 1)


def guides(text: str, strokes: Strokes, characters: Int[np.ndarray, " T"]) -> Guides:
    """Measures a line of ink (mm) by its letters.

    The window tells which point belongs to which character only roughly, and hands are uneven: all measures are medians.

    Args:
        text: what the line says.
        strokes: its ink, at least one point.
        characters: the position in `text` of each point's character.
    """
    points = np.cumsum(strokes[:, :2], 0, dtype=np.float64)
    feet, heights = [], []
    for position, character in enumerate(text):
        own = points[characters == position]
        if len(own) >= LEAST_POINTS and character in STANDING:
            feet.append((own[:, 0].mean(), own[:, 1].max()))
            if character in SMALL:
                heights.append(np.ptp(own[:, 1]))
    # A line of commas and tails stands somewhere near the foot of its ink.
    x, y = np.array(feet).T if feet else (np.zeros(1), np.quantile(points[:, 1], [0.9]))
    slope = _slope(x, y) if len(x) >= ENOUGH else 0.0
    x_height = float(np.median(heights)) if heights else 0.0
    measured = x_height > 0
    baseline = float(np.median(y - slope * x))
    return Guides(
        baseline,
        slope,
        x_height if measured else USUAL_X_HEIGHT,
        len(heights) if measured else 0,
        _strays(x, y - slope * x - baseline),
    )


def _slope(x: Float[np.ndarray, " N"], y: Float[np.ndarray, " N"]) -> float:
    """Median of the slopes between all pairs of points that lie far apart (Theil 1950, Sen 1968)."""
    one, other = np.triu_indices(len(x), 1)
    run, rise = x[other] - x[one], y[other] - y[one]
    far = np.abs(run) > FAR
    return float(np.median(rise[far] / run[far]).clip(-STEEPEST, STEEPEST)) if far.any() else 0.0


def _strays(x: Float[np.ndarray, " N"], off: Float[np.ndarray, " N"]) -> Points:
    """How letters at x are off the straight baseline, evened over their neighbours; a tail taken for a foot counts little."""
    order = np.argsort(x)
    x, off = x[order], off[order]
    most = 3 * float(np.median(np.abs(off)))
    weights = np.exp(-0.5 * ((x[:, None] - x) / NEIGHBOURHOOD) ** 2)
    return np.stack([x, weights @ off.clip(-most, most) / weights.sum(1)], 1)
