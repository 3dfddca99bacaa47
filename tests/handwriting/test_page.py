from __future__ import annotations

import numpy as np
import pytest

from handwriting.pace import LIFT_SECONDS, POINTS_PER_SECOND, TRAVEL_SPEED, pen_times
from handwriting.page import MARGIN, Line, Page, Paper, Pen
from handwriting.strokes import join, split
from shared.errors import UserError

FIRST, SECOND = (
    join([np.array([[10.0, 10], [20, 12]])]),
    join([np.array([[10.0, 30], [20, 32]]), np.array([[40.0, 30]])]),
)


def test_all_ink_of_a_page_lies_where_its_lines_do() -> None:
    page = Page(Paper(100, 50), (Line(FIRST), Line(np.zeros((0, 3))), Line(SECOND)))
    together = split(page.strokes)
    apart = [*split(FIRST), *split(SECOND)]
    assert len(together) == len(apart)
    for one, other in zip(together, apart, strict=True):
        np.testing.assert_allclose(one, other)
    assert Page(Paper(1, 1), ()).strokes.shape == (0, 3)


def test_ink_without_a_page_gets_paper_around_it() -> None:
    page = Page.around(FIRST, "hi")
    assert page.strokes.tobytes() == FIRST.tobytes()
    assert (page.paper.width, page.paper.height) == (10 + 2 * MARGIN, 2 + 2 * MARGIN)
    np.testing.assert_allclose(split(FIRST, page.origin)[0][0], [MARGIN, MARGIN])
    assert page.text == "hi"


def test_pens_are_taken_up_in_order_and_each_once() -> None:
    lines = [Line(FIRST, "a", Pen("blue")), Line(FIRST, "b", Pen("red")), Line(FIRST, "c", Pen("#00F"))]
    assert {pen.colour: [line.text for line in of] for pen, of in Page(Paper(9, 9), lines).by_pen().items()} == {
        "#0000ff": ["a", "c"],
        "#ff0000": ["b"],
    }


def test_rules() -> None:
    assert Paper(20, 30).rules() == []
    assert Paper(20, 30, ruling="ruled", pitch=10).rules() == [(0, 10, 20, 10), (0, 20, 20, 20)]
    assert Paper(20, 30, ruling="ruled", pitch=10, first_rule=15).rules() == [(0, 15, 20, 15), (0, 25, 20, 25)]
    assert [rule for rule in Paper(25, 30, ruling="squared", pitch=10).rules() if rule[0] == rule[2]] == [
        (2.5, 0, 2.5, 30),
        (12.5, 0, 12.5, 30),
        (22.5, 0, 22.5, 30),
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Pen("blueish"), "'blueish' is no colour"),
        (lambda: Pen('"/><script>'), "is no colour"),
        (lambda: Pen("rgb(300,0,0)"), "is no colour"),
        (lambda: Pen("hsl(0,200%,50%)"), "is no colour"),
        (lambda: Pen(width=0), "width must be over 0"),
        (lambda: Pen(width=float("nan")), "width must be over 0"),
        (lambda: Paper(0, 10), "sides must be over 0"),
        (lambda: Paper(10, float("inf")), "at most 10000 mm"),
        (lambda: Paper(10, 10, ruling="dotted"), "blank, ruled, squared"),
        (lambda: Paper(10, 10, pitch=0), "at least 0.5 mm apart"),
        (lambda: Paper(10, 10, left=float("nan")), "must be a place"),
        (lambda: Page.around(join([np.array([[0.0, 0], [1e5, 0]])])), "at most 10000 mm"),
    ],
)
def test_what_no_page_can_have_is_refused(make, message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()


def test_the_pen_is_as_fast_as_people_write() -> None:
    times = pen_times(np.array([[5.0, 5, 0], [1, 0, 1], [30, 40, 1]]))
    np.testing.assert_allclose(times, np.cumsum([0, 1 / POINTS_PER_SECOND, LIFT_SECONDS + 50 / TRAVEL_SPEED]))
    assert len(pen_times(np.zeros((0, 3)))) == 0
