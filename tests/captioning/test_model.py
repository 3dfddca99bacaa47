from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from captioning.config import ModelConfig
from captioning.model import CaptionModel, Reading, caption_loss
from captioning.task import pad_captions
from captioning.tokens import END, START
from shared.errors import UserError
from tests.captioning.conftest import SIDE


def test_survives_a_folder_in_half_precision(tiny_model: CaptionModel, tmp_path: Path) -> None:
    tiny_model.save_pretrained(tmp_path, half=True)
    again = CaptionModel.from_pretrained(tmp_path)
    photos = torch.randint(0, 256, (1, 3, SIDE, SIDE), dtype=torch.uint8)
    with torch.no_grad():
        torch.testing.assert_close(again.encode(photos), tiny_model.encode(photos), atol=2e-2, rtol=2e-2)
    assert again.config == tiny_model.config
    assert again.vocabulary.encode("a red ball") == tiny_model.vocabulary.encode("a red ball")


def test_a_folder_without_its_vocabulary_is_a_user_error(tiny_model: CaptionModel, tmp_path: Path) -> None:
    tiny_model.save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="cannot read the vocabulary"):
        CaptionModel.from_pretrained(tmp_path)


def test_a_caption_reads_the_same_alone_and_beside_others(tiny_model: CaptionModel) -> None:
    maps = tiny_model.encoder.prefix(torch.randint(0, 256, (2, 3, SIDE, SIDE), dtype=torch.uint8))
    words, spoken = pad_captions([[[5, 6, 7, 8], [9, 4]], [[7]]], rows=2)
    with torch.no_grad():
        together = tiny_model(maps, words[..., :-1], spoken)
        words, spoken = pad_captions([[[7]]], rows=1)
        alone = tiny_model(maps[1:], words[..., :-1], spoken)
    torch.testing.assert_close(together.logits[-2:], alone.logits)


def test_captions_are_padded_longest_first_between_start_and_end() -> None:
    words, spoken = pad_captions([[[5], [6, 7]]], rows=3)
    assert words.tolist() == [[[START, 6, 7, END], [START, 5, END, 0], [0, 0, 0, 0]]]
    assert spoken.sum(-1).tolist() == [[3, 2, 0]]


def test_the_loss_is_nats_a_word_and_attention_summed_over_locations() -> None:
    words = torch.tensor([[[4, END], [END, 0]]])
    spoken = words != 0
    attention = torch.full((1, 2, 2, 4), 0.25)
    reading = Reading(torch.zeros(3, 10), attention, torch.zeros(1, 2, 2))
    loss, parts = caption_loss(reading, words, spoken, label_smoothing=0.0, doubly_stochastic=2.0)
    # Four locations, each looked at 2/4 by the first caption and 1/4 by the second; three words for two captions.
    unevenness = (4 * 0.5**2 + 4 * 0.75**2) / 3
    assert float(parts["nats"]) == pytest.approx(math.log(10))
    assert float(parts["unevenness"]) == pytest.approx(unevenness)
    assert float(loss) == pytest.approx(math.log(10) + 2 * unevenness)


@pytest.mark.parametrize("wrong", [{"dropout": 1.0}, {"hidden_size": 0}, {"image_size": -1}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ModelConfig(**wrong)  # type: ignore[arg-type]
