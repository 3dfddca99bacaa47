from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from handwriting.guides import USUAL_X_HEIGHT, guides
from handwriting.hyphens import break_word, is_syllable
from handwriting.ink import InkLine
from handwriting.strokes import bounds, join, split
from handwriting.words import Word, words
from tests.handwriting.hand import ADVANCE, SPACE, X_HEIGHT, write

EMPTY = InkLine("", np.zeros((0, 3)), np.zeros(0, dtype=int))


def sorted_points(strokes: list[np.ndarray]) -> np.ndarray:
    points = np.concatenate(strokes)
    return points[np.lexsort(points.T)]


@pytest.mark.parametrize("lateness", [0, 1, 3])
def test_each_word_gets_its_ink_and_nothing_is_lost(lateness: int) -> None:
    text = "it is a bit, with time to wait in it; yes I did"
    line = write(text, lateness=lateness)
    found = words(line)
    assert [word.text for word in found] == text.split()
    for word in found:
        # A stroke a letter, a dot an i, a cross a t.
        assert len(split(word.strokes)) == len(word.text) + word.text.count("i") + word.text.count("t")
        assert len(word.characters) == len(word.strokes)
        assert 0 <= word.characters.min() <= word.characters.max() < len(word.text)
        assert bounds(word.strokes)[0] == pytest.approx(0)
        assert word.width == pytest.approx(ADVANCE * (len(word.text) - 1) + 1.8, abs=0.1)
        assert word.gap == pytest.approx(SPACE, abs=0.1)


def test_words_set_side_by_side_with_their_gaps_are_the_line() -> None:
    line = write("quick brown foxes")
    x, again = 0.0, []
    for word in words(line):
        again += split(word.strokes, (x, 0.0))
        x += word.width + word.gap
    shift = np.array([bounds(line.strokes)[0], 0.0])
    np.testing.assert_allclose(sorted_points(again), sorted_points(split(line.strokes)) - shift, atol=0.02)


def test_marks_made_when_the_window_was_at_the_next_word_go_with_the_word_under_them() -> None:
    line = write("hit me now")
    ends = np.flatnonzero(line.strokes[:, 2]) + 1
    characters = line.characters.copy()
    # Strokes: h i t . - m e ...: the dot and the cross are said to be of "me".
    characters[ends[2] : ends[4]] = 4
    found = words(replace(line, characters=characters))
    assert [word.text for word in found] == ["hit", "me", "now"]
    assert [len(split(word.strokes)) for word in found] == [5, 2, 3]


def test_a_stroke_over_two_words_keeps_them_together() -> None:
    line = write("ab cd ef")
    letters = split(line.strokes)
    joined = join([letters[0], np.concatenate(letters[1:3]), *letters[3:]])
    found = words(replace(line, strokes=joined))
    assert [word.text for word in found] == ["ab cd", "ef"]
    assert sum(len(word.strokes) for word in found) == len(line.strokes)


@pytest.mark.parametrize("skipped", [0, 1, 2])
def test_the_text_of_a_word_without_ink_stays(skipped: int) -> None:
    line = write("ab cd ef")
    own = [(0, 2), (3, 5), (6, 8)][skipped]
    kept = ~((own[0] <= line.characters) & (line.characters < own[1]))
    letters = [stroke for n, stroke in enumerate(split(line.strokes)) if n // 2 != skipped]
    found = words(replace(line, strokes=join(letters), characters=line.characters[kept]))
    assert " ".join(word.text for word in found) == "ab cd ef"
    assert sum(len(split(word.strokes)) for word in found) == 4


def test_lines_without_words_have_none() -> None:
    assert words(EMPTY) == []
    assert words(replace(EMPTY, text="lost")) == []


@pytest.mark.parametrize("text", ["yes gypsies jog by", "gyp", "...", "Oh", "minimum"])
@pytest.mark.parametrize(("slope", "wave"), [(0.0, 0.0), (0.03, 0.0), (-0.02, 0.6)])
def test_words_stand_on_their_baseline(text: str, slope: float, wave: float) -> None:
    line = write((text + " ") * 4 + text)
    y = 7.0
    bent = [
        stroke + np.stack([0 * stroke[:, 0], y + slope * stroke[:, 0] + wave * np.sin(stroke[:, 0] / 15)], 1)
        for stroke in split(line.strokes)
    ]
    for word in words(replace(line, strokes=join(bent))):
        feet = [
            stroke[:, 1].max()
            for stroke, letter in zip(split(word.strokes), word.text, strict=False)
            if letter in "aesimnuohO"
        ]
        assert np.abs(feet).max(initial=0.0) < (0.2 if slope or wave else 0.02) * X_HEIGHT + 0.1


def test_the_size_of_writing_is_that_of_its_small_letters() -> None:
    line = write("yes, many Tall hands")
    assert guides(line.text, line.strokes, line.characters).x_height == pytest.approx(X_HEIGHT, rel=0.03)
    small = line.strokes * [0.5, 0.5, 1]
    assert guides(line.text, small, line.characters).x_height == pytest.approx(X_HEIGHT / 2, rel=0.03)
    silent = write("Hl TK")
    assert guides(silent.text, silent.strokes, silent.characters)[2:4] == (USUAL_X_HEIGHT, 0)


def test_a_word_changes_size_and_slant_and_nothing_else() -> None:
    (word,) = words(write("hand"))
    large = word.shaped(2.0)
    np.testing.assert_allclose(large.strokes, word.strokes * [2, 2, 1], atol=1e-12)
    assert large.gap == 2 * word.gap
    leaning = word.shaped(1.0, 0.5)
    np.testing.assert_allclose(np.cumsum(leaning.strokes[:, 1]), np.cumsum(word.strokes[:, 1]), atol=1e-12)
    assert bounds(leaning.strokes)[0] == pytest.approx(0)
    upright, leant = (np.concatenate(split(one.strokes)) for one in (word, leaning))
    np.testing.assert_allclose(np.ptp(leant[:, 0] - upright[:, 0] + 0.5 * upright[:, 1]), 0, atol=1e-12)


def test_a_word_is_broken_between_syllables_with_a_hyphen() -> None:
    (word,) = words(write("remember"))
    parts = break_word(word, 5 * ADVANCE + 3, X_HEIGHT)
    assert parts is not None
    assert [parts.before.text, parts.after.text] == ["remem-", "ber"]
    assert parts.before.width <= 5 * ADVANCE + 3
    assert len(split(parts.before.strokes)) == 6
    assert split(parts.before.strokes)[-1][:, 1] == pytest.approx(-0.5 * X_HEIGHT)
    assert parts.before.text[parts.before.characters[-1]] == "-"
    assert parts.after.text[parts.after.characters[0]] == "b"
    assert bounds(parts.after.strokes)[0] == pytest.approx(0)
    assert break_word(word, ADVANCE, X_HEIGHT) is None


def test_no_stroke_is_cut_by_a_hyphen() -> None:
    (word,) = words(write("remember"))
    cursive = Word(word.text, join([np.concatenate(split(word.strokes))]), word.characters)
    assert break_word(cursive, 12.0, X_HEIGHT) is None


@pytest.mark.parametrize(
    ("word", "places"),
    [
        ("writing", [3]),
        ("letters", [3]),
        ("something", [2, 4]),
        ("mother", [2]),
        ("through", []),
        ("a1b2c3d4", []),
        ("and", []),
        ("https://e.org", []),
        ("arrivées", [2, 4]),
        ("zurück", [2]),
    ],
)
def test_syllables_by_the_rule_of_thumb(word: str, places: list[int]) -> None:
    assert [place for place in range(len(word) + 1) if is_syllable(word, place)] == places
