"""Attention as light, and in words."""

from __future__ import annotations

import math

import numpy as np
import pytest

from captioning import Caption
from ui.gaze import FINENESS, light, looks, whereabouts


def spot(row: int, column: int, size: int = 7) -> np.ndarray:
    grid = np.zeros((size, size), dtype=np.float32)
    grid[row, column] = 1.0
    return grid


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (0, 0, "upper left"),
        (0, 6, "upper right"),
        (6, 3, "lower"),
        (3, 6, "right"),
        (6, 0, "lower left"),
    ],
)
def test_where_attention_lies_is_said_in_words(row: int, column: int, words: str) -> None:
    assert whereabouts(spot(row, column)) == f"the {words} part"


def test_attention_in_the_middle_and_everywhere_have_words_too() -> None:
    assert whereabouts(spot(3, 3)) == "the middle"
    assert whereabouts(np.full((7, 7), 1 / 49)) == "the whole photo"


@pytest.mark.parametrize(("row", "column"), [(0, 6), (5, 1), (3, 3)])
def test_light_falls_where_attention_lies(row: int, column: int) -> None:
    cells = light(spot(row, column))
    assert cells.dtype == np.uint8
    brightest = np.array(np.unravel_index(cells.argmax(), cells.shape))
    np.testing.assert_allclose(brightest, (np.array([row, column]) + 0.5) * FINENESS / 7, atol=2.5)
    assert cells.min() == 0


def test_even_attention_lights_everything() -> None:
    assert light(np.full((7, 7), 1 / 49)).min() == 255


def test_each_word_has_its_probability_its_place_and_its_light() -> None:
    caption = Caption(
        "a dog", ["a", "dog"], -1.5, [math.log(0.9), math.log(0.25), -0.1], np.stack([spot(3, 3), spot(6, 6)])
    )
    first, second = looks(caption)
    assert (first["word"], first["chance"], first["where"]) == ("a", 0.9, "the middle")
    assert (second["word"], second["chance"], second["where"]) == ("dog", 0.25, "the lower right part")
    assert len(first["light"]) == FINENESS**2
    assert first["others"] == []
    first, second = looks(caption, [[("the", 0.05)], [("cat", 0.123456), ("", 0.1)]])
    assert first["others"] == [["the", 0.05]]
    assert second["others"] == [["cat", 0.1235], ["", 0.1]]
