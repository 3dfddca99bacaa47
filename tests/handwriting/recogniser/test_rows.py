from __future__ import annotations

import numpy as np
import pytest

from handwriting.recogniser.rows import rows
from handwriting.strokes import Points, join, split


def letters(count: int, y: float, slope: float = 0.0) -> list[Points]:
    """Tall and small strokes beside each other on a line at height y."""
    return [
        np.array([[60.0 * n, y + slope * 60 * n], [60.0 * n + 20, y + slope * 60 * n - (100 if n % 3 else 50)]])
        for n in range(count)
    ]


@pytest.mark.parametrize("slope", [0.0, 0.08, -0.08])
def test_lines_are_found_in_their_order_and_nothing_is_lost(slope: float) -> None:
    lines = [letters(count, 220 * place, slope) for place, count in enumerate((20, 12, 3, 18))]
    ink = join([stroke for line in lines for stroke in line])
    found = rows(ink)
    assert [len(split(row)) for row in found] == [20, 12, 3, 18]
    np.testing.assert_allclose(
        np.concatenate(split(join([s for row in found for s in split(row)]))), np.cumsum(ink[:, :2], 0)
    )


def test_what_is_added_to_a_line_late_stays_with_it() -> None:
    cross, dot = np.array([[0.0, -70.0], [50.0, -72.0]]), np.array([[65.0, -120.0]])
    comma, descender = np.array([[1210.0, -5.0], [1205.0, 25.0]]), np.array([[1230.0, -40.0], [1200.0, 50.0]])
    underline = np.array([[0.0, 20.0], [300.0, 22.0]])
    ink = join([*letters(20, 0), comma, descender, cross, dot, underline])
    assert len(rows(ink)) == 1


def test_little_ink_is_one_line_and_none_is_none() -> None:
    assert rows(np.zeros((0, 3))) == []
    assert len(rows(np.array([[5.0, 5.0, 1.0]]))) == 1
    colon = join([np.array([[0.0, 0.0]]), np.array([[0.0, 40.0]])])
    assert len(rows(colon)) == 1
