"""When the pen is where."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting import Ink
from handwriting.ink import InkLine
from handwriting.pace import LIFT_SECONDS, POINTS_PER_SECOND, TRAVEL_SPEED, pen_times
from ui.pen import MARGIN, sheet

# Two strokes: one of three points, then, 30 mm to the right, one of two.
STROKES = np.array([[5, 5, 0], [1, 0, 0], [1, 0, 1], [30, 0, 0], [0, 2, 1]], dtype=float)


def test_points_of_a_stroke_are_evenly_spaced_and_the_air_takes_longer() -> None:
    times = pen_times(STROKES)
    steps = np.diff(times)
    assert times[0] == 0
    assert steps[[0, 1, 3]] == pytest.approx(1 / POINTS_PER_SECOND)
    assert steps[2] == pytest.approx(LIFT_SECONDS + 30 / TRAVEL_SPEED)


def test_ink_lies_on_its_sheet_with_a_margin_all_around() -> None:
    ink = Ink((InkLine("ab", STROKES, np.array([0, 0, 0, 1, 1])),), text="ab", bias=1.0, seed=3)
    page = sheet(ink)
    assert page["paper"] == [32 + 2 * MARGIN, 2 + 2 * MARGIN]
    assert (min(page["x"]), min(page["y"])) == (MARGIN, MARGIN)
    assert page["penUp"] == [False, False, True, False, True]
    assert page["character"] == [0, 0, 0, 1, 1]
    assert page["time"] == sorted(page["time"])
