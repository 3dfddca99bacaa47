"""What the sheet to write on sends, and what else might come in its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shared.errors import UserError
from tests.handwriting.styles.test_drawn import recorded
from tests.handwriting.styles.test_normal import TEXT, ink
from ui import pad


def answer(**changes: Any) -> dict[str, Any]:
    """A drawing as the browser sends it."""
    strokes = [track.tolist() for track in recorded(ink())]
    return {"words": TEXT, "rows": 1, "height": 150, "strokes": strokes} | changes


def test_what_was_drawn_is_a_hand() -> None:
    style = pad.read(answer())
    assert style.prime.text == TEXT
    assert style.prime.strokes.shape[1] == 3


def test_words_in_two_rows_are_the_same_hand_as_in_one() -> None:
    one = pad.read(answer()).prime
    tracks = [np.array(track) for track in answer()["strokes"]]
    half = len(tracks) // 2
    start = tracks[half][:, 0].min()
    below = [*tracks[:half], *(track + np.array([20 - start, 150, 0]) for track in tracks[half:])]
    two = pad.read(answer(strokes=[track.tolist() for track in below], rows=2)).prime
    assert two.shape.slant == pytest.approx(one.shape.slant, abs=0.02)
    assert two.shape.width == pytest.approx(one.shape.width, rel=0.1)
    assert len(two.strokes) == len(one.strokes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"strokes": []}, "nothing is drawn"),
        ({"words": ""}, "the words are missing"),
        ({"words": "a" * 10_000}, "these words have 120"),
        ({"words": None, "strokes": None}, "no drawing that the sheet has sent"),
        ({"rows": 0}, "no drawing"),
        ({"rows": "many"}, "no drawing"),
        ({"height": -5}, "no drawing"),
        ({"height": float("nan")}, "no drawing"),
        ({"strokes": "ink"}, "no drawing"),
        ({"strokes": [[["1", "x", 2]]]}, "no drawing"),
        ({"strokes": [[[1, 2]]]}, "no drawing"),
        ({"strokes": [[[10**400, 2, 3]]]}, "no drawing"),
        ({"strokes": [[[1, 2, None]]] * 9}, "nowhere"),
        ({"strokes": {"a": 1}}, "no drawing"),
        ({"strokes": [[[0, 0, 0]] * (pad.MOST_POINTS + 1)]}, "more than 20,000 points"),
        ({"strokes": [[], []]}, "nothing is drawn"),
    ],
)
def test_what_is_no_drawing_is_said_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        pad.read(answer(**changes))


@pytest.mark.parametrize("nonsense", [None, 5, "text", [], {}])
def test_nor_is_an_answer_of_another_kind(nonsense: Any) -> None:
    with pytest.raises(UserError, match="no drawing"):
        pad.read(nonsense)
