"""How much of a line that failed is good."""

from __future__ import annotations

import numpy as np

from handwriting.coverage import WHOLE, Coverage
from handwriting.judging import READABLE, beginnings, good_beginnings
from handwriting.recogniser.reader import Reader
from handwriting.sample import Line

TEXT = "ab cd ef gh"


def line(text: str = TEXT, lifts: tuple[int, ...] = (), coverage: Coverage = WHOLE) -> Line:
    """Ten points a character; the pen is lifted after the fifth point of each space, and after these points."""
    characters = np.repeat(np.arange(len(text)), 10)
    strokes = np.zeros((len(characters), 3))
    spaces = [place for place, character in enumerate(text) if character == " "]
    strokes[[*(10 * place + 5 for place in spaces), *lifts, -1], 2] = 1.0
    return Line(strokes, characters, coverage)


class Failing(Reader):
    """Can read texts of so many characters, and no longer ones."""

    def __init__(self, most: int) -> None:
        self.most, self.asked = most, list[tuple[int, str]]()

    def log_probability(self, ink, texts) -> list[float]:
        self.asked += [(len(one), text) for one, text in zip(ink, texts, strict=True)]
        return [(0.9 if len(text) <= self.most else 1.1) * READABLE * len(text) for text in texts]


def test_a_line_can_be_cut_where_the_pen_was_lifted_last_before_a_word() -> None:
    found = beginnings(line(lifts=(28, 31)), TEXT)
    assert found == [(29, "ab"), (56, "ab cd"), (86, "ab cd ef")]
    written_on = line()
    written_on.strokes[:50, 2] = 0.0  # two words without lifting the pen
    assert beginnings(written_on, TEXT) == [(56, "ab cd"), (86, "ab cd ef")]
    assert beginnings(line("word"), "word") == []


def test_words_from_the_first_fault_on_are_not_kept() -> None:
    for place, most in ((1, 0), (2, 1), (3, 1), (4, 1), (6, 2), (10, 3)):
        for fault in (
            Coverage(True, (place,), (), ()),
            Coverage(True, (), (place, 9), ()),
            Coverage(False, (10,), (), (place,)),
        ):
            assert len(beginnings(line(coverage=fault), TEXT)) == most


def test_a_line_that_came_to_no_end_is_kept_as_far_as_it_came() -> None:
    whole = line()
    broken = Line(whole.strokes[:75], whole.characters[:75], Coverage(False, (7, 9, 10), (), ()))
    assert [text for _, text in beginnings(broken, TEXT)] == ["ab", "ab cd"]


def test_as_many_words_are_good_as_can_be_read_together() -> None:
    for most, text in ((1, ""), (2, "ab"), (4, "ab"), (5, "ab cd"), (8, "ab cd ef"), (11, "ab cd ef")):
        reader = Failing(most)
        first, second = good_beginnings([line(), line("word")], [TEXT, "word"], reader)
        assert (first.text, second.text) == (text, "")
        assert all(points == {2: 26, 5: 56, 8: 86}[len(said)] for points, said in reader.asked)
        assert len(reader.asked) <= 2  # of three places
    assert good_beginnings([line()], [TEXT], None)[0].text == "ab cd ef"
