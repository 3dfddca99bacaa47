"""How much of the ink is sent, and when."""

from __future__ import annotations

from itertools import pairwise

import pytest

from handwriting.pace import POINTS_PER_SECOND
from ui.writing import Portions


def sendings(points_a_second: float, seconds: float) -> list[tuple[float, int]]:
    """When how many points are sent of ink that grows so fast and is looked at every 0.3 s."""
    portions = Portions()
    moments = [0.3 * number for number in range(1, int(seconds / 0.3))]
    return [(now, int(points_a_second * now)) for now in moments if portions.due(int(points_a_second * now), now)]


def test_ink_that_comes_fast_is_sent_seldom() -> None:
    sent = sendings(600, 120)
    assert sum(points for _, points in sent) < 4 * 600 * 120
    assert len(sent) < 20


@pytest.mark.parametrize("points_a_second", [30, 100, 300, 600])
def test_a_pen_never_waits_for_ink_that_is_there(points_a_second: float) -> None:
    sent = sendings(points_a_second, 60)
    for (_, had), (later, has) in pairwise(sent):
        pen = POINTS_PER_SECOND * (later - sent[0][0])
        assert had > pen or has - had < 0.15 * had + points_a_second


def test_a_portion_is_sent_once() -> None:
    portions = Portions()
    assert portions.due(100, 1.0)
    assert not portions.due(100, 50.0)
    assert not Portions().due(0, 1.0)


def test_a_line_that_became_shorter_is_told() -> None:
    portions = Portions()
    assert portions.due(1000, 0.0)
    assert portions.due(700, 60.0)
