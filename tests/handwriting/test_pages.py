"""Pages, of ink that the tests write themselves, so that where every point must lie is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from handwriting.flow import Row, flow
from handwriting.ink import InkLine
from handwriting.manuscript import Manuscript
from handwriting.page import Page, Pen
from handwriting.pages import lay_out
from handwriting.pages import paragraphs as cut_into_words
from handwriting.sheet import SIZES, Sheet
from handwriting.strokes import bounds, split
from handwriting.words import words
from shared.config import ConfigError
from tests.handwriting.hand import ADVANCE, SPACE, X_HEIGHT, paragraphs, write

LETTER = """Dear Hilda,

it is quiet here, and the apples are in. We made jelly of them, fifteen jars of it, and not one was left by Friday!

Yours, Tim"""
A5 = Sheet(paper="a5", ruling="ruled")


def edges(page: Page) -> tuple[float, float, float, float]:
    return bounds(page.strokes)


def baselines(page: Page) -> list[float]:
    """Where the feet of each line's standing letters are."""
    feet = []
    for line in page.lines:
        own = [stroke[:, 1].max() for stroke in split(line.strokes) if len(stroke) == 14]
        feet.append(float(np.median(own)))
    return feet


def places_of(page: Page) -> np.ndarray:
    """All points of a page [T, 2]."""
    return np.cumsum(page.strokes[:, :2], 0)


sheets = some.builds(
    Sheet,
    paper=some.sampled_from([*SIZES, "60x40", "33.5 x 90 mm", "24x24"]),
    orientation=some.sampled_from(["usual", "portrait", "landscape"]),
    ruling=some.sampled_from(["blank", "ruled", "squared"]),
    margin=some.one_of(some.none(), some.floats(0, 6), some.tuples(*[some.floats(0, 6)] * 4)),
    align=some.sampled_from(["left", "centre", "right", "justify"]),
    spacing=some.sampled_from([0.0, 5.0, 12.0]),
    x_height=some.sampled_from([0.0, 1.0, 3.5]),
    drift=some.sampled_from([0.0, 1.5]),
    slant=some.sampled_from([0.0, 8.0]),
    indent=some.sampled_from([0.0, 2.0]),
    hyphenate=some.booleans(),
)
texts = some.lists(
    some.text("aehilmnty", min_size=1, max_size=12) | some.just("\n") | some.just("donaudampfschifffahrtsgesellschaft"),
    min_size=1,
    max_size=15,
).map(" ".join)


@settings(max_examples=30, deadline=None)
@given(text=texts.filter(str.strip), sheet=sheets, seed=some.integers(0, 99), width=some.sampled_from([0.3, 1.0]))
def test_no_ink_is_ever_outside_the_margins_and_none_is_lost(text: str, sheet: Sheet, seed: int, width: float) -> None:
    lines = paragraphs(text)
    pages = lay_out(lines, sheet, Pen(width=width), seed)
    left, top, right, bottom = sheet.area
    for page in pages:
        assert page.lines
        reach = np.array(edges(page)) + np.array([-1, -1, 1, 1]) * width / 2
        assert (reach >= np.array([left, top, left, top]) - 1e-6).all()
        assert (reach <= np.array([right, bottom, right, bottom]) + 1e-6).all()
    written = [line for page in pages for line in page.lines]
    hyphens = sum(line.text.endswith("-") for line in written)
    assert sum(len(line.strokes) for line in written) == sum(len(line.strokes) for line in lines) + 4 * hyphens
    assert (
        sum(len(split(line.strokes)) for line in written) == sum(len(split(line.strokes)) for line in lines) + hyphens
    )
    together = " ".join(line.text for line in written).replace("- ", "")
    assert together.split() == " ".join(line.text for line in lines).split()


def test_five_thousand_characters_take_many_pages_in_order() -> None:
    text = " ".join(f"number {n}" for n in range(480))
    assert len(text) > 5000
    pages = lay_out(paragraphs(text), Sheet(paper="a6"))
    assert len(pages) > 5
    assert " ".join(line.text for page in pages for line in page.lines) == text
    assert [page.about for page in pages] == [{"page": n, "pages": len(pages)} for n in range(1, len(pages) + 1)]
    # All but the last are as full as the first.
    assert len({len(page.lines) for page in pages[:-1]}) == 1


@pytest.mark.parametrize("before", range(8))
@pytest.mark.parametrize("rows", [2, 3, 4, 5, 12])
def test_no_row_of_a_paragraph_is_alone_on_a_page(before: int, rows: int) -> None:
    """Rows of one word each, six to a page: wherever a paragraph begins, at least two of its rows are together."""
    text = "\n".join(["greeting"] * before + [" ".join(["paragraph"] * rows)])
    pages = lay_out(paragraphs(text), Sheet(paper="30x60", margin=2, spacing=8, x_height=2))
    own = [sum(line.text == "paragraph" for line in page.lines) for page in pages]
    assert sum(own) == rows
    assert 1 not in own
    lengths = [len(page.lines) for page in pages]
    assert sum(lengths) == before + rows
    assert 6 - 2 <= max(lengths) <= 6 or len(pages) == 1


def test_where_a_page_has_room_for_one_row_that_is_what_it_gets() -> None:
    pages = lay_out(paragraphs("one two three"), Sheet(paper="20x16", margin=2, spacing=12, x_height=2))
    assert [len(page.lines) for page in pages] == [1, 1, 1]


def test_text_stands_on_the_rules_and_empty_lines_stay() -> None:
    (page,) = lay_out(paragraphs(LETTER), A5)
    rules = [rule[1] for rule in page.paper.rules()]
    rows = [min(range(len(rules)), key=lambda n: abs(rules[n] - foot)) for foot in baselines(page)]
    assert max(abs(rules[row] - foot) for row, foot in zip(rows, baselines(page), strict=True)) < 0.1
    assert [line.text for line in page.lines] == [
        "Dear Hilda,",
        "it is quiet here, and the apples are in. We",
        "made jelly of them, fifteen jars of it, and",
        "not one was left by Friday!",
        "Yours, Tim",
    ]
    assert rows == [0, 2, 3, 4, 6]


def test_squares_fill_the_paper_and_text_stands_on_every_second() -> None:
    sheet = Sheet(paper="a4", ruling="squared")
    (page,) = lay_out(paragraphs(LETTER), sheet)
    rules = [y for x, y, other, _ in page.paper.rules() if other != x]
    assert rules[0] <= 5
    assert rules[-1] >= 297 - 5
    rows = [round((foot - rules[0]) / 5) for foot in baselines(page)]
    assert np.diff(rows).tolist() == [4, 2, 2, 4]
    assert max(abs(rules[row] - foot) for row, foot in zip(rows, baselines(page), strict=True)) < 0.1


def test_every_point_knows_its_character() -> None:
    for page in lay_out(paragraphs(LETTER), replace(A5, hyphenate=True, margin=45)):
        for line in page.lines:
            assert line.characters is not None
            letters = [line.text[own] for own in line.characters]
            assert " " not in letters
            assert sorted(set(line.characters.tolist())) == [n for n, one in enumerate(line.text) if one != " "]


@pytest.mark.parametrize("align", ["left", "centre", "right", "justify"])
def test_alignment(align: str) -> None:
    sheet = replace(A5, align=align, margin=(10, 20, 10, 30))
    (page,) = lay_out(paragraphs(LETTER), sheet, Pen(width=0.4))
    left = np.array([bounds(line.strokes)[0] for line in page.lines]) - 30.2
    right = 148 - 20 - 0.2 - np.array([bounds(line.strokes)[2] for line in page.lines])
    if align in ("left", "justify"):
        assert left == pytest.approx(0, abs=1e-6)
    if align == "right":
        assert right == pytest.approx(0, abs=1e-6)
    if align == "centre":
        assert left == pytest.approx(right, abs=1e-6)
    if align == "justify":
        full = [not line.text.endswith((",", "Friday!", "Tim")) for line in page.lines]
        assert sum(full) == 3
        assert (np.abs(right) < 1e-6).tolist() == full


def test_a_line_of_hardly_any_words_is_not_stretched() -> None:
    ((row, *_),) = ([*flow(words(write("to a donaudampfschiff")), 40.0)],)
    assert row.places(40.0, "justify", 1.0) == pytest.approx(row.places(40.0, "left", 1.0))
    assert row.places(40.0, "justify", 30.0)[-1] > row.places(40.0, "left", 30.0)[-1]


def test_the_first_line_of_a_paragraph_of_several_is_set_in() -> None:
    (page,) = lay_out(paragraphs(LETTER), replace(A5, indent=6.0))
    left = np.array([bounds(line.strokes)[0] for line in page.lines])
    assert left - left[2] == pytest.approx([0, 6, 0, 0, 0], abs=1e-6)


def test_all_writing_has_the_size_of_the_sheet() -> None:
    large = [
        replace(line, strokes=line.strokes * [1.5, 1.5, 1]) for line in paragraphs("many have seen some more\n" * 3)
    ]
    mixed = [*paragraphs("these are as large as usual\n" * 4), *large]
    (page,) = lay_out(mixed, replace(A5, x_height=2.5))
    for line in page.lines:
        heights = [np.ptp(stroke[:, 1]) for stroke in split(line.strokes) if len(stroke) == 14]
        assert np.median(heights) == pytest.approx(2.5, rel=0.12)


def test_the_gaps_are_the_writers_own_unless_the_pen_slipped() -> None:
    lines = [write("ab cd ef gh ij", gap=3.0), write("kl mn", gap=0.1), write("op qr", gap=40.0)]
    lines = [replace(line, ends_paragraph=True) for line in lines]
    (page,) = lay_out(lines, replace(A5, x_height=X_HEIGHT))
    gaps = []
    for line in page.lines:
        ink = split(line.strokes)
        last_first = np.flatnonzero(np.array(list(line.text)) == " ")[0]
        ends = max(s[:, 0].max() for n, s in enumerate(ink[:2]))
        gaps.append(ink[last_first][:, 0].min() - ends)
    assert gaps == pytest.approx([3.0, 1.5, 6.0], rel=0.1)


def test_a_word_too_long_for_the_network_is_not_torn_apart() -> None:
    rows = Manuscript.of("a " + "n" * 120 + " b c", 1.0).rows
    assert [(len(row.text), row.ends_word) for row in rows] == [(1, True), (40, False), (40, False), (40 + 4, True)]
    lines = [replace(write("aa nn", False), ends_word=False), write("nn bb")]
    (page,) = lay_out(lines, replace(A5, x_height=X_HEIGHT))
    left = np.array([stroke[:, 0].min() for stroke in split(page.lines[0].strokes)])
    assert np.diff(left)[[0, 2, 4, 6]] == pytest.approx(ADVANCE, abs=0.12)
    assert np.diff(left)[[1, 5]] == pytest.approx(1.8 + SPACE, abs=0.2)
    assert np.diff(left)[3] == pytest.approx(1.8 + X_HEIGHT / 4, abs=0.2)
    assert page.lines[0].text == "aa nnnn bb"
    assert sorted(set(page.lines[0].characters.tolist())) == [0, 1, 3, 4, 5, 6, 8, 9]
    row = Row(tuple(cut_into_words(lines, X_HEIGHT)[0]))
    widened = row.places(40.0, "justify", 99.0) - row.places(40.0, "left", 99.0)
    assert widened[2] == pytest.approx(widened[1])  # between pieces of a word there is no space to widen


def test_drift_and_slant_come_from_the_seed_and_stay_within_bounds() -> None:
    lines = paragraphs(LETTER)
    straight, *_ = lay_out(lines, A5)
    swaying = replace(A5, drift=1.0, slant=4.0)
    one, other, third = (lay_out(lines, swaying, seed=seed)[0] for seed in (7, 7, 8))
    assert one.strokes.tobytes() == other.strokes.tobytes()
    assert one.strokes.tobytes() != third.strokes.tobytes()
    drifting = lay_out(lines, replace(A5, drift=1.0), seed=7)[0]
    off = places_of(drifting) - places_of(straight)
    off[:, 1] -= drifting.paper.first_rule - straight.paper.first_rule
    assert off[:, 0] == pytest.approx(0, abs=1e-9)
    assert 0.2 < np.abs(off[:, 1]).max() <= 1.0
    leaning = lay_out(lines, replace(A5, slant=4.0), seed=7)[0]
    assert places_of(leaning)[:, 1] == pytest.approx(places_of(straight)[:, 1])


def test_hyphens_only_where_asked_for() -> None:
    text = "remember the gardener in September; " * 3
    assert not any("-" in line.text for page in lay_out(paragraphs(text), A5) for line in page.lines)
    pages = lay_out(paragraphs(text), Sheet(paper="75x120", hyphenate=True))
    assert any(line.text.endswith("-") for page in pages for line in page.lines)


def test_a_wild_stroke_goes_a_line_lower_or_is_shrunk_with_its_row() -> None:
    wild = write("hello")
    strokes = wild.strokes.copy()
    strokes[3, 1] -= 300.0
    strokes[4, 1] += 300.0
    line = InkLine("hello", strokes, wild.characters)
    pages = lay_out([write("one"), line, write("two")], A5)
    assert [line.text for page in pages for line in page.lines] == ["one", "hello", "two"]
    for page in pages:
        _, top, _, bottom = edges(page)
        assert top >= 14.8
        assert bottom <= 210 - 14.8


def test_pages_of_lines_without_ink() -> None:
    assert lay_out([], A5) == []
    lost = InkLine("lost", np.zeros((0, 3)), np.zeros(0, dtype=int))
    (page,) = lay_out([lost, write("found"), lost], A5)
    assert [line.text for line in page.lines] == ["found"]


def test_a_pen_that_is_wider_than_the_page_still_writes() -> None:
    (page,) = lay_out([write("hi")], Sheet(paper="10x10", margin=0), Pen(width=50))
    left, top, right, bottom = edges(page)
    assert min(left, top) >= 2.5 - 1e-9
    assert max(right, bottom) <= 7.5 + 1e-9


def test_large_writing_has_lines_farther_apart() -> None:
    usual, large, asked = Sheet(), Sheet(x_height=4.0), Sheet(x_height=4.0, spacing=9.0)
    assert (usual.line_spacing, large.line_spacing, asked.line_spacing) == (8.0, 16.0, 9.0)
    assert (usual.letter_size, large.letter_size) == (2.0, 4.0)
    assert Sheet(x_height=1.0).line_spacing == 8.0


def test_page_sizes() -> None:
    assert Sheet().sides == (210, 297)
    assert Sheet(paper="A5").sides == (148, 210)
    assert Sheet(paper="postcard").sides == (148, 105)
    assert Sheet(paper="postcard", orientation="portrait").sides == (105, 148)
    assert Sheet(paper="a4", orientation="landscape").sides == (297, 210)
    assert Sheet(paper="90 x 55.5 mm").sides == (90, 55.5)
    assert Sheet(paper="a4", margin=[1, 2, 3, 4]).area == (4, 1, 208, 294)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paper": "a9"}, "there is no paper 'a9'; "),
        ({"paper": "leter"}, "did you mean letter?"),
        ({"paper": "0x20"}, "sides must be 10 to 10000 mm"),
        ({"paper": "1e400x20"}, "there is no paper"),
        ({"paper": "a5", "margin": 70}, "must leave 10 mm for text"),
        ({"paper": "a5", "margin": -1}, "margins must be at least 0"),
        ({"margin": float("nan")}, "margins must"),
        ({"margin": (1, 2)}, "one for all sides, or four"),
        ({"spacing": 1}, "spacing must be 2 to 200, got 1"),
        ({"x_height": float("nan")}, "x_height must be"),
        ({"drift": -1}, "drift must be 0 to 20"),
        ({"slant": 50}, "slant must be 0 to 30"),
        ({"indent": 200}, "margins and indent must leave"),
        ({"ruling": "dotted"}, "blank, ruled, squared"),
        ({"align": "middle"}, "left, centre, right, justify"),
        ({"orientation": "upside"}, "usual, portrait, landscape"),
    ],
)
def test_sheets_that_cannot_be_are_refused(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Sheet(**options)
