from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioning.tokens import SPECIAL, UNKNOWN, Vocabulary
from shared.errors import UserError

CAPTIONS = ["A dog's tail isn't wagging.", "the dog, the well-lit DOG!", "a dog"]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.from_captions(CAPTIONS)


def test_words_are_lower_case_without_punctuation(vocabulary: Vocabulary) -> None:
    numbers = vocabulary.encode("The DOG's tail -- isn’t well-lit?!")
    assert vocabulary.decode(numbers) == ["the", "dog's", "tail", "isn't", "well-lit"]


def test_frequent_words_come_first_after_the_special_ones(vocabulary: Vocabulary) -> None:
    assert tuple(vocabulary.decode(range(5))) == (*SPECIAL, "dog")
    assert len(Vocabulary.from_captions(CAPTIONS, minimum_count=2)) == len(SPECIAL) + 3


def test_strange_words_are_unknown_and_special_words_cannot_be_typed(vocabulary: Vocabulary) -> None:
    assert vocabulary.encode("zebra <end>") == [UNKNOWN, UNKNOWN]


def test_survives_a_file(vocabulary: Vocabulary, tmp_path: Path) -> None:
    vocabulary.save(tmp_path / "tokenizer.json")
    again = Vocabulary.load(tmp_path / "tokenizer.json")
    assert again.encode(CAPTIONS[0]) == vocabulary.encode(CAPTIONS[0])
    assert len(again) == len(vocabulary)


@given(st.text())
def test_any_text_can_be_encoded(text: str) -> None:
    assert all(number >= UNKNOWN for number in Vocabulary.from_captions(["a dog"]).encode(text))


def test_no_words_and_no_file_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no word occurs 9 times"):
        Vocabulary.from_captions(CAPTIONS, minimum_count=9)
    with pytest.raises(UserError, match="cannot read the vocabulary"):
        Vocabulary.load(tmp_path / "missing.json")
    (tmp_path / "other.json").write_text('{"version": "1.0"}')
    with pytest.raises(UserError, match="cannot read the vocabulary"):
        Vocabulary.load(tmp_path / "other.json")
