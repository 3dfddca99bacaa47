from __future__ import annotations

import pytest

from captioning.config import SearchConfig
from captioning.search import Rules
from captioning.search.find import rules_of
from captioning.tokens import Vocabulary
from shared.errors import UserError

WORDS = Vocabulary.from_captions(["a brown dog runs", "a dog runs"])


def test_wishes_become_numbers() -> None:
    dog, brown = WORDS.encode("dog brown")
    config = SearchConfig(minimum_words=2, no_repeat=3, banned="Dog , ", required=("brown!", "a brown"))
    assert rules_of(config, WORDS) == Rules(2, 3, ((dog,),), ((brown,), (*WORDS.encode("a"), brown)))


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"banned": "dig"}, "no word 'dig' among its 8, so none to ban or require; did you mean 'dog'?"),
        ({"required": ("brown zebra",)}, "no word 'zebra'"),
        ({"required": "?!"}, "there is no word in '?!'"),
        ({"required": "a brown dog", "banned": "brown"}, "'a brown dog' is required, but 'brown' is banned"),
        ({"required": "brown dog", "maximum_words": 1}, "is 2 words long, a caption at most 1"),
    ],
)
def test_wishes_that_cannot_be_get_a_sentence(wishes: dict, sentence: str) -> None:
    with pytest.raises(UserError) as error:
        rules_of(SearchConfig(**wishes), WORDS)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"beam": 0},
        {"n_best": 4},
        {"minimum_words": 9, "maximum_words": 8},
        {"beam": 4, "groups": 3},
        {"top_k": 5},
        {"nucleus": 0.9},
        {"temperature": -1.0},
        {"temperature": 1.0, "required": "dog"},
        {"temperature": 1.0, "nucleus": 0.0},
    ],
)
def test_settings_that_contradict_each_other_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(reversed(wrong))):
        SearchConfig(**wrong)
