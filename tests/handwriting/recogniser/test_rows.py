from __future__ import annotations

import numpy as np
import pytest

from handwriting.page import Line, Pen
from handwriting.recogniser.rows import rows, rows_of
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


def test_a_row_in_several_pens_is_one() -> None:
    """As notes have it: what is written with one pen comes together, be it a word or several rows."""
    first, second, third = letters(20, 0), letters(12, 220), letters(18, 440)
    blue, red = Pen("blue"), Pen("red")
    runs = [(blue, first[:5]), (red, first[5:9]), (blue, first[9:] + second[:4]), (red, second[4:]), (blue, third)]
    found = rows_of([Line(join(strokes), pen=pen) for pen, strokes in runs])
    assert [len(split(row)) for row in found] == [20, 12, 18]


def test_a_heading_that_was_added_last_is_a_row_of_its_own() -> None:
    heading, text = letters(6, -220), [*letters(20, 0), *letters(12, 220)]
    found = rows_of([Line(join(text), pen=Pen("blue")), Line(np.zeros((0, 3))), Line(join(heading), pen=Pen("red"))])
    assert [len(split(row)) for row in found] == [20, 12, 6]


def test_lines_that_tell_what_they_say_or_have_one_pen_stay_apart() -> None:
    halves = letters(20, 0)[:10], letters(20, 0)[10:]
    told = [
        Line(join(half), text, Pen(colour)) for half, text, colour in zip(halves, "ab", ("red", "blue"), strict=True)
    ]
    assert len(rows_of(told)) == 2
    assert len(rows_of([Line(join(half)) for half in halves])) == 2


def test_little_ink_is_one_line_and_none_is_none() -> None:
    assert rows(np.zeros((0, 3))) == []
    assert len(rows(np.array([[5.0, 5.0, 1.0]]))) == 1
    colon = join([np.array([[0.0, 0.0]]), np.array([[0.0, 40.0]])])
    assert len(rows(colon)) == 1
