from __future__ import annotations

import math

import pytest

from captioning.metrics import DocumentFrequencies
from captioning.metrics.language import dangling_share, distinct, diversity, language, self_cider
from tests.captioning.metrics.sentences import REFERENCES

FREQUENCIES = DocumentFrequencies.of([[reference.split() for reference in photo] for photo in REFERENCES])


def test_tells_length_words_and_repetition() -> None:
    captions = [line.split() for line in ("a dog runs", "a dog runs", "a cat on the", "")]
    found = language(captions)
    assert found == {
        "mean_length": 2.5,
        "vocabulary": 6,
        "distinct_sentences": 0.75,
        "dangling_endings": 0.25,
        "distinct_1": 0.6,
        "distinct_2": 5 / 7,
    }


def test_a_sentence_is_novel_that_nobody_said_in_training() -> None:
    captions = [line.split() for line in ("a dog runs", "a dog runs fast")]
    assert language(captions, {("a", "dog", "runs")})["novel_sentences"] == 0.5


def test_a_caption_dangles_that_wants_another_word() -> None:
    captions = [
        line.split() for line in ("a dog on a", "a dog with", "two dogs are", "a dog", "dogs playing outside", "")
    ]
    assert dangling_share(captions) == 0.5


def test_distinct_of_nothing_is_nothing() -> None:
    assert distinct([[], ["a"]], 2) == 0.0


def test_captions_all_alike_have_no_diversity_and_those_without_a_common_word_have_all() -> None:
    alike = [["kids", "flying", "a", "kite", "on", "the", "beach"]] * 3
    apart = [
        line.split()
        for line in ("dog runs across green lawn", "two kids hold kite by sea", "wooden bowl some fruit sits")
    ]
    found = diversity([alike], FREQUENCIES)
    assert found["self_CIDEr"] == pytest.approx(0.0, abs=1e-6)
    assert found["mBLEU_4"] == pytest.approx(1.0)
    assert found["distinct_1"] == pytest.approx(1 / 3)
    found = diversity([apart], FREQUENCIES)
    assert found["self_CIDEr"] == pytest.approx(1.0)
    assert found["mBLEU_4"] < 1e-3
    assert found["distinct_2"] == 1.0
    assert diversity([alike, apart], FREQUENCIES)["self_CIDEr"] == pytest.approx(0.5)


def test_self_cider_of_two_captions_by_hand() -> None:
    """Two captions of similarity s: eigenvalues 1 ± s."""
    a, b = ["man", "riding", "bicycle"], ["man", "riding", "horse"]
    # All n-grams but "man" (of 1 photo as well) weigh log 4; no caption here has a 4-gram: 3/4 on the diagonal.
    similarity, whole = (2 / 3 + 1 / 2 + 0) / 4, 3 / 4
    high, low = math.sqrt(whole + similarity), math.sqrt(whole - similarity)
    assert self_cider([a, b], FREQUENCIES) == pytest.approx(-math.log2(high / (high + low)))


def test_captions_without_a_word_have_no_diversity() -> None:
    assert self_cider([[], []], FREQUENCIES) == 0.0
