"""Untrained models, small enough to be made anew for a test run: all that the studio does can be seen with them."""

from __future__ import annotations

from pathlib import Path

import torch

from ui.settings import CAPTIONER, SCRIBE


def save_tiny_models(folder: Path) -> dict[str, str]:
    """Saves a scribe and a captioner, and returns the environment that has the studio show them."""
    torch.manual_seed(0)
    _save_scribe(folder / "scribe")
    _save_captioner(folder / "captioner")
    return {SCRIBE: str(folder / "scribe"), CAPTIONER: str(folder / "captioner")}


def _save_scribe(folder: Path) -> None:
    from handwriting.config import ModelConfig
    from handwriting.model import SynthesisNetwork

    # Few points a character: an untrained window walks through the text at exactly that pace.
    network = SynthesisNetwork(ModelConfig(hidden_size=16, layers=2, mixtures=2, points_per_character=5.0))
    network.mean.copy_(torch.tensor([12.0, 0.0]))  # its pen walks to the right
    network.scale.fill_(25.0)
    network.save_pretrained(folder)


def _save_captioner(folder: Path) -> None:
    from captioning.config import ModelConfig
    from captioning.model import CaptionModel
    from captioning.tokens import Vocabulary

    vocabulary = Vocabulary.from_captions(
        ["a boat on a lake below high mountains", "two dogs run <b>over</b> *green* grass"]
    )
    config = ModelConfig(
        encoder="squeezenet1_1", image_size=96, word_size=8, hidden_size=8, context_size=8, attention_size=8
    )
    CaptionModel(config, vocabulary).save_pretrained(folder)
