from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handwriting.recogniser.distance import alignment, character_error_rate, edits

words = st.text("abc ", max_size=7)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("flaw", "lawn", 2),
        ("saturday", "sunday", 3), ("intention", "execution", 5), ("gumbo", "gambol", 2), ("ab", "ba", 2),
    ],
)  # fmt: skip
def test_known_distances(one: str, other: str, distance: int) -> None:
    assert edits(one, other) == distance


@given(words, words, words)
def test_it_is_a_distance(one: str, other: str, third: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert edits(one, third) <= edits(one, other) + edits(other, third)


@given(words, words)
def test_an_alignment_has_every_written_character_and_as_few_edits_as_can_be(written: str, read: str) -> None:
    pairs = list(alignment(written, read))[::-1]
    assert "".join(character for character, _ in pairs) == written
    assert sum(character != seen for character, seen in pairs) <= edits(written, read)
    inserted = len(read) - sum(seen is not None for _, seen in pairs)
    assert sum(character != seen for character, seen in pairs) + inserted == edits(written, read)


def test_the_rate_is_that_of_all_lines_together_not_the_mean_of_their_rates() -> None:
    assert character_error_rate(["ab", "xbcdefgh"], ["b", "abcdefgh"]) == 2 / 9
    assert character_error_rate(["aaaa"], ["a"]) == 3
    assert character_error_rate([["one", "two"]], [["one", "too"]]) == 0.5


@pytest.mark.parametrize(("read", "written"), [(["a"], []), ([], []), (["a"], [""])])
def test_nothing_to_compare_with_is_refused(read: list[str], written: list[str]) -> None:
    with pytest.raises(ValueError, match="as many lines"):
        character_error_rate(read, written)
