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


def test_words_are_one_token_each(vocabulary: Vocabulary) -> None:
    assert vocabulary.words(vocabulary.encode("a dog's tail")) == [("a", 1), ("dog's", 1), ("tail", 1)]


MANY = ["a lower tower", "the lowest tower", "a slow flower", "lower and lower"] * 5


@pytest.mark.parametrize("pieces", [0, 35])
def test_pieces_make_up_words_that_were_never_seen(pieces: int, tmp_path: Path) -> None:
    vocabulary = Vocabulary.of_pieces(MANY, pieces)
    numbers = vocabulary.encode("The slowest FLOWER!")
    assert [word for word, _ in vocabulary.words(numbers)] == ["the", "slowest", "flower"]
    assert sum(count for _, count in vocabulary.words(numbers)) == len(numbers)
    assert UNKNOWN in vocabulary.encode("zebra")
    assert all(number >= UNKNOWN for number in vocabulary.encode("<end> <pad>"))
    vocabulary.save(tmp_path / "tokenizer.json")
    assert Vocabulary.load(tmp_path / "tokenizer.json").encode("the slowest flower") == numbers


def test_more_pieces_make_fewer_tokens_of_a_text() -> None:
    letters, some, more = (Vocabulary.of_pieces(MANY, pieces) for pieces in (0, 35, 45))
    assert len(letters.encode("a")) == 1
    lengths = [len(vocabulary.encode("the lowest flower")) for vocabulary in (letters, some, more)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == len("thelowestflower")
    assert lengths[0] > lengths[1] > lengths[2]


def test_no_letters_are_a_user_error() -> None:
    with pytest.raises(UserError, match="not a single word"):
        Vocabulary.of_pieces(["...", ""], 0)


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
