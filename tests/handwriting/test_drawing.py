"""What becomes of attempts that are made beside each other."""

from __future__ import annotations

from types import SimpleNamespace

from handwriting.coverage import WHOLE, Coverage
from handwriting.drawing import _drop_lost

GOING, LOST = Coverage(False, (1,), (), ()), Coverage(False, (1,), (), (0,))


def dropped(rows: list[int], coverages: list[Coverage]) -> list[int]:
    gone: list[int] = []
    sampler = SimpleNamespace(line=lambda place: SimpleNamespace(coverage=coverages[place]), drop=gone.append)
    _drop_lost(sampler, rows)
    return gone


def test_nothing_is_dropped_before_a_row_is_whole() -> None:
    assert dropped([0, 0, 1, 1], [GOING, LOST, LOST, GOING]) == []


def test_beside_a_whole_attempt_those_go_on_that_may_be_easier_to_read() -> None:
    assert dropped([0, 0, 0, 1, 1], [GOING, WHOLE, GOING, GOING, GOING]) == []


def test_an_attempt_that_cannot_be_whole_any_more_is_not_waited_for() -> None:
    assert dropped([0, 0, 0], [LOST, WHOLE, LOST]) == [0, 2]
