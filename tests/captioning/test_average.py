"""The mean of trainings that went out from one model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from captioning.cli import main
from captioning.model import CaptionModel
from captioning.tokens import Vocabulary
from tests.captioning.conftest import TINY

WORDS = Vocabulary.from_captions(["a red ball on white snow"])


@pytest.fixture
def trained(tmp_path: Path) -> list[str]:
    """Three folders: one start, and decoders that went different ways."""
    torch.manual_seed(0)
    start = CaptionModel(TINY, WORDS)
    folders = []
    for number in range(3):
        model = CaptionModel(TINY, WORDS)
        model.load_state_dict(start.state_dict())
        with torch.no_grad():
            for weight in model.decoder.parameters():
                weight += torch.randn_like(weight)
        folders.append(str(tmp_path / str(number)))
        model.save_pretrained(folders[-1])
    return folders


def test_is_the_mean_and_keeps_what_is_common_bit_for_bit(trained: list[str], tmp_path: Path) -> None:
    assert main(["average", *trained, "-o", str(tmp_path / "mean")]) == 0
    mean = CaptionModel.from_pretrained(tmp_path / "mean").state_dict()
    states = [CaptionModel.from_pretrained(folder).state_dict() for folder in trained]
    for name, weight in mean.items():
        if name.startswith("encoder."):
            assert torch.equal(weight, states[0][name])
        else:
            torch.testing.assert_close(weight, sum(state[name] for state in states) / 3)
    assert main(["average", *trained, "-o", str(tmp_path / "mean")]) == 2


def test_half_is_half_as_large(trained: list[str], tmp_path: Path) -> None:
    sizes = []
    for flags in ([], ["--half"]):
        folder = tmp_path / f"mean{len(flags)}"
        assert main(["average", *trained, "-o", str(folder), *flags]) == 0
        sizes.append((folder / "model.safetensors").stat().st_size)
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.parametrize(
    ("config", "words", "sentence"),
    [
        ({"hidden_size": 9}, WORDS, "different networks"),
        ({"fit": "crop"}, WORDS, "different ways to lay out a photo"),
        ({}, Vocabulary.from_captions(["a red ball on white sand"]), "different vocabularies"),
    ],
)
def test_models_that_have_no_mean_are_refused(
    config: dict, words: Vocabulary, sentence: str, trained: list[str], tmp_path: Path, capsys
) -> None:
    CaptionModel(dataclasses.replace(TINY, **config), words).save_pretrained(tmp_path / "other")
    assert main(["average", trained[0], str(tmp_path / "other"), "-o", str(tmp_path / "mean")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "mean").exists()


def test_one_model_is_its_own_mean_and_may_be_stored_smaller(trained: list[str], tmp_path: Path) -> None:
    assert main(["average", trained[0], "-o", str(tmp_path / "mean"), "--half"]) == 0
    one, same = (CaptionModel.from_pretrained(name).state_dict() for name in (trained[0], tmp_path / "mean"))
    for name, weight in one.items():
        expected = weight.half().float() if weight.is_floating_point() else weight
        torch.testing.assert_close(same[name], expected, rtol=0, atol=0)
