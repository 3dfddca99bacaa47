"""What becomes of takes that are made beside each other."""

from __future__ import annotations

from types import SimpleNamespace

from handwriting.coverage import WHOLE, Coverage
from handwriting.drawing import _drop_idle

GOING, LOST = Coverage(False, (1,), (), ()), Coverage(False, (1,), (), (0,))


def dropped(
    takes: int, coverages: list[Coverage], hard: int = -1, again: bool = False, choosing: bool = False
) -> list[int]:
    """Which takes no more is made of; that at the place `hard` cannot be read."""
    gone: list[int] = []
    lines = [SimpleNamespace(coverage=coverage) for coverage in coverages]
    judged = None if choosing else lambda place: place != hard
    _drop_idle(SimpleNamespace(drop=gone.append), lines, takes, again, judged)
    return gone


def test_nothing_is_dropped_before_a_row_is_whole() -> None:
    assert dropped(2, [GOING, LOST, LOST, GOING]) == []


def test_what_is_lost_is_not_waited_for_if_it_is_drawn_again() -> None:
    assert dropped(2, [GOING, LOST, LOST, GOING], again=True) == [1, 2]
    assert dropped(1, [GOING, LOST, WHOLE], again=True) == [1]


def test_after_a_good_take_no_other_is_needed() -> None:
    assert dropped(3, [GOING, WHOLE, GOING, GOING, GOING, GOING]) == [2]
    assert dropped(3, [GOING, WHOLE, GOING], choosing=True) == []


def test_beside_a_whole_take_that_is_hard_to_read_the_others_go_on() -> None:
    assert dropped(3, [GOING, WHOLE, GOING], hard=1) == []
    assert dropped(3, [WHOLE, WHOLE, GOING], hard=0) == [2]


def test_a_take_that_cannot_be_whole_any_more_is_not_waited_for() -> None:
    assert dropped(3, [LOST, WHOLE, LOST], hard=1) == [0, 2]
    assert dropped(3, [LOST, WHOLE, WHOLE]) == [0, 2]
