"""Two processes that train a captioner together come to what one comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from captioning.cli import main
from tests.captioning.conftest import SIDE
from tests.side_by_side import side_by_side

SIZES = ("word", "hidden", "context", "attention")


def arguments(world: Path, out: Path, *more: str) -> list[str]:
    """Without chance: no dropout, and no choice of captions. Batches of five photos and of one: at every other update one of
    two processes has nothing to learn from, and at the others more words than its peer."""
    return [
        "train", "--data", str(world / "captions.json"), "--images", str(world / "images"), "--out", str(out),
        "--encoder", "squeezenet1_1", "--encoder-weights", "none", "--model.image_size", str(SIDE),
        *(word for size in SIZES for word in (f"--model.{size}_size", "16")),
        "--model.dropout", "0", "--model.trainable_from", "features.12", "--lesson.minimum_count", "1",
        "--lesson.photos_per_batch", "5", "--lesson.captions_per_photo", "2", "--lesson.label_smoothing", "0.1",
        "--training.learning_rate", "0.003", "--training.epochs", "52", "--training.ema", "0.9",
        "--training.precision", "no",
        "--training.validate_every", "26", *more,
    ]  # fmt: skip


def reports(out: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [{name: told for name, told in line.items() if name != "minutes"} for line in lines]


def test_two_processes_learn_what_one_learns_and_resume(world: Path, tmp_path: Path) -> None:
    alone, two = tmp_path / "alone", tmp_path / "two"
    assert main(arguments(world, alone)) == 0
    assert side_by_side(2, main, arguments(world, two, "--training.max_minutes", "1e-9")) == [0, 0]
    assert not (two / "metrics.jsonl").exists(), "the minutes should have ended the run after its first batch"
    assert side_by_side(2, main, arguments(world, two, "--resume")) == [0, 0]
    for folder in ("state", "best"):
        expected, got = (load_file(out / folder / "model.safetensors") for out in (alone, two))
        assert got.keys() == expected.keys()
        for name in expected:
            torch.testing.assert_close(got[name], expected[name], rtol=1e-3, atol=1e-4, msg=name)
    told, expected_reports = reports(two), reports(alone)
    assert [line.pop("kind") for line in told] == ["train", "validation", "train", "validation"]
    assert [line.pop("kind") for line in expected_reports] == ["train", "validation", "train", "validation"]
    # What was seen before a save is not told after it, so the first fifty updates are told as forty-nine.
    assert told[1:] == [pytest.approx(line, rel=1e-3) for line in expected_reports[1:]]
