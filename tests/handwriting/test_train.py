"""The training command on ink that the tests drew: it learns, it can be killed, it says what is wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from handwriting.cli import main
from handwriting.config import DataConfig, LessonConfig
from handwriting.data import collate, load_lines
from handwriting.model import Network
from handwriting.train import WritingTask
from shared.errors import UserError
from shared.processes import Part
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
        return sum(loss.item() * chunk for loss, _ in task.losses(task.model, Part(task.train[:6])))

    assert total(17) == pytest.approx(total(1000), rel=1e-5)


def test_batches_are_a_function_of_seed_and_epoch(lines_file) -> None:
    task = WritingTask(load_lines(lines_file), TINY, DataConfig(lines=6), seed=3)
    assert task.batches(2) == task.batches(2)
    assert task.batches(2) != task.batches(3)
    assert sorted(line for batch in task.batches(2) for line in batch) == sorted(task.train)


def test_a_missing_or_strange_file_is_one_sentence(lines_file, tmp_path, monkeypatch, capsys) -> None:
    strange, empty, cut, single = (tmp_path / f"{name}.npz" for name in ("strange", "empty", "cut", "single"))
    strange.write_text("not ink")
    empty.touch()
    cut.write_bytes(lines_file.read_bytes()[:2000])
    with single.open("wb") as file:
        np.save(file, np.zeros(3))
    for file in (tmp_path / "none.npz", strange, empty, cut, single):
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


def metrics(out: Path, kind: str) -> list[dict]:
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if line["kind"] == kind]


def task_of(lines_file: Path, lesson: LessonConfig = LessonConfig(), **data: object) -> WritingTask:  # noqa: B008
    sets = DataConfig(**{"lines": 6, "scale": 0.0, **data})  # type: ignore[arg-type]
    return WritingTask(load_lines(lines_file), TINY, sets, seed=3, lesson=lesson)


def test_the_loss_is_nats_a_point_or_nats_a_line(lines_file: Path) -> None:
    def total(**options: object) -> float:
        task = task_of(lines_file, **options)
        return sum(loss.item() for loss, _ in task.losses(task.model, Part(task.train[:6])))

    nats = total(lesson=LessonConfig(loss="line"), chunk=0)
    assert nats == pytest.approx(total(lesson=LessonConfig(loss="line"), chunk=50), rel=1e-5)
    assert total(chunk=50) == pytest.approx(nats / 50, rel=1e-5)
    task = task_of(lines_file)
    mean = sum(task.lines.length(line) - 1 for line in task.train) / len(task.train)
    assert total(chunk=0) == pytest.approx(nats / mean, rel=1e-5)


def test_whole_lines_are_one_update_each_batch(lines_file: Path) -> None:
    task = task_of(lines_file, chunk=0)
    assert len(list(task.losses(task.model, Part(task.train[:6])))) == 1


def test_without_buckets_lines_come_in_any_order(lines_file: Path) -> None:
    task = task_of(lines_file, buckets=False)
    batches = task.batches(0)
    assert sorted(line for batch in batches for line in batch) == sorted(task.train)
    assert batches != task.batches(1)


def test_training_lines_lean_to_either_side_of_how_they_were_written(lines_file: Path) -> None:
    """A share of y is added to x, the same for all points of a line; nothing else changes."""
    task = task_of(lines_file, slant=0.5)
    points = torch.from_numpy(task.lines.strokes(0)).float().expand(64, -1, -1)
    varied = task._varied(points)
    torch.testing.assert_close(varied[..., 1:], points[..., 1:])
    leans = (varied - points)[..., 0] / points[..., 1]
    moved = points[0, :, 1].abs() > 1
    torch.testing.assert_close(leans[:, moved], leans[:, moved][:, :1].expand(-1, int(moved.sum())), atol=1e-4, rtol=0)
    assert leans[:, moved].min() < -0.4
    assert leans[:, moved].max() > 0.4
    assert leans[:, moved].abs().max() <= 0.5 + 1e-4


def test_short_lines_are_left_out_of_training_alone(lines_file: Path) -> None:
    everything, long = task_of(lines_file), task_of(lines_file, shortest=160)
    assert {long.lines.length(line) >= 160 for line in long.train} == {True}
    assert len(long.train) < len(everything.train)
    assert long.held_out == everything.held_out
    with pytest.raises(
        UserError, match="no usable line with at least 9999 points in split 0, 2, 3; the file has split 0, 1, 2, 3"
    ):
        task_of(lines_file, shortest=9999)


def test_gradients_are_clipped_in_nats_a_line_whatever_the_loss(lines_file: Path) -> None:
    """The head's bias gathers every output's gradient: with a limit that all of them reach, it is the limit times their number."""
    for lesson in (LessonConfig(loss="line", clip_outputs=1e-6), LessonConfig(loss="point", clip_outputs=1e-6)):
        task = task_of(lines_file, lesson, chunk=0)
        ((loss, _),) = task.losses(task.model, Part(task.train[:6]))
        loss.backward()
        divisor = 1 if lesson.loss == "line" else task.points / len(task.train)
        points = sum(task.lines.length(line) - 1 for line in task.train[:6])
        of_pen = task.network.head.bias.grad[-1].abs().item()
        assert 0.3 < of_pen / (1e-6 / divisor / 6 * points) <= 1 + 1e-5


def test_weight_noise_costs_its_complexity_once_an_epoch(lines_file: Path) -> None:
    task = task_of(lines_file, LessonConfig(weight_noise=1e-9), chunk=50)
    plain = task_of(lines_file, chunk=50)
    with torch.no_grad():
        noisy, bare = (
            sum(loss.item() for batch in t.batches(0) for loss, _ in t.losses(t.model, Part(batch))) * 50 * 6
            for t in (task, plain)
        )
        # Within the float32 noise of nats; σ of 1e-9 leaves the likelihood as it is.
        assert noisy - bare == pytest.approx(task.model.complexity().item(), rel=1e-3)


def test_weight_noise_is_a_second_stage(lines_file, tmp_path, monkeypatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(monkeypatch, *train(lines_file, first), "--training.epochs=2") == 0
    more = ["--start", first / "best", "--lesson.weight_noise=0.01", "--training.validate_every=0.17"]
    assert (
        run(monkeypatch, *train(lines_file, second), *more, "--training.epochs=1", "--training.learning_rate=1e-4") == 0
    )
    # It goes on from where the first stage was, not from nothing.
    best = metrics(first, "validation")[-1]["nats_a_line"]
    assert metrics(second, "validation")[0]["nats_a_line"] == pytest.approx(best, abs=15)
    assert (
        run(
            monkeypatch,
            *train(lines_file, second),
            *more,
            "--resume",
            "--training.epochs=1.5",
            "--training.learning_rate=1e-4",
        )
        == 0
    )
    # What is kept is a network like any other.
    assert (
        load_file(second / "best" / "model.safetensors").keys()
        == load_file(first / "best" / "model.safetensors").keys()
    )


def test_what_a_network_was_made_without_cannot_be_had_later(lines_file, tmp_path, monkeypatch, capsys) -> None:
    first = tmp_path / "first"
    assert run(monkeypatch, *train(lines_file, first, "--training.epochs=1")) == 0
    again = train(lines_file, tmp_path / "second", f"--start={first / 'best'}")
    assert run(monkeypatch, *again, "--lesson.know_writers=true") == 2
    assert "this one was made without writers" in capsys.readouterr().err
    Network(replace(TINY, traits=2)).save_pretrained(tmp_path / "told")
    assert (
        run(monkeypatch, *train(lines_file, tmp_path / "third", f"--start={tmp_path / 'told'}", "--lesson.traits=3"))
        == 2
    )
    assert "--lesson.traits 3: this network is told 2 already" in capsys.readouterr().err


def test_a_network_that_wrote_goes_on_to_foresee_alone(lines_file, tmp_path, monkeypatch, capsys) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(monkeypatch, *train(lines_file, first, "--training.epochs=1")) == 0
    assert (
        run(
            monkeypatch,
            *train(lines_file, second, f"--start={first / 'best'}", "--lesson.foresee=true", "--training.epochs=1"),
        )
        == 0
    )
    network = Network.from_pretrained(second / "best")
    assert network.window is None
    assert json.loads((second / "run.json").read_text())["task"]["model"]["text"] is False
    told = train(
        lines_file, tmp_path / "third", f"--start={first / 'best'}", "--lesson.foresee=true", "--lesson.traits=2"
    )
    assert run(monkeypatch, *told) == 2
    assert "is told of no hand" in capsys.readouterr().err


def test_graves_recipe_learns(lines_file, tmp_path, monkeypatch) -> None:
    recipe = [
        "--preset=graves2013-synthesis",
        "--training.optimiser=rmsprop-graves",
        "--training.learning_rate=1e-3",
        "--lesson.clip_sums=10",
    ]
    assert (
        run(monkeypatch, *train(lines_file, tmp_path / "run"), *recipe, "--lines.chunk=0", "--training.epochs=4") == 0
    )
    nats = [line["nats_a_line"] for line in metrics(tmp_path / "run", "validation")]
    assert nats[-1] < nats[0] - 50


def test_a_protocol_sets_the_splits(lines_file, tmp_path, monkeypatch) -> None:
    for protocol, splits in (("graves", [0, 2, 3]), ("strict", [0])):
        out = tmp_path / protocol
        assert run(monkeypatch, *train(lines_file, out), "--protocol", protocol, "--training.epochs=0.1") == 0
        sets = json.loads((out / "run.json").read_text())["task"]["data"]
        assert (sets["train"], sets["validate"]) == (splits, 1)


@pytest.fixture
def signed_file(lines_file: Path, tmp_path: Path) -> Path:
    """The lines with three writers, one of them unknown."""
    with np.load(lines_file) as file:
        data = dict(file)
    data["writer"] = np.arange(len(data["length"])).astype(np.int32) % 3 * 5 - 1  # -1, 4, 9
    np.savez(tmp_path / "signed.npz", **data)
    return tmp_path / "signed.npz"


def test_writers_are_found_and_some_of_their_lines_are_anybodys(signed_file, tmp_path, monkeypatch) -> None:
    assert (
        run(monkeypatch, *train(signed_file, tmp_path / "run"), "--lesson.know_writers=true", "--training.epochs=1")
        == 0
    )
    assert Network.from_pretrained(tmp_path / "run" / "best").config.writers == (4, 9)
    lines = load_lines(signed_file)
    task = WritingTask(lines, TINY, DataConfig(), 0, LessonConfig(know_writers=True, anybody=0.5))
    batch = collate(lines, [line for line in task.train if lines.writer[line] == 4] * 50)
    part = Part(task.train)
    writers, traits = task._hands(batch, part)
    assert writers is not None
    assert traits is None
    assert 0.4 < (writers == -1).float().mean().item() < 0.6
    assert WritingTask(lines, TINY, DataConfig(), 0)._hands(batch, part) == (None, None)


def test_dropout_is_for_training_alone(lines_file: Path) -> None:
    lesson = LessonConfig(recurrent_dropout=0.5, output_dropout=0.5)
    task = task_of(lines_file, lesson)
    first, again = (next(task.losses(task.model, Part(task.train[:6])))[0].item() for _ in range(2))
    assert first != again
    assert task.validate(task.model.eval()) == task.validate(task.model.eval())
