from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from handwriting.recogniser.config import FEATURES
from handwriting.recogniser.features import Distortion, curve, frame_size, frames, upright
from handwriting.strokes import join, split
from tests.handwriting.conftest import garland

TEXT = "the quick brown fox"


@pytest.fixture
def ink() -> np.ndarray:
    points, lifts = garland(TEXT, np.random.default_rng(0))
    ends = np.flatnonzero(lifts) + 1
    return join([stroke for stroke in np.split(points, ends) if len(stroke)])


@pytest.mark.parametrize("kind", FEATURES)
def test_place_and_size_change_nothing(ink: np.ndarray, kind: str) -> None:
    expected = frames(ink, kind)
    for scale, place in ((0.016, (0, 0)), (1.0, (5000, -3000)), (40.0, (7, 7))):
        moved = join([stroke * scale + place for stroke in split(ink)])
        np.testing.assert_allclose(frames(moved, kind), expected, atol=1e-4)


def test_slope_slant_and_sampling_hardly_change_a_curve(ink: np.ndarray) -> None:
    expected = curve(upright(ink), 0.3)
    angle = np.radians(3)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    slant = np.array([[1, 0], [0.4, 1]])
    for changed in (
        join([stroke @ turn for stroke in split(ink)]),
        join([stroke @ slant for stroke in split(ink)]),
        join([np.insert(stroke, 1, stroke[:2].mean(0), 0) for stroke in split(ink)]),
        join([_twice(stroke) for stroke in split(ink)]),
    ):
        found = curve(upright(changed), 0.3)
        assert abs(len(found) - len(expected)) <= 0.03 * len(expected)
        assert upright(changed)[:, 0].sum() == pytest.approx(upright(ink)[:, 0].sum(), rel=0.05)


def _twice(stroke: np.ndarray) -> np.ndarray:
    """As many points again between those that there are."""
    between = (stroke[1:] + stroke[:-1]) / 2
    return np.concatenate([np.stack([stroke[:-1], between], 1).reshape(-1, 2), stroke[-1:]])


def test_a_curve_is_the_pens_way_in_equal_steps(ink: np.ndarray) -> None:
    normal = upright(ink)
    points = curve(normal, 0.3)
    assert points[:, 5].sum() == len(split(ink))
    first = np.append(True, points[:-1, 5] > 0.5)
    assert not points[first, :2].any()
    assert not points[~first, 2:4].any()
    steps = np.hypot(points[~first, 0], points[~first, 1])
    assert np.median(steps) == pytest.approx(1, abs=0.1)
    assert steps.max() < 1.1
    places = np.cumsum(0.3 * points[:, :2] + points[:, 2:4], 0)
    ends = [stroke[-1] - split(normal)[0][0] for stroke in split(normal)]
    np.testing.assert_allclose(places[points[:, 5] > 0.5], ends, atol=1e-9)


def test_every_point_is_in_the_middle_of_one_frame_and_neighbours_overlap(ink: np.ndarray) -> None:
    points = curve(upright(ink), 0.3)
    parts = frames(ink, "curve").reshape(-1, 10, 6)
    middle = parts[:, 2:7].reshape(-1, 6)[: len(points)]
    np.testing.assert_allclose(middle, points, atol=1e-5)
    for one, other in pairwise(parts):
        np.testing.assert_array_equal(one[5:], other[:5])


@pytest.mark.parametrize("kind", FEATURES)
def test_strange_ink_has_frames_too(kind: str) -> None:
    dot, dash = np.array([[3.0, 4.0, 1.0]]), join([np.array([[0.0, 0.0], [50.0, 0.0]])])
    still = np.array([[0.0, 0.0, 0.0]] * 30 + [[0.0, 0.0, 1.0]])
    upward = join([np.array([[0.0, 50.0], [0.0, 0.0]])])
    for ink in (dot, dash, still, upward, np.concatenate([dot, dash])):
        found = frames(ink, kind)
        assert 1 <= len(found) < 200
        assert found.shape[1] == frame_size(kind)
        assert np.isfinite(found).all()


@pytest.mark.parametrize("ink", [np.zeros((0, 3)), np.array([[0.0, np.nan, 1.0]]), np.array([[np.inf, 0.0, 1.0]])])
def test_no_ink_and_no_numbers_are_refused(ink: np.ndarray) -> None:
    with pytest.raises(ValueError, match="at least one point"):
        frames(ink, "curve")


@pytest.mark.parametrize("kind", FEATURES)
def test_distortion_varies_the_ink_by_its_own_chance_alone(ink: np.ndarray, kind: str) -> None:
    def varied(seed: int, strength: float) -> np.ndarray:
        return frames(ink, kind, Distortion.draw(len(ink), strength, np.random.default_rng(seed)))

    np.testing.assert_array_equal(varied(1, 1.0), varied(1, 1.0))
    assert varied(1, 1.0).shape != varied(2, 1.0).shape or not np.allclose(varied(1, 1.0), varied(2, 1.0))
    np.testing.assert_allclose(varied(1, 0.0), frames(ink, kind), atol=1e-5)
