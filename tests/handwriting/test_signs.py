"""Numbers and rare signs, drawn between letters that the tests draw themselves: small ones 2 mm high, on a line at y = 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handwriting import Scribe, signs
from handwriting.alphabet import PRINTABLE
from handwriting.coverage import Coverage
from handwriting.ink import InkLine
from handwriting.manuscript import Manuscript
from handwriting.model import SynthesisNetwork
from handwriting.prime import MadeUp
from handwriting.shape import OWN, Shape, measure
from handwriting.signs.shapes import BESIDE_NUMBERS, BEYOND, CAPITAL, SHAPES
from handwriting.strokes import Points, bounds, join, split
from tests.handwriting.conftest import TINY
from tests.handwriting.test_accents import SMALL, pieces, write


def signed(text: str, bias: float = 0.75) -> tuple[np.ndarray, np.ndarray]:
    """A text's ink with its signs."""
    gapped = signs.gapped(text)
    return signs.add(InkLine(gapped.text, *write(gapped.text)), text, gapped.places, [bias] * len(text))


def ink_of(text: str) -> dict[int, Points]:
    """All points of each character of a text."""
    found: dict[int, list[Points]] = {}
    for points, own in pieces(*signed(text)):
        for place in np.unique(own):
            found.setdefault(int(place), []).append(points[own == place])
    return {place: np.concatenate(parts) for place, parts in found.items()}


def test_every_sign_of_the_alphabet_has_a_shape() -> None:
    letters = {character for character in PRINTABLE if character.isalpha()}
    assert not SHAPES.keys() & BESIDE_NUMBERS.keys()
    assert not BEYOND.keys() & set(PRINTABLE)
    assert SHAPES.keys() | BESIDE_NUMBERS.keys() | letters == set(PRINTABLE) - {" "}
    for shape in (SHAPES | BEYOND | BESIDE_NUMBERS).values():
        x, y = np.concatenate([np.array(stroke) for stroke in shape]).T
        assert -0.1 <= x.min() < 0.2
        assert -1.2 * CAPITAL < y.min() < y.max() < 0.5


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("only letters, here.", "only letters, here."),
        ("a & b", "a b"),
        ("a&b", "a b"),
        ("ann@example.org", "ann example.org"),
        ("in 1984, or (27%).", "in or"),
        ("$18.50 paid", "paid"),
        ("Xenia's", "enia's"),
        ("(a|b)", "(a b)"),
        ("well-known - yes", "well-known - yes"),
        ("from 10 - 12, or - 7 -", "from or"),
        ("it costs 5 €", "it costs"),
        ("20 °C or 7 µm", "C or m"),
        ("I ♥ you, ☺", "I you,"),
        ("route A-66a", "route A a"),
        ("yes—or no – ever", "yes or no ever"),
        ("5 m² ≠ ½", "m"),
        ("1 + 1 = 2", ""),
        ("", ""),
    ],
)
def test_the_network_writes_letters_and_what_stands_beside_them(text: str, written: str) -> None:
    gapped = signs.gapped(text)
    assert gapped.text == written
    assert len(gapped.places) == len(written)
    for character, place in zip(written, gapped.places, strict=True):
        assert character in (text[place], " ")


@given(st.text([*PRINTABLE, *BEYOND], max_size=30).map(lambda text: " ".join(text.split())).filter(signs.signs))
def test_every_character_has_its_ink_in_the_order_of_the_text(text: str) -> None:
    ink = ink_of(text)
    assert {place for place, character in enumerate(text) if character != " "} == set(ink)
    strokes, characters = signed(text)
    assert np.isfinite(strokes).all()
    assert len(strokes) == len(characters)
    assert (strokes[0, :2] == 0).all()
    assert strokes[-1, 2] == 1
    middles = [np.mean([ink[place][:, 0].min(), ink[place][:, 0].max()]) for place in sorted(ink)]
    assert (np.diff(middles) > 0).all()


def test_signs_stand_beside_letters_and_apart_from_words() -> None:
    close, apart = ink_of("nn&nn"), ink_of("nn & nn")
    gaps = [
        (ink[at][:, 0].min() - ink[before][:, 0].max(), ink[behind][:, 0].min() - ink[at][:, 0].max())
        for ink, before, at, behind in ((close, 1, 2, 3), (apart, 1, 3, 5))
    ]
    assert all(0.3 < gap < 1.2 for gap in gaps[0])
    assert all(gap > 1.3 for gap in gaps[1])


def test_signs_are_as_large_as_the_letters() -> None:
    for text, top, bottom in (("nln 8 nln", -2 * SMALL, 0.0), ("nnn = nnn", -0.9 * SMALL, -0.35 * SMALL)):
        ink = ink_of(text)
        foot = np.median([ink[place][:, 1].max() for place, character in enumerate(text) if character in "nl"])
        assert ink[4][:, 1].min() - foot == pytest.approx(top, abs=0.25 * SMALL)
        assert ink[4][:, 1].max() - foot == pytest.approx(bottom, abs=0.25 * SMALL)


def test_words_are_as_the_network_wrote_them_and_as_far_apart() -> None:
    text = "some words and 12 more"
    before = [points for points, own in pieces(*write("some words and more")) if own[0] < 14]
    after = [points for points, own in pieces(*signed(text)) if own[0] < 14]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(np.diff(one, axis=0)[:, 0], np.diff(other, axis=0)[:, 0], atol=1e-9)
        assert other[0, 0] - one[0, 0] == pytest.approx(after[0][0, 0] - before[0][0, 0])


def test_a_stroke_that_runs_across_a_sign_s_place_is_cut_there() -> None:
    way = np.column_stack([np.linspace(0, 12, 60), -1 + 0.3 * np.sin(np.linspace(0, 20, 60))])
    characters = np.repeat([0, 1, 2, 3, 4], 12)  # "ab cd", and the pen was never lifted
    strokes, own = signs.add(InkLine("ab cd", join([way]), characters), "ab&cd", (0, 1, 2, 3, 4), [0.75] * 5)
    first, sign, second = (
        np.concatenate([p for p, c in pieces(strokes, own) if c[0] in some]) for some in ([0], [2], [3])
    )
    assert first[:, 0].max() < sign[:, 0].min() < sign[:, 0].max() < second[:, 0].min()


def test_a_line_that_grows_keeps_the_signs_that_it_has() -> None:
    row = Manuscript.of("we & you at 9:30 or so", 1.0).rows[0]
    strokes, characters = write(row.text)
    whole = InkLine.of(row, strokes, characters, len(row.text))
    assert whole.text == "we & you at 9:30 or so"
    for upto in (4, 7, 10):
        there = characters < upto
        part = InkLine.of(row, strokes[there], characters[there], upto)
        assert whole.text.startswith(part.text)
        signs_of = [np.cumsum(line.strokes[line.characters == 3, :2], 0) for line in (part, whole)]
        np.testing.assert_allclose(np.ptp(signs_of[0][1:], 0), np.ptp(signs_of[1][1:], 0), rtol=0.1)


def test_signs_are_as_neat_as_the_letters_that_are_asked_for() -> None:
    """How much the sevens of a line differ in width and height."""

    def differ(bias: float) -> float:
        strokes, own = signed("a " + "7" * 40, bias)
        return float(np.std([np.ptp(points, 0) for points, _ in pieces(strokes, own)][-40:], 0).mean())

    wild, usual, neat = map(differ, (0.0, 0.75, 2.0))
    assert wild > 1.3 * usual > 1.7 * neat


def test_what_is_missing_is_missing_at_its_place_in_the_whole_text() -> None:
    row = Manuscript.of("at 9:30 we", 1.0).rows[0]
    line = InkLine.of(row, *write(row.text), len(row.text), Coverage(True, (3,), (), (4,)))
    assert (line.coverage.skipped, line.coverage.dwelt_on) == ((8,), (9,))
    assert row.network_biases == (1.0,) * len(row.text)


def test_a_text_of_signs_alone_needs_no_network(tmp_path) -> None:
    scribe = Scribe(SynthesisNetwork(TINY).eval())
    ink = scribe.write("1 + 1 = 2\n\n$5", seed=1)
    assert ink.written == "1 + 1 = 2\n\n$5"
    assert (ink.draws, ink.flawed, dict(ink.replaced)) == (0, (), {})
    assert sorted({ink.written[place] for place in ink.characters}) == sorted(set("1+1=2$5"))
    left, top, right, bottom = bounds(ink.lines[0].strokes)
    assert right - left > 4 * (bottom - top) > 4
    assert len(split(ink.lines[2].strokes)) == 4
    assert scribe.write("1 + 1 = 2", seed=2).save(tmp_path / "sum.svg").exists()


def test_a_line_of_signs_alone_has_the_hand_and_the_chance_of_the_text() -> None:
    scribe = Scribe(SynthesisNetwork(TINY).eval())

    def write(text: str, seed: int, shape: Shape = OWN) -> list[np.ndarray]:
        return [line.strokes for line in scribe.write(text, seed=seed, style=MadeUp(0, shape)).lines]

    (plain,), (other,), (again,) = write("1984", 1), write("1984", 2), write("1984", 1)
    np.testing.assert_array_equal(plain, again)
    assert plain.shape != other.shape or not np.allclose(plain, other)
    first, second = write("1984\n1984", 1)
    np.testing.assert_array_equal(first, plain)
    assert first.shape != second.shape or not np.allclose(first, second)
    ((leaning,), (wide,)) = write("1984", 1, OWN._replace(slant=-0.6)), write("1984", 1, OWN._replace(width=260.0))
    slants = [measure(strokes, 4).shape.slant for strokes in (plain, leaning)]
    assert slants[1] < slants[0] - 0.3
    widths = [bounds(strokes)[2] - bounds(strokes)[0] for strokes in (plain, wide)]
    assert 1.1 < widths[1] / widths[0] < 1.4


def test_numbers_are_drawn_in_a_text_that_is_written(tmp_path) -> None:
    scribe = Scribe(SynthesisNetwork(TINY).eval())
    ink = scribe.write("ab 12 c", seed=3)
    assert ink.written == "ab 12 c"
    assert {3, 4} <= set(ink.characters.tolist())
    assert (np.diff(ink.characters[np.isin(ink.characters, [3, 4])]) >= 0).all()
    again = scribe.write("ab 12 c", seed=3)
    np.testing.assert_array_equal(ink.strokes, again.strokes)
