"""A small data set of ink that the tests draw themselves: garlands, one arch a letter, taller for tall letters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handwriting.config import ModelConfig
from handwriting.iam import Line, columns
from handwriting.model import SynthesisNetwork

TEXTS = ("hello world", "the quick fox", "a small line", "written by hand", "ink and paper", "one more line")
TINY = ModelConfig(hidden_size=12, layers=2, window_components=2, mixtures=2, points_per_character=14.0)


def garland(text: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points [T, 2] and pen lifts [T] of a text: 14 points a letter, the pen lifted at spaces."""
    angles = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    points, lifts = [], []
    for place, character in enumerate(text):
        if character == " ":
            lifts[-1] = True
            continue
        height = 90 if character in "bdfhklt" else 45
        arch = np.stack([150 * place + 40 * np.sin(angles), height * (np.cos(angles) - 1)], 1)
        points += list(arch + random.normal(0, 2, arch.shape))
        lifts += [False] * len(arch)
    lifts[-1] = True
    return np.array(points).round(), np.array(lifts)


@pytest.fixture(scope="session")
def lines_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 lines of ink in the splits 0, 1, 2 and 3."""
    random = np.random.default_rng(0)
    lines = [
        Line(f"t{number:02}-000-01", *garland(text, random), text, number % 4) for number, text in enumerate(TEXTS * 8)
    ]
    file = tmp_path_factory.mktemp("ink") / "lines.npz"
    np.savez_compressed(file, **columns(lines))
    return file


@pytest.fixture(scope="session")
def network() -> SynthesisNetwork:
    """A small network that has learnt nothing, and hurries through its texts."""
    return SynthesisNetwork(replace(TINY, points_per_character=2.0)).eval()


@pytest.fixture(scope="session")
def model_folder(network: SynthesisNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    network.save_pretrained(folder)
    return folder
