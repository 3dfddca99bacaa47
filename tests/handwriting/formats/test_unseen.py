"""The text under the ink of a PDF: another program finds all of it, each word where its ink is."""

from __future__ import annotations

import io

import numpy as np
import pypdf
import pytest

from handwriting.formats import encode
from handwriting.formats.unseen import NARROWEST, pieces
from handwriting.page import Line, Page, Paper

TEXT = "Zoë owes 5 € → 😀 ♥"


def written(text: str = "to Ann", characters: list[int] | None = None) -> Line:
    """A stroke from (10, 20) to (16, 17) and back down, one point a mm."""
    strokes = np.array([[10, 20, 0], [1, -3, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [1, 3, 1]], dtype=float)
    return Line(strokes, text, characters=None if characters is None else np.array(characters))


def found(line: Line) -> list[tuple[str, float, float]]:
    return [(piece.text, round(piece.left, 6), round(piece.right, 6)) for piece in pieces(line, (100.0, 0.0))]


def test_words_lie_under_their_ink_and_spaces_between() -> None:
    line = written("to Ann", [0, 0, 1, 3, 3, 4, 5])
    assert found(line) == [("to", 110, 112), (" ", 112, 113), ("Ann", 113, 116)]
    assert {(piece.top, piece.bottom) for piece in pieces(line, (0.0, 1.0))} == {(18.0, 21.0)}


def test_a_word_whose_ink_is_a_dot_or_reaches_under_the_next_can_be_marked() -> None:
    dot, gap, word = found(written(". Ann", [0, 2, 2, 2, 3, 4, 4]))
    assert dot == (".", 110, 110 + NARROWEST)
    assert (gap[1:], word[1:]) == ((110 + NARROWEST, 111), (111, 116))
    crossed = found(written("t A", [0, 0, 2, 0, 2, 2, 2]))
    assert crossed == [("t", 110, 113), (" ", 113, 113 + NARROWEST), ("A", 112, 116)]


def test_a_wide_space_is_shared_out_to_its_words() -> None:
    """Poppler, for one, reads words far apart as columns, each from top to bottom."""
    strokes = np.array([[0, 0, 0], [2, -10, 1], [28, 10, 0], [2, -10, 1]], dtype=float)
    first, space, second = pieces(Line(strokes, "a b", characters=np.array([0, 0, 2, 2])), (0.0, 0.0))
    assert (first.left, second.right) == (0, 32)
    assert (first.right, second.left) == (space.left, space.right)
    assert first.right + second.left == 32
    assert space.right - space.left == pytest.approx(0.4 * 8)


def test_a_word_without_ink_is_left_out() -> None:
    assert [text for text, *_ in found(written("a b c", [0, 0, 0, 0, 4, 4, 4]))] == ["a", " ", "c"]


def test_where_it_is_not_known_whose_ink_is_whose_rows_are_laid_under_all_of_it() -> None:
    assert found(written("to Ann")) == [("to Ann", 110, 116)]
    rows = list(pieces(written("to\n\nAnn", [0] * 7), (0.0, 0.0)))
    assert [(row.text, row.top, row.bottom) for row in rows] == [("to", 17, 18), ("Ann", 19, 20)]
    assert not found(written(""))
    assert not found(Line(np.zeros((0, 3)), "nothing"))


@pytest.mark.parametrize("known", [True, False], ids=["word by word", "by the line"])
def test_another_program_reads_all_signs(known: bool) -> None:
    every = [min(place, len(TEXT) - 1) for place in range(40)]
    strokes = np.array([[10 if not x else 1.0, 20 if not x else (-1) ** x, 0] for x in range(40)], dtype=float)
    line = Line(strokes, TEXT, characters=np.array(every) if known else None)
    content = encode(Page(Paper(100, 50), [line]), ".pdf")[0]
    (page,) = pypdf.PdfReader(io.BytesIO(content)).pages
    assert page.extract_text().split() == TEXT.split()
    assert content == encode(Page(Paper(100, 50), [line]), ".pdf")[0]
