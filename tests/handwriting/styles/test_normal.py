"""Ink of any unit, slope and sampling becomes the same prime."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting.shape import HEIGHT, KEPT_WIDTH, OWN, Shape, measure
from handwriting.strokes import Strokes, join, level, split
from handwriting.styles.normal import STEP, normal
from shared.errors import UserError
from tests.handwriting.conftest import garland

TEXT = "hello world"


def ink(slant: float = 0.0, wide: float = 1.0) -> Strokes:
    points, lifts = garland(TEXT, np.random.default_rng(0))
    parts = [part for part in np.split(points, np.flatnonzero(lifts) + 1) if len(part)]
    return join([part @ np.array([[wide, 0.0], [slant, 1.0]]) for part in parts])


def places(strokes: Strokes) -> np.ndarray:
    return np.cumsum(strokes[:, :2], 0)


def test_a_prime_has_the_height_that_the_network_knows_and_points_a_step_apart() -> None:
    prime = normal(ink(), " Hello  wörld ")
    assert prime.text == "Hello world"
    assert measure(prime.strokes, len(TEXT)).height == pytest.approx(HEIGHT, rel=0.03)
    drawn = np.append(False, prime.strokes[:-1, 2] < 0.5)
    steps = np.hypot(*prime.strokes[drawn, :2].T)
    assert steps.mean() == pytest.approx(STEP, rel=0.05)
    assert prime.strokes[0, :2].tolist() == [0, 0]
    assert len(split(prime.strokes)) == len(split(ink()))


@pytest.mark.parametrize("unit", [1e-6, 0.016, 40.0])
@pytest.mark.parametrize("angle", [0.0, 0.2, -0.2])
def test_neither_unit_nor_place_nor_slope_matters(unit: float, angle: float) -> None:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    given = ink()
    moved = np.column_stack([given[:, :2] @ turn * unit, given[:, 2]])
    moved[0, :2] += 1000 * unit
    one, other = normal(given, TEXT), normal(moved, TEXT)
    np.testing.assert_allclose(places(one.strokes), places(other.strokes), atol=1e-3)
    np.testing.assert_allclose(one.shape, other.shape, rtol=1e-6)


def test_sampling_matters_little() -> None:
    dense = join([np.repeat(stroke, 3, 0)[:-2] + 0.0 for stroke in split(ink())])  # a pen that rests
    np.testing.assert_allclose(places(normal(dense, TEXT).strokes), places(normal(ink(), TEXT).strokes), atol=1e-6)
    sparse = normal(join([stroke[::2] for stroke in split(ink())]), TEXT)
    assert len(sparse.strokes) == pytest.approx(len(normal(ink(), TEXT).strokes), rel=0.15)


def test_a_tablets_own_points_stay_if_asked_for() -> None:
    """They tell how fast the pen was; of one that is seen too rarely they tell nothing."""
    sparse = ink()
    dense = join([np.insert(stroke, slice(1, None), (stroke[1:] + 2 * stroke[:-1]) / 3, 0) for stroke in split(sparse)])
    kept = normal(dense, TEXT, timed=True).strokes
    assert len(kept) == len(dense)
    steps, own = (np.hypot(*one[1:, :2].T) for one in (kept, dense))
    np.testing.assert_allclose(steps / steps.mean(), own / own.mean(), rtol=0.1)
    np.testing.assert_array_equal(normal(sparse, TEXT, timed=True).strokes, normal(sparse, TEXT).strokes)


def test_a_shape_is_measured_as_it_is() -> None:
    plain, leaning = (normal(ink(slant), TEXT).shape for slant in (0.0, -0.4))
    assert leaning.slant - plain.slant == pytest.approx(-0.4, abs=0.1)
    assert normal(ink(wide=1.5), TEXT).shape.width == pytest.approx(1.5 * plain.width, rel=0.05)


def test_what_is_lost_of_a_shape_is_given_back() -> None:
    np.testing.assert_allclose(OWN.remedy(), np.eye(2), atol=1e-12)
    hand = Shape(-0.25, 150.0)
    lost = normal(ink(0.0, 1.2), TEXT)
    mended = measure(level(hand.mend(lost.strokes)), len(TEXT)).shape
    assert mended.slant == pytest.approx(lost.shape.slant - 0.25, abs=0.05)
    given_back = (hand.width / OWN.width) ** (1 - KEPT_WIDTH)
    assert mended.width == pytest.approx(given_back * lost.shape.width, rel=0.01)
    assert hand.mixed(OWN, 0.0) == pytest.approx(hand)
    assert hand.mixed(OWN, 1.0) == pytest.approx(OWN)


@pytest.mark.parametrize("slant", [-0.5, 0.0, 0.3])
def test_a_hand_is_read_upright_and_leans_again_when_it_is_mended(slant: float) -> None:
    prime = normal(ink(slant), TEXT)
    upright = prime.shape.upright(prime.strokes)
    assert measure(upright, len(TEXT)).shape.slant == pytest.approx(OWN.slant, abs=0.1)
    np.testing.assert_array_equal(upright[:, 1:], prime.strokes[:, 1:])
    as_wide_as_its_own = Shape(prime.shape.slant, OWN.width)
    np.testing.assert_allclose(as_wide_as_its_own.mend(upright), prime.strokes, atol=1e-9)
    np.testing.assert_allclose(OWN.upright(prime.strokes), prime.strokes)


NOTHING = np.zeros((0, 3))
FLAT = join([np.stack([np.linspace(0, 100, 50), np.zeros(50)], 1)])
UPRIGHT = join([np.stack([np.zeros(50), np.linspace(0, 100, 50)], 1)])
NAN = np.array([[0, 0, 0], [1, np.nan, 0], [1, 1, 1.0]])
SCRIBBLE = join([np.random.default_rng(0).normal(size=(40_000, 2))])


@pytest.mark.parametrize(
    ("strokes", "text", "message"),
    [
        (NOTHING, TEXT, "has no stroke"),
        (np.array([[3.0, 3.0, 1.0]]), TEXT, "has one point"),
        (np.zeros((20, 3)), TEXT, "in one place"),
        (NAN, TEXT, "point 2 of 3 is not a number"),
        (np.full((5, 3), 1e200), TEXT, "from the origin"),
        (FLAT, TEXT, "no height"),
        (UPRIGHT, TEXT, "has no width"),
        (np.zeros((1_000_000, 3)), TEXT, "1,000,000 points"),
        (SCRIBBLE, TEXT, "too much for 11 characters"),
        (ink(), "hello world " * 5, "too little for 59 characters"),
        (ink(), "", "got no text"),
        (ink(), "漢字", "got no text"),
        (ink(), "hi", "got 2 characters"),
        (ink(), "hello world " * 8, "got 95 characters"),
    ],
)
def test_what_is_no_line_of_writing_is_refused(strokes: Strokes, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        normal(strokes, text)
