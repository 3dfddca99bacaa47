"""What becomes of attempts that are made beside each other."""

from __future__ import annotations

from types import SimpleNamespace

from handwriting.coverage import WHOLE, Coverage
from handwriting.drawing import _drop_idle

GOING, LOST = Coverage(False, (1,), (), ()), Coverage(False, (1,), (), (0,))


def dropped(rows: list[int], coverages: list[Coverage], hard: int = -1) -> list[int]:
    """Which attempts no more is made of; that at the place `hard` cannot be read."""
    gone: list[int] = []
    sampler = SimpleNamespace(line=lambda place: SimpleNamespace(coverage=coverages[place]), drop=gone.append)
    _drop_idle(sampler, rows, lambda place: place != hard)
    return gone


def test_nothing_is_dropped_before_a_row_is_whole() -> None:
    assert dropped([0, 0, 1, 1], [GOING, LOST, LOST, GOING]) == []


def test_after_a_good_attempt_no_other_is_needed() -> None:
    assert dropped([0, 0, 0, 1, 1], [GOING, WHOLE, GOING, GOING, GOING]) == [2]


def test_beside_a_whole_attempt_that_is_hard_to_read_the_others_go_on() -> None:
    assert dropped([0, 0, 0], [GOING, WHOLE, GOING], hard=1) == []
    assert dropped([0, 0, 0], [WHOLE, WHOLE, GOING], hard=0) == [2]


def test_an_attempt_that_cannot_be_whole_any_more_is_not_waited_for() -> None:
    assert dropped([0, 0, 0], [LOST, WHOLE, LOST], hard=1) == [0, 2]
    assert dropped([0, 0, 0], [LOST, WHOLE, WHOLE]) == [0, 2]
