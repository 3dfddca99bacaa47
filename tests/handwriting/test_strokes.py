from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from handwriting import strokes
from handwriting.layout import break_lines, stack

coordinates = st.floats(-1000, 1000, allow_nan=False)
line_of_ink = st.lists(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=6), max_size=5)


@given(line_of_ink)
def test_split_undoes_join(line: list[list[tuple[float, float]]]) -> None:
    parts = strokes.split(strokes.join([np.array(stroke) for stroke in line]))
    assert len(parts) == len(line)
    for part, stroke in zip(parts, line, strict=True):
        np.testing.assert_allclose(part, stroke, atol=1e-6)


def test_levelling_turns_a_slope_flat_and_keeps_lengths() -> None:
    x = np.linspace(0, 100, 50)
    sloped = strokes.join([np.stack([x, 0.2 * x + np.sin(x)], 1)])
    level = strokes.level(sloped)
    slope = np.polyfit(*np.cumsum(level[:, :2], 0).T, 1)[0]
    assert abs(slope) < 1e-2
    np.testing.assert_allclose(np.hypot(*level[:, :2].T), np.hypot(*sloped[:, :2].T))


def test_a_short_word_is_not_turned() -> None:
    word = strokes.join([np.array([[0.0, 0], [10, 10]])])
    assert strokes.level(word) is word


def test_smooth_curve_passes_through_its_points() -> None:
    points = np.array([[0.0, 0], [1, 2], [3, 1], [4, 4]])
    curve = strokes.smooth(points, 5)
    np.testing.assert_allclose(curve[::5], points)
    assert len(curve) == 3 * 5 + 1


def test_lines_are_set_flush_left_one_under_the_other() -> None:
    line = strokes.join([np.array([[5.0, 1], [25, 1]])])
    page = stack([line, np.zeros((0, 3)), line], pitch=10)
    first, second = strokes.split(page)
    np.testing.assert_allclose(first, [[0, 1], [20, 1]])
    np.testing.assert_allclose(second, [[0, 21], [20, 21]])


def test_a_word_longer_than_a_line_is_cut_evenly_or_behind_a_sign() -> None:
    assert break_lines("see abcdefghijklmnop so", 10) == ["see", "abcdefgh", "ijklmnop", "so"]
    assert break_lines("see abcdefghijklm so", 10) == ["see", "abcdefg", "hijklm so"]
    assert break_lines("https://a.bc/def/ghij/k", 10) == ["https://", "a.bc/def/", "ghij/k"]


@given(st.text("ab/ \n", max_size=300), st.integers(3, 40))
def test_broken_lines_lose_no_character_and_fit(text: str, most: int) -> None:
    lines = break_lines(text, most)
    assert all(len(line) <= most for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
