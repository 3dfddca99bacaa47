"""Ink on the paper that the pen shows, whole and while it is being made."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting.drawing import Stretch
from handwriting.ink import Ink, InkLine
from handwriting.manuscript import Manuscript
from handwriting.sheet import Sheet
from handwriting.strokes import bounds
from shared.errors import UserError
from ui.leaves import LEAST_WIDTH, LINES_A_LEAF, Wet, lay

STEP = 12
"""points of a character"""


def ink_of(text: str, first: int = 0, upto: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Strokes (mm) and characters of a text whose letters are zigzags."""
    characters = np.repeat(np.arange(len(text))[first:upto], STEP)
    zigzag = np.tile([[0.25, 0.6, 0], [0.2, -0.6, 0]], (len(characters) // 2, 1))
    zigzag[STEP - 1 :: STEP, 2] = 1
    return zigzag, characters


def line(text: str, **more: bool) -> InkLine:
    return InkLine(text, *ink_of(text), **more)


def stretch(number: int, text: str, first: int = 0, upto: int | None = None, attempt: int = 0) -> Stretch:
    return Stretch(number, attempt, *ink_of(text, first, upto))


def test_paper_of_its_own_size_has_the_ink_of_the_file() -> None:
    lines = (line("one"), line("two words"), line("end"))
    (page,) = lay(lines, None, 7)
    ink = Ink(lines, "", 1.0, 7)
    np.testing.assert_allclose(page.strokes, ink.page().strokes, atol=1e-9)
    assert [one.text for one in page.lines] == ["one", "two words", "end"]
    left, top, right, bottom = bounds(page.strokes)
    paper = page.paper
    assert paper.left < left < right < paper.left + paper.width
    assert paper.top < top < bottom < paper.top + paper.height
    assert paper.width >= LEAST_WIDTH


@pytest.mark.parametrize("bias", [0.0, 2.0])
def test_what_is_drawn_in_growing_ink_is_as_neat_as_it_stays(bias: float) -> None:
    (row,) = Manuscript.of("at 77", bias).rows
    (grown,) = Wet("at 77", bias).playable([stretch(0, row.text)]).lines
    whole = InkLine.of(row, *ink_of(row.text), len(row.text))
    assert grown.text == whole.text == "at 77"
    np.testing.assert_array_equal(grown.strokes, whole.strokes)


def test_long_texts_on_paper_of_their_own_size_are_cut_into_leaves_of_one_width() -> None:
    pages = lay([line(f"line {number}") for number in range(LINES_A_LEAF + 3)], None, 7)
    assert [len(page.lines) for page in pages] == [LINES_A_LEAF, 3]
    assert pages[0].paper.width == pages[1].paper.width
    assert abs(bounds(pages[1].lines[0].strokes)[1] - bounds(pages[0].lines[0].strokes)[1]) < 1e-6


def test_a_sheet_is_laid_out_as_in_files() -> None:
    lines = (line("one two three"), line("four"))
    sheet = Sheet(paper="a6", ruling="ruled")
    (page,) = lay(lines, sheet, 7)
    (filed,) = Ink(lines, "", 1.0, 7).pages(sheet)
    np.testing.assert_array_equal(page.strokes, filed.strokes)
    assert page.paper == filed.paper


@pytest.mark.parametrize("sheet", [None, Sheet(paper="a6")])
def test_paper_is_there_before_the_first_letter(sheet: Sheet | None) -> None:
    (page,) = lay((), sheet, 7, Wet("some words to come", 0.75).expected)
    assert not page.lines
    assert page.paper.width >= 50


def test_ink_that_comes_does_not_move_ink_that_was_there() -> None:
    wet = Wet("hand writing", 0.75)
    stretches = [stretch(0, "hand writing", 0, 4), stretch(0, "hand writing", 4, 9)]
    before, after = (
        lay(wet.playable(stretches[:count]).lines, None, 7, wet.expected)[0].lines[0].strokes for count in (1, 2)
    )
    np.testing.assert_allclose(before, after[: len(before)], atol=0.1)
    assert len(after) > len(before)


def test_only_letters_that_are_there_are_told() -> None:
    playable = Wet("hand writing", 0.75).playable([stretch(0, "hand writing", 0, 6)])
    assert [one.text for one in playable.lines] == ["hand w"]
    assert playable.places == [0, 1, 2, 3, 4]


def test_the_pen_waits_for_a_line_before_it_begins_the_next() -> None:
    wet = Wet("one\ntwo\nsix", 0.75)
    half, rest = stretch(0, "one", 0, 2), stretch(0, "one", 2)
    second = stretch(1, "two")
    assert [one.text for one in wet.playable([half, second]).lines] == ["on"]
    assert [one.text for one in wet.playable([half, second, rest]).lines] == ["one", "two", ""]


def test_a_network_that_begins_on_another_line_is_followed_there() -> None:
    wet = Wet("Hi\nthe line that shows the hand\nend", 0.75)
    second = stretch(1, "the line that shows the hand", 0, 3)
    playable = wet.playable([second])
    assert [one.text for one in playable.lines] == ["", "the"]
    assert playable.places == [2, 3, 4]
    rest = stretch(1, "the line that shows the hand", 3)
    playable = wet.playable([second, rest, stretch(0, "Hi", 0, 1)])
    assert [one.text for one in playable.lines] == ["H", "the line that shows the hand", ""]
    assert playable.places[:4] == [0, 2, 3, 4]


def test_of_lines_that_grow_at_once_the_pen_writes_one_after_the_other() -> None:
    wet = Wet("one\ntwo\nsix", 0.75)
    at_once = [stretch(2, "six", 0, 2), stretch(0, "one", 0, 1), stretch(1, "two", 0, 2)]
    assert [one.text for one in wet.playable(at_once).lines] == ["o"]


def test_a_line_that_is_drawn_again_stays_until_its_next_draw_is_as_far() -> None:
    wet = Wet("again", 0.75)
    first = stretch(0, "again")
    again = [stretch(0, "again", 0, 3, attempt=1), stretch(0, "again", 3, attempt=1)]
    again = [piece._replace(strokes=piece.strokes * [2, 1, 1]) for piece in again]
    widths = [bounds(wet.playable([first, *again[:count]]).lines[0].strokes)[2] for count in (0, 1, 2)]
    assert widths[1] == widths[0]
    assert widths[2] == pytest.approx(2 * widths[0], rel=0.01)


def test_moments_without_ink_change_nothing() -> None:
    wet = Wet("word", 0.75)
    nothing = Stretch(0, 0, np.zeros((0, 3)), np.zeros(0, dtype=np.int64))
    assert [one.text for one in wet.playable([nothing]).lines] == [""]
    assert wet.share([nothing]) == 0.0
    assert wet.share([nothing, stretch(0, "word", 0, 2)]) == 0.5


def test_empty_lines_are_passed_over() -> None:
    playable = Wet("a\n\nb", 0.75).playable([stretch(0, "a"), stretch(1, "b")])
    assert [one.text for one in playable.lines] == ["a", "", "b"]


def test_nothing_to_write_is_a_sentence() -> None:
    with pytest.raises(UserError, match="nothing to write"):
        Wet("漢字", 0.75)
