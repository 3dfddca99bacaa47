"""Which of the neighbouring parts of a text (words, or letters) each stroke of its ink belongs to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from handwriting.strokes import Points

Owners = Int[np.ndarray, " N"]
Span = tuple[float, float]

LONG = 9
"""points of a stroke that tells where a part is; dots and most crosses have fewer"""
LEAST_HOLE = 1.0
"""mm without ink that tell two words apart; letters are nearer"""


class Share(NamedTuple):
    """Parts that cannot be told apart, mostly one alone, and their ink."""

    first: int
    last: int
    """the first and the last of the parts"""
    strokes: list[int]
    """which strokes, in writing order; none of a text without ink alone"""


def share_out(
    strokes: Sequence[Points], owners: Sequence[Owners], loose: Sequence[bool], parts: int, across: int
) -> list[Share]:
    """Gives each stroke, whole, to a part of the text.

    The window says which part each point is of, but it may run ahead of the pen: a dot or a cross that stands over the part
    beside it is given to that. A stroke of two parts makes them one, and a part without ink is one with the part before it.

    Args:
        strokes: absolute points.
        owners: the part, 0 to parts - 1, of each point of each stroke.
        loose: of each stroke, whether it belongs between two parts, that of its owners and the next.
        across: points that a stroke needs in another part to be of both.
    """
    counts = [np.bincount(own, minlength=parts) for own in owners]
    holders = np.array([count.argmax() for count in counts])
    holders = np.array([_holder(n, strokes, holders, loose[n], parts) for n in range(len(strokes))])
    apart = np.ones(max(parts - 1, 0), dtype=bool)
    for stroke, count in enumerate(counts):
        present = [int(holders[stroke]), *np.flatnonzero(count >= across).tolist()]
        first, last = min(present), max(present)
        side = _side(stroke, strokes, holders, first) if last == first + 1 else None
        if side is None:
            apart[first:last] = False
        else:
            holders[stroke] = side
    inked = np.bincount(holders, minlength=parts) > 0
    first_inked = int(inked.argmax())
    apart[:first_inked] = False
    apart[first_inked:] &= inked[first_inked + 1 :]
    edges = [0, *(np.flatnonzero(apart) + 1), parts]
    return [
        Share(int(start), int(end) - 1, np.flatnonzero((start <= holders) & (holders < end)).tolist())
        for start, end in itertools.pairwise(edges)
    ]


def _holder(stroke: int, strokes: Sequence[Points], holders: Int[np.ndarray, " S"], loose: bool, parts: int) -> int:
    """The part that a stroke stands over, if it is another than its own; of a loose stroke, the nearest."""
    own = int(holders[stroke])
    left, right = _reach([strokes[stroke]])
    distances = {}
    for part in range(max(own - 1, 0), min(own + 2, parts)):
        others = [strokes[n] for n in np.flatnonzero(holders == part).tolist() if n != stroke]
        if others:
            low, high = _reach([other for other in others if len(other) >= LONG] or others)
            middle = (left + right) / 2
            inside = low <= middle <= high
            distances[part] = 0.0 if inside else max(low - right, left - high, 1e-6)
    if own not in distances and not loose:
        return own  # all there is of this part
    nearest = min(distances, key=lambda part: (distances[part], abs(part - own)), default=own)
    return nearest if loose or distances[nearest] == 0.0 else own


def _side(stroke: int, strokes: Sequence[Points], holders: Int[np.ndarray, " S"], first: int) -> int | None:
    """To which of two parts a stroke belongs that the window says is of both: there is a hole on its other side. None if it
    runs from one into the other."""
    left, right = _reach([strokes[stroke]])
    before, after = (
        [strokes[n] for n in np.flatnonzero(holders == part).tolist() if n != stroke] for part in (first, first + 1)
    )
    hole_before = left - _reach(before)[1] if before else -np.inf
    hole_after = _reach(after)[0] - right if after else -np.inf
    if max(hole_before, hole_after) < LEAST_HOLE:
        return None
    return first if hole_after > hole_before else first + 1


def _reach(strokes: Sequence[Points]) -> Span:
    x = np.concatenate([stroke[:, 0] for stroke in strokes])
    return float(x.min()), float(x.max())
