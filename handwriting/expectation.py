"""Where the network expected the pen, over the plane that it writes on (the upper maps of Graves 2013, figures 10 and 11)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from handwriting.inside import Inside

LEAST_WEIGHT = 1e-3
"""components with less are left out: thousands of them would be drawn and none seen"""
REACH = 3.5
"""standard deviations of a component that are drawn"""
MARGIN = 0.3
"""of the ink's height, around it"""


class Plane(NamedTuple):
    """Densities over a part of the plane, in square cells."""

    values: Float[np.ndarray, "rows columns"]
    """expected points per square tablet unit, summed over all steps"""
    left: float
    top: float
    cell: float
    """side of a cell, in tablet units as left and top are"""


def expectation(inside: Inside, mean: Float[np.ndarray, 2], scale: Float[np.ndarray, 2], columns: int = 720) -> Plane:
    """The densities of all next points, each laid where the pen stood, added up.

    So every place shines as brightly as the network was sure that the pen would come there: each point is a spot, small where the
    way was clear, wide where the pen had been lifted and might have come down anywhere.

    Args:
        inside: what was seen.
        mean: of the training offsets, tablet units.
        scale: their standard deviations: the network's units.
        columns: fineness of the plane.
    """
    pen = np.cumsum(inside.strokes[:, :2], 0)
    margin = MARGIN * max(float(np.ptp(pen[:, 1])), 1.0)
    (left, top), (right, bottom) = pen.min(0) - margin, pen.max(0) + margin
    cell = (right - left) / columns
    plane = np.zeros((max(int(np.ceil((bottom - top) / cell)), 1), columns))
    weights = inside.expected.log_weights.exp().double().numpy()
    centres = pen[:-1, None] + inside.expected.means.double().numpy() * scale + mean
    # A spot narrower than a cell would fall between two of them and be lost.
    spreads = np.maximum(inside.expected.log_scales.double().exp().numpy() * scale, cell / 2)
    correlations = inside.expected.atanh_correlation.double().tanh().numpy()
    origin = np.array([left, top]) + cell / 2
    for step, component in np.argwhere(weights > LEAST_WEIGHT):
        at = step, component
        _add(plane, weights[at], (centres[at] - origin) / cell, spreads[at] / cell, correlations[at])
    return Plane(plane / cell**2, float(left), float(top), float(cell))


def _add(
    plane: Float[np.ndarray, "rows columns"],
    weight: float,
    centre: Float[np.ndarray, 2],
    spread: Float[np.ndarray, 2],
    correlation: float,
) -> None:
    """Adds one Gaussian to the part of the plane that it reaches; all lengths in cells."""
    first = np.maximum(np.floor(centre - REACH * spread), 0).astype(int)
    last = np.minimum(np.ceil(centre + REACH * spread) + 1, plane.shape[::-1]).astype(int)
    if (last <= first).any():
        return
    u = (np.arange(first[0], last[0]) - centre[0]) / spread[0]
    v = (np.arange(first[1], last[1])[:, None] - centre[1]) / spread[1]
    left_over = 1 - correlation**2 + 1e-9
    density = np.exp(-(u**2 + v**2 - 2 * correlation * u * v) / (2 * left_over))
    density *= weight / (2 * np.pi * spread.prod() * np.sqrt(left_over))
    plane[first[1] : last[1], first[0] : last[0]] += density
