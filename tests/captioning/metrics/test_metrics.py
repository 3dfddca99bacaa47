"""Against the official scorers: their package, and numbers that they gave for sentences of our own."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from captioning.metrics import BleuCounts, bleu, cider_d, mean, rouge_l, score_captions
from captioning.ptb import tokenise
from tests.captioning.metrics.sentences import EDGE, GOOD, REFERENCES

EXPECTED = {
    "good": (
        GOOD,
        [0.89999999994, 0.7205766920730061, 0.49049650212806795, 0.3383890558012458],
        0.6794064803440085,
        [0.5714285714, 0.6069651741, 0.9446902655, 0.5945419103],
        2.0356206829120835,
        [2.3377591345, 1.8263941694, 2.7366689894, 1.2416604384],
    ),
    "edge": (
        EDGE,
        [0.5320358740785819, 0.3147566678513287, 0.15887918469587256, 2.0534785447674085e-05],
        0.23705017541534917,
        [0, 0.2202166065, 0.2699115044, 0.4580725907],
        0.2287838233291099,
        [0, 0.6313259039, 0, 0.2838093894],
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_gives_the_numbers_of_the_official_scorers(name: str) -> None:
    captions, bleus, rouge, rouges, cider, ciders = EXPECTED[name]
    said, given = [caption.split() for caption in captions], [[r.split() for r in photo] for photo in REFERENCES]
    assert bleu(said, given) == pytest.approx(bleus, rel=1e-12)
    assert rouge_l(said, given) == pytest.approx(rouges, abs=1e-10)
    assert mean(rouge_l(said, given)) == pytest.approx(rouge, rel=1e-12)
    assert cider_d(said, given) == pytest.approx(ciders, abs=1e-10)
    assert mean(cider_d(said, given)) == pytest.approx(cider, rel=1e-12)


def test_bleu_of_the_counts_that_the_coco_demonstration_prints() -> None:
    counts = BleuCounts(9893, 9855, (9893, 8893, 7893, 6893), (5732, 2510, 1043, 423))
    assert counts.scores() == pytest.approx([0.5793996, 0.4043913, 0.2785364, 0.1908290], abs=5e-8)


def test_bleu_takes_the_shorter_of_two_reference_lengths_as_close() -> None:
    assert BleuCounts.of(["a", "b", "c", "d"], [["a", "b", "c", "d", "e"], ["a", "b", "c"]]).reference_length == 3


def test_a_single_photo_scores_no_cider() -> None:
    assert cider_d([GOOD[0].split()], [[r.split() for r in REFERENCES[0]]]) == [0.0]


def test_raw_captions_are_tokenised_on_both_sides() -> None:
    plain = score_captions(GOOD, REFERENCES)
    dressed = score_captions([c.capitalize() + " ." for c in GOOD], [[r.upper() + "!" for r in p] for p in REFERENCES])
    assert dressed == pytest.approx(plain)
    assert list(plain) == ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr"]


def test_refuses_photos_without_references() -> None:
    with pytest.raises(ValueError, match="1 of them without references"):
        bleu([["a"]], [[]])
    with pytest.raises(ValueError, match="got 0 captions"):
        cider_d([], [])


@pytest.mark.data
def test_equals_the_official_package_on_coco(data: Path) -> None:
    pytest.importorskip("pycocoevalcap")
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    photos: dict[int, list[list[str]]] = {}
    for annotation in json.loads((data / "coco-val2017" / "captions_val2017.json").read_text())["annotations"]:
        if annotation["image_id"] % 10 == 0:
            photos.setdefault(annotation["image_id"], []).append(tokenise(annotation["caption"]))
    # The first caption of each photo is scored against the others; one in ten is put to a photo not its own.
    said = [captions[0] for captions in photos.values()]
    for i in random.Random(0).sample(range(len(said)), len(said) // 10):
        said[i] = said[i - 1]
    given = [captions[1:] for captions in photos.values()]
    theirs = {i: [" ".join(tokens) for tokens in captions] for i, captions in enumerate(given)}
    ours = {i: [" ".join(tokens)] for i, tokens in enumerate(said)}
    assert bleu(said, given) == pytest.approx(Bleu(4).compute_score(theirs, ours, verbose=0)[0], rel=1e-10)
    for scores, official in ((rouge_l(said, given), Rouge()), (cider_d(said, given), Cider())):
        total, each = official.compute_score(theirs, ours)
        assert mean(scores) == pytest.approx(total, rel=1e-10)
        assert scores == pytest.approx(list(each), abs=1e-10)
