"""Two processes that learn to write together come to what one comes to."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from handwriting.cli import main
from tests.side_by_side import side_by_side


def command(said: Path, *arguments: str) -> int:
    """Runs the command; what each process prints goes into a file of its own."""
    sys.argv = ["handwriting", *arguments]
    said.mkdir(exist_ok=True)
    with (said / os.environ.get("RANK", "alone")).open("w") as file, contextlib.redirect_stdout(file):
        return main()


def arguments(lines: Path, out: Path, *more: str) -> list[str]:
    """Without chance: no line is stretched, nothing rounded to bf16. Chunks are so short that one process's lines end some of them
    before the other's."""
    sizes = ("--model.hidden_size=12", "--model.layers=2", "--model.mixtures=2", "--model.window_components=2")
    return [
        "train", f"--data={lines}", f"--out={out}", *sizes, "--lines.scale=0", "--lines.lines=5", "--lines.buckets=false",
        "--lines.chunk=25", "--lesson.clip_outputs=0.5", "--training.epochs=1", "--training.learning_rate=0.003",
        "--training.ema=0.9", "--training.precision=no", *more,
    ]  # fmt: skip


def test_two_processes_learn_what_one_learns(lines_file, tmp_path, monkeypatch) -> None:
    alone, two = tmp_path / "alone", tmp_path / "two"
    monkeypatch.setattr(sys, "argv", [])
    said = tmp_path / "said"
    assert command(said, *arguments(lines_file, alone)) == 0
    assert side_by_side(2, command, said, *arguments(lines_file, two)) == [0, 0]
    expected, got = (load_file(out / "state" / "model.safetensors") for out in (alone, two))
    assert got.keys() == expected.keys()
    for name in expected:
        torch.testing.assert_close(got[name], expected[name], rtol=1e-3, atol=1e-4, msg=name)
    lines = [[json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()] for out in (alone, two)]
    for told in lines:
        assert [line.pop("kind") for line in told] == ["train", "validation"]
    for one, other in zip(*lines, strict=True):
        assert other | {"minutes": 0} == pytest.approx(one | {"minutes": 0}, rel=1e-3)
    printed = {file.name: len(file.read_text().splitlines()) for file in said.iterdir()}
    assert printed == {"alone": 1, "0": 1, "1": 0}, "each command should print its result once"
