"""What the pictures along the ink are told."""

from __future__ import annotations

import base64

import numpy as np

from ui import timeline

LINE = np.array([[0, 0, 0], [10, -5, 0], [10, 5, 1], [30, 0, 0], [5, 5, 1]], dtype=float)


def numbers(text: str) -> list[int]:
    return list(base64.b64decode(text))


def test_ink_is_told_point_by_point() -> None:
    panel = timeline.ink(LINE, "Handwriting: a", values=np.array([-1, 0, 1, 2, 0.5]), marks=[(1, 0)])
    assert panel["x"] == [0, 10, 20, 50, 55]
    assert panel["y"] == [0, -5, 0, 0, 5]
    assert panel["penUp"] == [False, False, True, False, True]
    assert numbers(panel["values"]) == [1, 128, 255, 255, 192]  # past the ends is at the end
    assert panel["marks"] == [[1, 0]]


def test_drawn_out_ink_lies_under_its_own_moments_and_keeps_its_letters() -> None:
    random = np.random.default_rng(0)
    steps = np.column_stack([random.gamma(1.0, 10.0, 600), random.normal(0, 5, 600), random.random(600) < 0.05])
    steps[200:210, 0] = 60.0  # a gap between two words
    panel = timeline.drawn_out(steps, "Handwriting")
    assert panel["stretched"] == 599
    away = np.abs(np.array(panel["x"]) - np.arange(600))
    assert np.median(away) < 15
    assert away.max() < 120
    # From point to point it moves about as the pen did.
    pace = steps[1:, 0].sum() / 599
    drift = np.diff(panel["x"]) - steps[1:, 0] / pace
    assert np.abs(drift).mean() < 0.3
    assert np.abs(drift).max() < 1


def test_a_chart_is_as_dark_as_its_numbers() -> None:
    panel = timeline.chart(np.array([[0, 0.5], [1, 3]]), ["a", "b"], "label")
    assert numbers(panel["values"]) == [0, 128, 255, 255]
    assert panel["count"] == 2


def test_a_curve_has_room_for_its_numbers() -> None:
    assert [timeline.curve(np.array([0.2, -0.4]), "cell", "")[end] for end in ("low", "high")] == [-1, 1]
    assert [timeline.curve(np.array([0.2, 2.5]), "cell", "")[end] for end in ("low", "high")] == [0, 3]


def test_light_has_a_ceiling_and_may_be_none() -> None:
    values = np.full((10, 100), 1e-9)
    values[0, :10] = [1e-3] * 9 + [1e3]
    shown = numbers(timeline.glow(values, 1.0, 2.0, 0.5)["values"])
    assert max(shown) == 255
    assert shown[0] > 0
    assert set(numbers(timeline.glow(np.zeros((2, 2)), 0, 0, 1)["values"])) == {0}
