"""What must hold of ink that comes from a file."""

from __future__ import annotations

import numpy as np

from handwriting.strokes import Points, Strokes, join
from shared.errors import UserError

MOST_POINTS = 500_000
"""about 25 full pages"""
FARTHEST = 1e7
"""ink lies no farther off than this, whatever its unit"""


def joined(strokes: list[Points]) -> Strokes:
    """Strokes of absolute points as ink.

    Raises:
        UserError: see `check_points`.
    """
    strokes = [stroke.reshape(-1, 2) for stroke in strokes]
    check_points(np.concatenate([np.zeros((0, 2)), *strokes]))
    return join(strokes)


def check_points(points: Points) -> None:
    """Refuses places that no hand went to.

    Raises:
        UserError: for too many points, or one that is no number or beyond all paper.
    """
    if len(points) > MOST_POINTS:
        raise UserError(
            f"it holds {len(points):,} points; at most {MOST_POINTS:,} are read: split it into several files"
        )
    bad = np.flatnonzero(~np.isfinite(points).all(1))
    if len(bad):
        raise UserError(f"point {bad[0] + 1} of {len(points)} is not a number")
    far = np.flatnonzero((np.abs(points) > FARTHEST).any(1))
    if len(far):
        raise UserError(f"point {far[0] + 1} of {len(points)} lies over {FARTHEST:.0e} from the origin")
