"""A hand drawn on a screen: what a pad recorded becomes a style."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from handwriting.pace import POINTS_PER_SECOND
from handwriting.strokes import Points, join
from handwriting.styles.normal import LONGEST_TEXT, SHORTEST_TEXT, normal
from handwriting.styles.style import Style
from shared.errors import UserError

MOST_POINTS = 20_000
"""of a sample: a quarter of an hour at the usual pace of browsers"""
FARTHEST = 20_000.0
"""pixels; no screen is larger"""
SMALLEST = 12.0
"""pixels that the ink is high, at least: it is recorded in whole ones"""
GRAIN = 3.0
"""pixels that the pen goes in the time over which its places are averaged, at least"""

Track = Float[np.ndarray, "N 3"]
"""a stroke as it was recorded: x and y in pixels, y downward, and the time in seconds"""


def sample_from(strokes: Sequence[Track], text: str, name: str = "", origin: str = "drawn on a screen") -> Style:
    """A style from a line that was drawn on a screen.

    A screen tells whole pixels, whenever it likes. A tablet tells finer places, evenly in time, and so does what is made of it
    here. As a prime, lines of IAM-OnDB that were put on a screen of 120 events a second, 10 pixels high (root mean square), serve
    the network as well as untouched ones: 20 lines of split 1, each read after another one of the same hand, have 1035.5 nats, and
    1034.7 after the untouched; as it came from the screen 1022.7, without a hand 967.8.

    Args:
        strokes: in the order of writing.
        text: what they say.
        name: of the hand.
        origin: where it comes from.

    Raises:
        UserError: if there is no ink, or far too much; or it does not say this text.
    """
    said = " ".join(text.split())
    if not said:
        raise UserError("the words are missing; say what you wrote, letter for letter")
    if not SHORTEST_TEXT <= len(said) <= LONGEST_TEXT:
        raise UserError(
            f"a hand is seen in {SHORTEST_TEXT} to {LONGEST_TEXT} characters, and these words have {len(said)}; "
            f"write {'more' if len(said) < SHORTEST_TEXT else 'fewer'}"
        )
    tracks = checked(strokes)
    window = _window(tracks)
    style = Style(name, said, join([evenly(track, window) for track in tracks]), origin)
    normal(style.strokes, said)
    return style


def checked(strokes: Sequence[Track]) -> list[Track]:
    """The strokes that have a point.

    Raises:
        UserError: for what no hand draws.
    """
    tracks = [np.asarray(stroke, dtype=np.float64).reshape(-1, 3) for stroke in strokes if len(stroke)]
    if not tracks:
        raise UserError("nothing is drawn yet; write the words on the line")
    points = np.concatenate(tracks)
    if len(points) > MOST_POINTS:
        raise UserError(f"the drawing has {len(points):,} points, and a hand is seen in far fewer than {MOST_POINTS:,}")
    if not np.isfinite(points).all():
        raise UserError("the drawing has a point that is nowhere; clear it, and write again")
    if (np.abs(points[:, :2]) > FARTHEST).any():
        raise UserError("the drawing goes on far beyond the screen; clear it, and write again")
    if np.ptp(points[:, 1]) < SMALLEST:
        raise UserError("the drawing is too small, or too flat, to see a hand in it; write larger")
    return tracks


def in_one_line(strokes: Sequence[Track], rows: int, height: float, characters: int) -> list[Track]:
    """Writing that stands in rows under each other, as it would stand in one.

    Args:
        strokes: in any order.
        rows: of the sheet; what goes over its edges belongs to the nearest.
        height: pixels from one row to the next.
        characters: that all of them have, spaces counted.
    """
    written: dict[int, list[Track]] = {}
    for stroke in checked(strokes):
        written.setdefault(int(np.clip(np.median(stroke[:, 1]) // height, 0, rows - 1)), []).append(stroke)
    ends = {
        row: (min(stroke[:, 0].min() for stroke in own), max(stroke[:, 0].max() for stroke in own))
        for row, own in sorted(written.items())
    }
    space = sum(right - left for left, right in ends.values()) / characters
    line: list[Track] = []
    pen = 0.0
    for row, (left, right) in ends.items():
        line += [np.array([pen - left, -height * row, 0.0]) + stroke for stroke in written[row]]
        pen += right - left + space
    return line


def evenly(track: Track, window: float) -> Points:
    """Points evenly in time, each the mean of where the pen was in the `window` (s) about it; the ends stay where they are."""
    times = np.maximum.accumulate(track[:, 2])
    length = times[-1] - times[0]
    if not length > 0:
        return track[:, :2]
    marks = np.linspace(times[0], times[-1], round(length * POINTS_PER_SECOND) + 2)
    half = np.minimum(window / 2, np.minimum(marks - times[0], times[-1] - marks))
    means = np.stack([_way(times, track[:, i], marks, half) for i in (0, 1)], 1)
    means[[0, -1]] = track[[0, -1], :2]
    return means


def _window(tracks: Sequence[Track]) -> float:
    """Seconds over which places are averaged: what a tablet takes for a point, longer for a slow pen, whose every pixel shows."""
    way = sum(float(np.hypot(*np.diff(track[:, :2], axis=0).T).sum()) for track in tracks)
    time = sum(float(np.ptp(track[:, 2])) for track in tracks)
    return max(1 / POINTS_PER_SECOND, GRAIN * time / max(way, 1.0))


def _way(
    times: Float[np.ndarray, " N"],
    values: Float[np.ndarray, " N"],
    marks: Float[np.ndarray, " M"],
    half: Float[np.ndarray, " M"],
) -> Float[np.ndarray, " M"]:
    """The mean from half before each mark to half after it, of the line through the values."""
    steps = np.diff(times)
    area = np.append(0.0, np.cumsum(steps * (values[1:] + values[:-1]) / 2))

    def integral(at: Float[np.ndarray, " M"]) -> Float[np.ndarray, " M"]:
        piece = np.searchsorted(times, at, "right").clip(1, len(times) - 1) - 1
        return area[piece] + (at - times[piece]) * (values[piece] + np.interp(at, times, values)) / 2

    wide = np.maximum(2 * half, 1e-9)
    return (integral(marks + half) - integral(marks - half)) / wide
