"""What is no part of a line."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting.coverage import WHOLE
from handwriting.recogniser.reader import Reader
from handwriting.sample import Line
from handwriting.tail import settled, without_what_is_no_part


def ink(lifts: list[int], characters: list[int]) -> Line:
    strokes = np.zeros((len(characters), 3))
    strokes[lifts, 2] = 1
    return Line(strokes, np.array(characters), WHOLE)


@pytest.mark.parametrize(
    ("lifts", "characters", "count"),
    [
        ([2, 5], [0, 0, 0, 0, 1, 2], 6),  # begun before the last character
        ([2, 5], [0, 0, 0, 1, 1, 2], 3),  # begun at the last character
        ([2, 5], [0, 0, 1, 2, 2, 2], 3),  # begun past it
        ([2], [0, 0, 1, 2, 2, 2], 3),  # and not yet ended
        ([5], [2, 2, 2, 2, 2, 2], 6),  # it is all there is
        ([], [0, 0, 1], 3),
    ],
)
def test_only_a_stroke_that_was_begun_late_is_in_doubt(lifts, characters, count) -> None:
    line = ink(lifts, characters)
    assert settled(line.strokes, line.characters, end=2) == count


class Strict(Reader):
    """Finds texts in as many points as they have letters, and nothing else."""

    def __init__(self) -> None:
        pass

    def log_probability(self, ink, texts) -> list[float]:
        return [-abs(len(strokes) - len(text)) for strokes, text in zip(ink, texts, strict=True)]


def test_the_reader_decides() -> None:
    lines = [ink([1, 4], [0, 0, 2, 2, 2]), ink([1, 3], [0, 0, 3, 3]), ink([3], [0, 1, 2, 3])]
    chosen, chances = without_what_is_no_part(lines, ["ab", "abcd", "abc"], Strict())
    assert [len(line.strokes) for line in chosen] == [2, 4, 4]
    assert [len(line.characters) for line in chosen] == [2, 4, 4]
    assert chances == [0, 0, -1]
    assert chosen[0].strokes[-1, 2] == 1


@pytest.mark.parametrize(("furthest", "finished"), [(2, True), (1, False)])
def test_a_line_whose_end_was_scribbled_on_is_finished_without_that(furthest: int, finished: bool) -> None:
    line = ink([1, 4], [0, 0, 1, furthest, furthest])
    endless = Line(line.strokes, line.characters, WHOLE._replace(finished=False))
    ((chosen,), _) = without_what_is_no_part([endless], ["ab"], Strict())
    assert len(chosen.strokes) == 2
    assert chosen.coverage.finished is finished
