"""What the window tells of a line."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting.coverage import coverage

TEXT = "ab cd"


@pytest.mark.parametrize(
    ("characters", "spent", "fault"),
    [
        ([0, 1, 2, 3, 4, 5], [20, 20, 0, 20, 20], {}),  # a space needs no ink
        ([0, 2, 3, 4, 5], [20, 2, 0, 20, 20], {"skipped": (1,)}),
        ([0, 1, 2, 3, 1, 2, 3, 4, 5], [20, 30, 0, 20, 20], {}),  # two characters back are a bar of a t
        ([0, 1, 2, 3, 4, 1, 2, 3, 4, 5], [20, 30, 0, 20, 20], {"repeated": (1,)}),
        ([0, 1, 2, 3, 4, 5], [20, 91, 0, 20, 20], {"dwelt_on": (1,)}),
    ],
)
def test_what_went_wrong_is_found(characters, spent, fault) -> None:
    found = coverage(TEXT, np.array(characters), np.array(spent, dtype=float))
    expected = {"skipped": (), "repeated": (), "dwelt_on": (), **fault}
    assert found._asdict() == {"finished": True, **expected}
    assert found.whole == (not fault)
    assert found.faults == len(fault)


def test_a_line_without_end_is_not_whole() -> None:
    assert not coverage("a", np.array([0]), np.array([20.0]), finished=False).whole
