"""The captioner that travels with the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from captioning.batch import Wanted, caption_all
from captioning.captioner import Captioner
from captioning.data import read_captions, take_split
from captioning.metrics import score_captions
from captioning.model import WEIGHTS
from tests.captioning.conftest import draw


@pytest.fixture(scope="module")
def shipped() -> Captioner:
    return Captioner.from_pretrained()


def test_is_small_and_has_its_card() -> None:
    files = {path.name: path.stat().st_size for path in (WEIGHTS / "default").iterdir()}
    assert sum(files.values()) < 27 * 2**20
    assert files.keys() == {"README.md", "config.json", "metrics.jsonl", "model.safetensors", "tokenizer.json"}


def test_says_a_sentence_of_any_picture(shipped: Captioner) -> None:
    (best, *others) = shipped.describe(draw("red", "ball"), beam=3, n_best=3)
    assert len(best.words) > 2
    assert best.attention.shape[1:] == (7, 7)
    assert len({best.text, *(other.text for other in others)}) == 3


@pytest.mark.data
def test_describes_photos_that_it_has_never_seen(shipped: Captioner, data: Path) -> None:
    photos = take_split(read_captions(data / "flickr8k" / "captions_flickr8k.json"), "test")[::40]
    wanted = [Wanted(data / "flickr8k" / "images" / photo.file, photo.id) for photo in photos]
    captions = [record.caption for record in caption_all(shipped, wanted)]
    scores = score_captions(captions, [photo.captions for photo in photos])
    assert scores["Bleu_1"] > 0.55
    assert scores["Bleu_4"] > 0.12
