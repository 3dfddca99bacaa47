"""What must hold of ink that comes from a file."""

from __future__ import annotations

from typing import Any

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from handwriting.strokes import Points, Strokes, bounds, join
from shared.errors import UserError

MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6}
"""units by name; of lengths in others, or in none, `in_mm` finds out what they are"""
MOST_POINTS = 500_000
"""about 25 full pages"""
FARTHEST = 1e7
"""ink lies no farther off than this, whatever its unit"""
WIDEST = 1000.0
"""mm of ink, beyond which nobody meant mm"""
DEEPEST = 100
"""elements within each other in a file of ink"""
DEVICE_UNIT = 0.01
"""mm: what tablets count in most often (HIMETRIC)"""


def parsed(content: bytes, refusal: str) -> Any:
    """The root of a file in XML.

    Args:
        refusal: what a message says of a file that is none, before it says why.

    Raises:
        UserError: if it is none, or a bomb.
    """
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        why = "it defines entities, as bombs do" if isinstance(error, DefusedXmlException) else str(error)[:100]
        raise UserError(f"{refusal} ({why})") from error
    level = [root]
    for _ in range(DEEPEST):
        level = [element for above in level for element in above]
    if level:
        raise UserError(f"{refusal} (it is nested over {DEEPEST} deep, as bombs are)")
    return root


def joined(strokes: list[Points]) -> Strokes:
    """Strokes of absolute points as ink.

    Raises:
        UserError: see `check_points`.
    """
    strokes = [stroke.reshape(-1, 2) for stroke in strokes]
    check_points(np.concatenate([np.zeros((0, 2)), *strokes]))
    return join(strokes)


def in_mm(strokes: Strokes) -> Strokes:
    """Ink whose unit nobody told: mm, or, if it were wider or higher than any writing, hundredths, or hundredths of these, …"""
    left, top, right, bottom = bounds(strokes)
    size = max(right - left, bottom - top)
    while size > WIDEST:
        size *= DEVICE_UNIT
        strokes = strokes * [DEVICE_UNIT, DEVICE_UNIT, 1.0]
    return strokes


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
