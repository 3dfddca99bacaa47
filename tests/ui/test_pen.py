"""What the pen is told of pages."""

from __future__ import annotations

import json

import numpy as np
import pytest

from handwriting.page import Line, Page, Paper
from handwriting.strokes import split
from ui.pen import FINENESS, PACE, folio

# Two strokes: one of three points, then, 30 mm to the right, one of two.
STROKES = np.array([[5, 5, 0], [1, 0.333, 0], [1, 0.333, 1], [30, 0, 0], [0, 2, 1]], dtype=float)


def page(*lines: Line) -> Page:
    return Page(Paper(100, 50, ruling="ruled", first_rule=10), lines)


def told(line: dict) -> np.ndarray:
    """The points that a line's moves lead to, mm."""
    return np.cumsum(np.array(line["moves"]).reshape(-1, 2), 0) / FINENESS


def test_points_strokes_and_letters_are_told() -> None:
    sent = folio([page(Line(STROKES, "ab", characters=np.array([0, 0, 0, 1, 1])))])
    (line,) = sent["pages"][0]["lines"]
    np.testing.assert_allclose(told(line), np.concatenate(split(STROKES)), atol=0.5 / FINENESS)
    assert line["strokes"] == [3, 2]
    assert line["letters"] == [[0, 3], [1, 2]]
    assert sent["pages"][0]["paper"]["rules"][0] == [0.0, 10.0, 100.0, 10.0]
    json.dumps(sent)


def test_rounding_does_not_add_up_along_a_line() -> None:
    strokes = np.tile([[0.0149, -0.0149, 0.0]], (2000, 1))
    (line,) = folio([page(Line(strokes, "a"))])["pages"][0]["lines"]
    np.testing.assert_allclose(told(line)[-1], [29.8, -29.8], atol=0.5 / FINENESS)


def test_lines_count_the_letters_before_them_without_spaces() -> None:
    lines = [Line(STROKES, text) for text in ("a b", "cd", "e")]
    sent = folio([page(*lines[:2]), page(lines[2])])
    assert [line["from"] for one in sent["pages"] for line in one["lines"]] == [0, 2, 4]
    # The text's first three letters are not there yet.
    sent = folio([page(*lines[:2]), page(lines[2])], places=[3, 4, 5, 6, 7])
    assert [line["from"] for one in sent["pages"] for line in one["lines"]] == [3, 5, 7]


def test_other_ink_or_paper_is_another_version_and_the_same_is_not() -> None:
    versions = [
        folio([page(Line(STROKES, "ab"))])["version"],
        folio([page(Line(STROKES * 2, "ab"))])["version"],
        folio([Page(Paper(80, 50), (Line(STROKES, "ab"),))])["version"],
    ]
    assert len(set(versions)) == 3
    assert folio([page(Line(STROKES.copy(), "ab"))])["version"] == versions[0]


def test_a_page_of_writing_is_told_in_a_few_bytes_a_point() -> None:
    random = np.random.default_rng(0)
    points = 20_000
    strokes = np.column_stack([random.normal(0, 0.3, (points, 2)), random.random(points) < 0.05])
    line = Line(strokes, "a" * 1400, characters=np.arange(points) // 15)
    assert len(json.dumps(folio([page(line)]), separators=(",", ":"))) < 9.5 * points


def test_the_pen_moves_at_the_pace_of_all_files() -> None:
    from handwriting import pace

    assert PACE["pointsPerSecond"] == pace.POINTS_PER_SECOND
    assert PACE["liftSeconds"] == pytest.approx(pace.LIFT_SECONDS)
