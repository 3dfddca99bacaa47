"""A reward that is prepared once must be the score that is computed anew, and a file of frequencies what was counted."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from captioning.metrics import CiderD, DocumentFrequencies, cider_d
from shared.errors import UserError
from tests.captioning.metrics.sentences import EDGE, GOOD, REFERENCES

GIVEN = [[reference.split() for reference in photo] for photo in REFERENCES]


def test_photos_scored_in_any_order_and_number_get_their_scores() -> None:
    scorer = CiderD(GIVEN)
    apart = [cider_d([c.split() for c in captions], GIVEN) for captions in (GOOD, EDGE)]
    photos = [3, 0, 0, 2, 1, 3]
    captions = [GOOD[3], GOOD[0], EDGE[0], EDGE[2], GOOD[1], EDGE[3]]
    expected = [apart[0][3], apart[0][0], apart[1][0], apart[1][2], apart[0][1], apart[1][3]]
    assert scorer.scores(photos, [caption.split() for caption in captions]) == expected


def test_what_is_not_kept_is_prepared_anew() -> None:
    photos, captions = [0, 1, 2, 3, 0, 1], [GOOD[n].split() for n in (0, 1, 2, 3, 0, 1)]
    assert CiderD(GIVEN, kept=1).scores(photos, captions) == CiderD(GIVEN).scores(photos, captions)


def test_tokens_may_be_numbers() -> None:
    numbers: dict[str, int] = {}

    def number(caption: list[str]) -> list[int]:
        return [numbers.setdefault(word, len(numbers)) for word in caption]

    given = [[number(reference) for reference in photo] for photo in GIVEN]
    said = [number(caption.split()) for caption in GOOD]
    assert cider_d(said, given) == pytest.approx(cider_d([c.split() for c in GOOD], GIVEN), rel=1e-12)


def test_a_hand_computed_score() -> None:
    """Two photos; "b" is in the references of both, so it has no weight, and log N - log df is log 2 for the others."""
    given = [[["a", "b"]], [["b", "c"]]]
    # Of "a b d": 1-grams a, d with log 2 each against a alone: (log 2)² / (√2 log 2 · log 2); 2-grams ab, bd against ab: alike.
    expected = 10 / 4 * (1 / math.sqrt(2) + 1 / math.sqrt(2)) * math.exp(-1 / 72)
    assert cider_d([["a", "b", "d"], ["x"]], given) == pytest.approx([expected, 0.0], rel=1e-12)


def test_the_end_token_tells_a_whole_caption_from_a_broken_one() -> None:
    ended = [[[*reference, "."] for reference in photo] for photo in GIVEN]
    scorer = CiderD(ended)
    whole = GOOD[2].split()
    assert scorer.score(2, [*whole, "."]) > scorer.score(2, whole) > scorer.score(2, whole[:-1])


def test_saved_frequencies_give_one_photo_the_score_that_it_has_among_all(tmp_path: Path) -> None:
    counted = DocumentFrequencies.of(GIVEN)
    counted.save(tmp_path / "df.json")
    loaded = DocumentFrequencies.load(tmp_path / "df.json")
    assert loaded == counted
    assert loaded.fingerprint == counted.fingerprint != DocumentFrequencies.of(GIVEN[:3]).fingerprint
    among_all = cider_d([caption.split() for caption in GOOD], GIVEN)
    for photo in range(4):
        assert cider_d([GOOD[photo].split()], [GIVEN[photo]], loaded) == pytest.approx([among_all[photo]], rel=1e-12)
        assert cider_d([GOOD[photo].split()], [GIVEN[photo]]) == [0.0]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"counts": {}}', "photos"),
        ('{"photos": 0, "counts": {}}', "photos is 0, expected a positive"),
        ('{"photos": 3, "counts": []}', "AttributeError"),
        ('{"photos": 3, "counts": {"a dog": 4}}', "the count of 'a dog' is 4, expected 1 to 3"),
        ('{"photos": 3, "counts": {"a dog": "2"}}', "the count of 'a dog' is '2'"),
    ],
)
def test_files_that_hold_no_frequencies_are_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "df.json"
    path.write_text(content)
    with pytest.raises(UserError, match=complaint):
        DocumentFrequencies.load(path)


def test_frequencies_that_are_not_there_or_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        DocumentFrequencies.load(tmp_path / "none.json")
    with pytest.raises(UserError, match="cannot write"):
        DocumentFrequencies.of(GIVEN).save(tmp_path)


def test_the_file_lists_no_ngram_of_a_single_photo(tmp_path: Path) -> None:
    DocumentFrequencies.of([[["a", "dog"]], [["a", "cat"]]]).save(tmp_path / "df.json")
    assert json.loads((tmp_path / "df.json").read_text()) == {"photos": 2, "counts": {"a": 2}}
