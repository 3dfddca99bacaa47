"""What a screen recorded becomes a hand."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting.pace import POINTS_PER_SECOND
from handwriting.strokes import Strokes, join, split
from handwriting.styles.drawn import FARTHEST, MOST_POINTS, Track, evenly, in_one_line, sample_from
from handwriting.styles.normal import STEP, normal
from shared.errors import UserError
from tests.handwriting.styles.test_normal import TEXT, ink


def recorded(strokes: Strokes, size: float = 0.25, slow: float = 1.0) -> list[Track]:
    """Ink as a browser tells it: whole pixels, a hundred times a second, only where the pointer moved."""
    tracks, now = [], 0.0
    for stroke in split(strokes):
        times = now + slow * np.arange(len(stroke)) / POINTS_PER_SECOND
        marks = np.arange(times[0], times[-1] + 1e-9, 0.01)
        pixels = np.stack([np.round(size * np.interp(marks, times, stroke[:, axis])) for axis in (0, 1)], 1)
        moved = np.append(True, np.any(np.diff(pixels, axis=0) != 0, axis=1))
        tracks.append(np.column_stack([pixels, marks])[moved] + [100.0, 80.0, 0.0])
        now = times[-1] + 0.2
    return tracks


def roughness(strokes: Strokes) -> float:
    """How much the pen turns from point to point, radians."""
    turns = []
    for stroke in split(strokes):
        way = np.diff(stroke, axis=0)
        direction = np.unwrap(np.arctan2(way[:, 1], way[:, 0]))
        turns += np.abs(np.diff(direction, 2)).tolist()
    return float(np.mean(turns))


@pytest.mark.parametrize("slow", [1.0, 4.0])
def test_a_drawn_line_is_the_prime_that_the_same_ink_is(slow: float) -> None:
    drawn, given = sample_from(recorded(ink(), slow=slow), TEXT).prime, sample_from(smooth(), TEXT).prime
    assert drawn.text == TEXT
    assert drawn.shape.slant == pytest.approx(given.shape.slant, abs=0.05)
    assert drawn.shape.width == pytest.approx(given.shape.width, rel=0.05)
    assert len(drawn.strokes) == pytest.approx(len(given.strokes), rel=0.05)
    steps = np.hypot(*drawn.strokes[np.append(False, drawn.strokes[:-1, 2] < 0.5), :2].T)
    assert steps.mean() == pytest.approx(STEP, rel=0.06)


def smooth() -> list[Track]:
    """The same line, its places not rounded."""
    return [np.column_stack([stroke, np.arange(len(stroke)) / POINTS_PER_SECOND]) for stroke in split(ink())]


def test_steps_of_whole_pixels_are_smoothed_away() -> None:
    tracks = recorded(ink(), size=0.1)
    rough = normal(join([track[:, :2] for track in tracks]), TEXT)
    assert roughness(sample_from(tracks, TEXT).prime.strokes) < 0.8 * roughness(rough.strokes)


def test_places_are_means_over_time_and_ends_stay() -> None:
    track = np.array([[0.0, 0.0, 1.0], [10.0, 0.0, 1.05], [10.0, 20.0, 1.15]])
    points = evenly(track, 0.02)
    np.testing.assert_allclose(points[[0, -1]], track[[0, -1], :2])
    times = np.linspace(1.0, 1.15, len(points))
    fine = np.linspace(1.0, 1.15, 15001)
    x = np.interp(fine, track[:, 2], track[:, 0])
    for point, time in list(zip(points, times, strict=True))[2:-2]:
        assert point[0] == pytest.approx(x[np.abs(fine - time) <= 0.01].mean(), abs=0.01)
    np.testing.assert_allclose(evenly(track[[0, 0, 0]], 0.02), track[[0, 0, 0], :2])


def test_rows_of_a_sheet_are_put_into_one_line() -> None:
    line = recorded(ink())
    middle = 0.5 * (line[0][:, 0].min() + line[-1][:, 0].max())
    # Five characters, a space of about the width of one, and the rest, on a row of 200 pixels each.
    first = [stroke for stroke in line if stroke[:, 0].mean() < middle]
    second = [stroke - [middle - 100, -200, 0] for stroke in line if stroke[:, 0].mean() >= middle]
    joined = in_one_line([*second, *first], 2, 200.0, len(TEXT))
    assert len(joined) == len(line)
    tops = [stroke[:, 1].min() for stroke in joined]
    assert max(tops) < 200
    right = max(stroke[:, 0].max() for stroke in joined[: len(first)])
    gap = min(stroke[:, 0].min() for stroke in joined[len(first) :]) - right
    assert 0 < gap < 2.5 * (line[-1][:, 0].max() - line[0][:, 0].min()) / len(TEXT)


def test_what_goes_over_the_edge_of_the_sheet_stays_in_its_row() -> None:
    line = recorded(ink())
    low = in_one_line([stroke + np.array([0, 500, 0]) for stroke in line], 1, 100.0, len(TEXT))
    for moved, stroke in zip(low, line, strict=True):
        np.testing.assert_allclose(np.diff(moved[:, :2], axis=0), np.diff(stroke[:, :2], axis=0))


def dots(places: list[tuple[float, float]]) -> list[Track]:
    return [np.array([[x, y, number]]) for number, (x, y) in enumerate(places)]


@pytest.mark.parametrize(
    ("strokes", "text", "sentence"),
    [
        ([], TEXT, "nothing is drawn yet"),
        ([np.zeros((0, 3))], TEXT, "nothing is drawn yet"),
        (recorded(ink()), "  ", "the words are missing"),
        (recorded(ink()), "abc", "these words have 3; write more"),
        (recorded(ink()), "abc " * 25, "these words have 99; write fewer"),
        (recorded(ink())[:1], "a hundred words that nobody wrote here", "too little for 38 characters"),
        (dots([(x, x % 60) for x in range(100)]), TEXT, "dots"),
        (dots([(5, 5), (np.nan, 90)]), TEXT, "nowhere"),
        (dots([(5, 5), (9, np.inf)]), TEXT, "nowhere"),
        (dots([(5, 5), (9, 2 * FARTHEST)]), TEXT, "beyond the screen"),
        (recorded(ink(), size=0.01), TEXT, "too small"),
        ([np.zeros((MOST_POINTS + 1, 3))], TEXT, "has 20,001 points"),
    ],
)
def test_what_shows_no_hand_is_said_in_a_sentence(strokes: list[Track], text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as refused:
        sample_from(strokes, text)
    assert "\n" not in str(refused.value)


def test_times_that_run_backwards_do_no_harm() -> None:
    tracks = [track[:, [0, 1, 2]] * [1, 1, -1] for track in recorded(ink())]
    assert sample_from(tracks, TEXT).prime.text == TEXT
