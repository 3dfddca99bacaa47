"""Any ink as a prime: level, of the size that the network knows, its points as close as a tablet's."""

from __future__ import annotations

import numpy as np

from handwriting.formats.checks import check_points
from handwriting.prime import Prime
from handwriting.shape import HEIGHT, measure
from handwriting.spelling import spell
from handwriting.strokes import Points, Strokes, bounds, join, split
from shared.errors import UserError

STEP = 20.0
"""Tablet units from point to point of a stroke: the mean of IAM-OnDB's split 0, each line made `HEIGHT` high. Points at equal
distances served the network as well as those a tablet gave evenly in time: 24 lines of split 1, each read after another line of
the same hand, had -801.9 and -803.7 nats; after one with every second point left out, -763.8."""
LIKE = 2.0
"""how many times as far apart, or as near, points may be on average and still be taken for a tablet's; 998 in 1,000 lines are"""
STEEPEST_SLOPE, LONG = 0.8, 2.5
"""radians that a line may run up or down, and how many times as long as high it must be to tell that it does"""
SHORTEST_TEXT, LONGEST_TEXT = 5, 80
"""Characters of a prime. The lines that the network has learnt from have up to 58, and it reads longer ones as well: 120 lines of
split 1 had -1068.1 nats after one line of the same hand, and -1068.5 after two in a row, which had 28 to 77."""
MOST_POINTS = 50_000
"""of one line, before its points are set anew"""
FEWEST, MOST = 7.0, 60.0
"""points that a prime may have for each character of its text; people's have 8 to 55"""


def normal(strokes: Strokes, text: str, timed: bool = False) -> Prime:
    """Ink of any unit, slope and sampling as a prime in the network's own unit.

    Args:
        strokes: one line of ink.
        text: what it says.
        timed: keep its own points, if they are about as far apart as a tablet's: they tell how fast the pen was.

    Raises:
        UserError: if the ink is none, or does not say this text.
    """
    text = _text(text)
    if len(strokes) > MOST_POINTS:
        raise UserError(f"the ink has {len(strokes):,} points; one line of writing has at most {MOST_POINTS:,}")
    ink = np.asarray(strokes, dtype=np.float64)
    check_points(ink[:, :2])
    if len(ink) < 2:
        raise UserError(f"the ink has {'one point' if len(ink) else 'no stroke'}; a style needs a line of writing")
    ink = ink.copy()
    ink[0, :2], ink[-1, 2] = 0.0, 1.0
    left, top, right, bottom = bounds(ink)
    extent = max(right - left, bottom - top)
    if not extent > 0:
        raise UserError("all points of the ink lie in one place; a style needs a line of writing")
    ink = levelled(ink / [extent, extent, 1.0])  # so that no unit is too small or too large to reckon with
    try:
        shape, height = measure(ink, len(text))
    except ValueError as error:
        raise UserError(f"{error}; a style needs a line of writing") from error
    ink *= [HEIGHT / height, HEIGHT / height, 1.0]
    drawn = np.append(False, ink[:-1, 2] < 0.5)
    steps = np.hypot(ink[drawn, 0], ink[drawn, 1])
    pace = (steps.sum() / STEP + ink[:, 2].sum()) / len(text)
    if not FEWEST <= pace <= MOST:
        much = "little" if pace < FEWEST else "much"
        raise UserError(
            f"the ink does not fit its text: it is too {much} for {len(text)} characters ({text[:40]!r}); "
            "give the text that it says, letter for letter"
        )
    like_a_tablets = STEP / LIKE <= steps.mean() <= STEP * LIKE
    return Prime(ink if timed and like_a_tablets else respaced(ink, STEP), text, shape)


def levelled(strokes: Strokes) -> Strokes:
    """Turns a line so that its long axis runs level, however it was sampled. Ink without one, or with a steep one, stays."""
    drawn = np.append(False, strokes[:-1, 2] < 0.5)
    weight = np.hypot(strokes[:, 0], strokes[:, 1]) * drawn
    if not weight.any():
        return strokes
    middles = np.cumsum(strokes[:, :2], 0) - strokes[:, :2] / 2
    spread = np.cov(middles.T, aweights=weight, ddof=0)
    angle = 0.5 * np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    along, beside = np.diag(turn.T @ spread @ turn)
    if abs(angle) > STEEPEST_SLOPE or along < LONG**2 * beside:
        return strokes
    return np.column_stack([strokes[:, :2] @ turn, strokes[:, 2]])


def respaced(strokes: Strokes, step: float) -> Strokes:
    """The same curves with points `step` apart, or as near to that as makes the last point fall on a stroke's end."""
    return join([_respaced(stroke, step) for stroke in split(strokes)])


def _respaced(stroke: Points, step: float) -> Points:
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T)))
    if along[-1] == 0:
        return stroke[:1]
    marks = np.linspace(0.0, along[-1], max(1, round(along[-1] / step)) + 1)
    return np.stack([np.interp(marks, along, stroke[:, axis]) for axis in (0, 1)], 1)


def _text(text: str) -> str:
    """A prime's text in characters of the alphabet."""
    # Far longer ones are not even spelled, which takes a while.
    plain = spell(text).plain if len(text) <= 10 * LONGEST_TEXT else text
    if not SHORTEST_TEXT <= len(plain) <= LONGEST_TEXT:
        said = f"{len(plain)} characters ({plain[:40]!r})" if plain else "no text"
        raise UserError(
            f"a line has {SHORTEST_TEXT} to {LONGEST_TEXT} characters, got {said}; take a shorter one, or give the text that it "
            "says, letter for letter"
        )
    return plain
