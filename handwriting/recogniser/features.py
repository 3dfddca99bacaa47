"""Ink as frames: short stretches of the pen's way, side by side, the same wherever, however large the ink lies.

A recurrent network takes a step for each frame, so frames are few: three to five a character.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from handwriting.strokes import Strokes, level

SPACING = 0.3
"""Distance between two points of a curve, in heights (root mean square) of the line; about 18 points a character."""
STEEPEST = 1.5
"""the largest slant that is believed: 56 degrees"""


class Layout(NamedTuple):
    """How points become frames: each frame sees `window` points, and begins `stride` points after the one before."""

    features: int
    window: int = 10
    stride: int = 5


LAYOUTS = {"curve": Layout(6), "pen": Layout(3)}


def frame_size(kind: str) -> int:
    """Numbers in a frame."""
    layout = LAYOUTS[kind]
    return layout.features * layout.window


@dataclass(frozen=True)
class Distortion:
    """One way to write the same text a little otherwise, drawn anew for each line of each lesson."""

    matrix: Float[np.ndarray, "2 2"]
    spacing: float
    shake: Float[np.ndarray, "T 2"]
    start: int

    @classmethod
    def draw(cls, points: int, strength: float, random: np.random.Generator) -> Distortion:
        """Stretched by about 12 % in x and in y, slanted by 0.15, turned by 2 degrees, shaken by 2 % of its height."""
        size, slant, turn = np.exp(0.12 * strength * random.normal(size=2)), *random.normal(size=2) * strength
        angle = 0.035 * turn
        rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        shear = np.array([[1.0, 0.0], [0.15 * slant, 1.0]])
        shake = 0.02 * strength * random.normal(size=(points, 2))
        spacing = float(np.exp(0.1 * strength * random.normal()))
        return cls(np.diag(size) @ shear @ rotation, spacing, shake, int(random.integers(5)) if strength else 0)


def frames(strokes: Strokes, kind: str, distortion: Distortion | None = None) -> Float[np.ndarray, "F D"]:
    """The frames of a line of ink, which may be in any unit; at least one.

    Raises:
        ValueError: for ink without a point, or with one that is no number.
    """
    if len(strokes) == 0 or not np.isfinite(strokes).all():
        raise ValueError("ink to read must have at least one point, and every point must be a number")
    ink = upright(strokes) if kind == "curve" else paced(strokes)
    spacing = SPACING
    if distortion:
        # Offsets of the shake, so that what is shaken is the place and not the way.
        moved = ink[:, :2] @ distortion.matrix + np.diff(distortion.shake, axis=0, prepend=0.0)
        ink, spacing = np.column_stack([moved, ink[:, 2]]), SPACING * distortion.spacing
    points = curve(ink, spacing) if kind == "curve" else ink
    return _windows(points, LAYOUTS[kind], distortion.start if distortion else 0)


def upright(strokes: Strokes) -> Strokes:
    """The line level, its downward strokes vertical on average, its root mean square height 1."""
    offsets = np.asarray(strokes, dtype=np.float64)
    if np.ptp(np.cumsum(offsets[:, 0])):
        offsets = level(offsets)
    drawn = np.append(False, offsets[:-1, 2] < 0.5)
    across, down = (offsets[drawn] * (offsets[drawn, 1:2] > 0))[:, :2].T
    slant = np.clip((across * down).sum() / max((down**2).sum(), 1e-12), -STEEPEST, STEEPEST)
    x, y = offsets[:, 0] - slant * offsets[:, 1], offsets[:, 1]
    return np.column_stack([np.column_stack([x, y]) / _height(x, y, drawn), offsets[:, 2]])


def paced(strokes: Strokes) -> Strokes:
    """The offsets as they are, divided by the mean length of those that were drawn."""
    offsets = np.asarray(strokes, dtype=np.float64)
    lengths = np.hypot(offsets[:, 0], offsets[:, 1])[1:][offsets[:-1, 2] < 0.5]
    pace = lengths.mean() if len(lengths) else 0.0
    offsets = offsets / [pace or 1.0, pace or 1.0, 1.0]
    offsets[0, :2] = 0.0  # the way to the first point says only where the line lies
    return offsets


def curve(ink: Strokes, spacing: float) -> Float[np.ndarray, "N 6"]:
    """Points at equal distances along each stroke.

    Six features each: the way drawn from the point before (in spacings), the way made in the air, the height above the middle
    of the line, and whether the stroke ends here. A dot is one point.
    """
    places = np.cumsum(ink[:, :2], 0) - ink[0, :2]
    starts = np.append(0, np.flatnonzero(ink[:-1, 2] > 0.5) + 1)
    along = np.hypot(ink[:, 0], ink[:, 1])
    along[starts] = 0.0
    along = np.cumsum(along)
    ends = np.append(starts[1:], len(ink)) - 1
    pieces = np.rint((along[ends] - along[starts]) / spacing).astype(int)
    marks = np.concatenate(
        [np.linspace(along[s], along[e], n + 1) for s, e, n in zip(starts, ends, pieces, strict=True)]
    )
    owner = np.repeat(np.arange(len(starts)), pieces + 1)
    # Strokes are kept apart on the axis of the interpolation by a gap that no mark falls into.
    gap = along[-1] + 1.0
    axis = along + gap * np.repeat(np.arange(len(starts)), ends - starts + 1)
    points = np.column_stack([np.interp(marks + gap * owner, axis, places[:, i]) for i in (0, 1)])
    first = np.append(True, owner[1:] != owner[:-1])
    way = np.diff(points, axis=0, prepend=points[:1])
    drawn, lifted = np.where(first[:, None], 0.0, way / spacing), np.where(first[:, None], way, 0.0)
    height = points[:, 1:] - points[:, 1].mean()
    return np.column_stack([drawn, lifted, height, np.append(first[1:], True)])


def _height(x: np.ndarray, y: np.ndarray, drawn: np.ndarray) -> float:
    """Root mean square of y about its mean, each piece of the drawn way weighing as much as it is long."""
    weight = np.hypot(x, y) * drawn
    places = np.cumsum(y) - y / 2
    if weight.sum() == 0:
        return 1.0
    height = np.sqrt(np.average((places - np.average(places, weights=weight)) ** 2, weights=weight))
    # A line without height, a dash, is measured by its longest stroke.
    starts = np.append(0, np.flatnonzero(~drawn[1:]) + 1)
    return float(max(height, np.add.reduceat(weight, starts).max() / 200))


def _windows(points: Float[np.ndarray, "N C"], layout: Layout, start: int) -> Float[np.ndarray, "F D"]:
    count = -(-(len(points) + start) // layout.stride)
    before = (layout.window - layout.stride) // 2 + start
    after = (count - 1) * layout.stride + layout.window - before - len(points)
    padded = np.pad(points, ((before, max(0, after)), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, layout.window, axis=0)[:: layout.stride][:count]
    return windows.transpose(0, 2, 1).reshape(count, -1).astype(np.float32)
