"""The training command on ink that the tests drew: it learns, it can be killed, it says what is wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from handwriting.cli import main
from handwriting.config import DataConfig
from handwriting.data import load_lines
from handwriting.train import WritingTask
from tests.handwriting.conftest import TINY

SMALL = ["--model.hidden_size=12", "--model.layers=2", "--model.mixtures=2", "--model.window_components=2"]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, arguments)])
    return main()


def train(lines: Path, out: Path, *more: str) -> list[str]:
    return [
        "train", f"--data={lines}", f"--out={out}", *SMALL, "--lines.lines=6", "--lines.chunk=80", "--training.epochs=4",
        "--training.save_minutes=0", "--training.learning_rate=0.01", "--training.ema=0.9", *more,
    ]  # fmt: skip


def test_killed_and_resumed_is_the_same_as_never_stopped(lines_file, tmp_path, monkeypatch) -> None:
    assert run(monkeypatch, *train(lines_file, tmp_path / "whole")) == 0
    command = [sys.executable, "-m", "handwriting.cli", *train(lines_file, tmp_path / "killed")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={"OMP_NUM_THREADS": "1"}, cwd=Path.cwd())
    state, deadline = tmp_path / "killed" / "state", time.monotonic() + 120
    while not state.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run was over before it could be killed"
    assert run(monkeypatch, *train(lines_file, tmp_path / "killed", "--resume")) == 0
    whole, killed = (load_file(tmp_path / name / "state" / "model.safetensors") for name in ("whole", "killed"))
    assert whole.keys() == killed.keys()
    assert all(torch.equal(whole[name], killed[name]) for name in whole)
    best, again = (load_file(tmp_path / name / "best" / "model.safetensors") for name in ("whole", "killed"))
    assert all(torch.equal(best[name], again[name]) for name in best)
    lines = (tmp_path / "killed" / "metrics.jsonl").read_text().splitlines()
    validations = [json.loads(line) for line in lines if '"validation"' in line]
    assert [line["epoch"] for line in validations] == [0, 1, 2, 3]
    assert validations[-1]["nats_a_line"] < validations[0]["nats_a_line"]


def test_interrupted_run_saves_and_says_130(lines_file, tmp_path, monkeypatch) -> None:
    original = WritingTask.losses

    def interrupt(self, model, examples):
        signal.raise_signal(signal.SIGINT)
        return original(self, model, examples)

    with monkeypatch.context() as patched:
        patched.setattr(WritingTask, "losses", interrupt)
        assert run(monkeypatch, *train(lines_file, tmp_path / "run")) == 130
    assert (tmp_path / "run" / "state" / "model.safetensors").exists()
    assert run(monkeypatch, *train(lines_file, tmp_path / "run", "--resume")) == 0


def test_a_run_is_not_overwritten_nor_resumed_as_another(lines_file, tmp_path, monkeypatch, capsys) -> None:
    arguments = [*train(lines_file, tmp_path / "run"), "--training.epochs=1"]
    assert run(monkeypatch, *arguments) == 0
    assert run(monkeypatch, *arguments) == 2
    assert "already holds a run" in capsys.readouterr().err
    assert run(monkeypatch, *arguments, "--resume", "--model.hidden_size=13") == 2
    assert "model was" in capsys.readouterr().err


def test_the_minutes_end_a_run_with_its_state_saved(lines_file, tmp_path, monkeypatch) -> None:
    assert run(monkeypatch, *train(lines_file, tmp_path / "run"), "--training.max_minutes=1e-9") == 0
    assert (tmp_path / "run" / "state").is_dir()
    assert not (tmp_path / "run" / "best").exists()


def test_a_part_of_an_epoch_is_validated_too(lines_file, tmp_path, monkeypatch) -> None:
    assert run(monkeypatch, *train(lines_file, tmp_path / "run"), "--training.epochs=1.5") == 0
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [line["batch"] for line in lines if line["kind"] == "validation"] == [6, 3]


def test_chunks_with_carried_state_add_up_to_the_whole_line(lines_file) -> None:
    """Truncation changes the gradient, never the loss."""
    lines = load_lines(lines_file)

    def total(chunk: int) -> float:
        task = WritingTask(lines, TINY, DataConfig(lines=6, chunk=chunk, scale=0.0), seed=3)
        return sum(loss.item() * chunk for loss, _ in task.losses(task.model, task.train[:6]))

    assert total(17) == pytest.approx(total(1000), rel=1e-5)


def test_batches_are_a_function_of_seed_and_epoch(lines_file) -> None:
    task = WritingTask(load_lines(lines_file), TINY, DataConfig(lines=6), seed=3)
    assert task.batches(2) == task.batches(2)
    assert task.batches(2) != task.batches(3)
    assert sorted(line for batch in task.batches(2) for line in batch) == sorted(task.train)


def test_a_missing_or_strange_file_is_one_sentence(tmp_path, monkeypatch, capsys) -> None:
    strange = tmp_path / "lines.npz"
    strange.write_text("not ink")
    for file in (tmp_path / "none.npz", strange):
        assert run(monkeypatch, *train(file, tmp_path / "run")) == 2
        error = capsys.readouterr().err
        assert "is not a file of lines" in error
        assert "Traceback" not in error


def test_the_slope_of_boundaries_rises_from_epoch_to_epoch(lines_file: Path) -> None:
    task = WritingTask(load_lines(lines_file), replace(TINY, cell="hm-lstm"), DataConfig(), seed=0)
    slopes = []
    for epoch in (0, 100, 1000):
        task.begin_epoch(epoch)
        slopes.append(task.model.window.core.slope)
    assert slopes == [1.0, 1.4, 3.0]
