"""A world small enough to be learnt in seconds: photos of one coloured shape, and people who describe them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from captioning import score
from captioning.captioner import Captioner
from captioning.config import ModelConfig
from captioning.model import CaptionModel
from captioning.tokens import Vocabulary

COLOURS = ("red", "green", "blue")
SHAPES = ("ball", "box")
SIDE = 64


def draw(colour: str, shape: str, seed: int = 0) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), "white")
    x, y = np.random.default_rng(seed).integers(4, 20, 2)
    corners = (x, y, x + 40, y + 40)
    pen = ImageDraw.Draw(image)
    (pen.ellipse if shape == "ball" else pen.rectangle)(tuple(map(int, corners)), fill=colour)
    return image


@pytest.fixture(autouse=True)
def _no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """METEOR reads its tables for seconds; the tests of `metrics.official` alone wait for it."""
    none = dict.fromkeys(("METEOR", "SPICE"))
    monkeypatch.setattr(score, "official_scores", lambda said, given: (none, dict.fromkeys(none, "left out in tests")))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with images/ and a captions.json in COCO layout, six photos a split, two captions each."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "images").mkdir()
    images, annotations = [], []
    for split in ("train", "val", "test"):
        for colour in COLOURS:
            for shape in SHAPES:
                number, name = len(images), f"{split}_{colour}_{shape}.png"
                draw(colour, shape, number).save(folder / "images" / name)
                images.append({"id": number, "file_name": name, "split": split})
                for text in (f"A {colour} {shape} lies on the snow.", f"there is a {colour} {shape} on the white snow"):
                    annotations.append({"id": len(annotations), "image_id": number, "caption": text})
    (folder / "captions.json").write_text(json.dumps({"images": images, "annotations": annotations}))
    return folder


TINY = ModelConfig(
    encoder="squeezenet1_1", image_size=SIDE, word_size=8, hidden_size=8, context_size=8, attention_size=8, dropout=0.0
)


@pytest.fixture(scope="session")
def tiny_model() -> CaptionModel:
    """An untrained captioner. Nobody may change it."""
    vocabulary = Vocabulary.from_captions(
        [f"a {colour} {shape} on white snow" for colour in COLOURS for shape in SHAPES]
    )
    return CaptionModel(TINY, vocabulary).eval()


@pytest.fixture(scope="session")
def tiny_folder(tiny_model: CaptionModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The untrained captioner's model folder."""
    folder = tmp_path_factory.mktemp("model")
    tiny_model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def captioner(tiny_folder: Path) -> Captioner:
    return Captioner.from_pretrained(tiny_folder, "cpu")
