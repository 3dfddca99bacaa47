"""A network that is kept between where it began and where it has come to."""

from __future__ import annotations

import torch
from safetensors.torch import load_file

from tests.handwriting.test_train import metrics, run, train


def test_what_is_kept_lies_on_the_way(lines_file, tmp_path, monkeypatch) -> None:
    begun, whole, part = (tmp_path / name for name in ("begun", "whole", "part"))
    assert run(monkeypatch, *train(lines_file, begun, "--training.epochs=1")) == 0
    even = ["--training.ema=0", "--training.rate_at_end=1", "--training.warmup=0", "--training.precision=no"]
    goes_on = [f"--start={begun / 'best'}", "--training.learning_rate=1e-3", *even]
    assert run(monkeypatch, *train(lines_file, whole, *goes_on, "--training.epochs=1")) == 0
    stays = [*goes_on, "--lesson.interpolate=0.25"]
    assert run(monkeypatch, *train(lines_file, part, *stays, "--training.epochs=0.5")) == 0
    assert run(monkeypatch, *train(lines_file, part, *stays, "--resume", "--training.epochs=1")) == 0
    first, last, kept = (load_file(folder / "best" / "model.safetensors") for folder in (begun, whole, part))
    assert kept.keys() == first.keys()
    assert any(not torch.equal(last[name], weight) for name, weight in first.items())
    for name, weight in first.items():
        torch.testing.assert_close(kept[name], torch.lerp(weight, last[name], 0.25))
    # It is what is kept that is judged.
    scores = [metrics(folder, "validation")[-1]["nats_a_line"] for folder in (begun, part, whole)]
    assert sorted(scores, reverse=True) == scores


def test_a_network_that_begins_has_no_way_behind_it(lines_file, tmp_path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, *train(lines_file, tmp_path / "run", "--lesson.interpolate=0.5")) == 2
    assert "--lesson.interpolate is for a network that goes on" in capsys.readouterr().err
    for wrong in (["--lesson.interpolate=0"], ["--lesson.interpolate=0.5", "--lesson.weight_noise=0.1"]):
        assert run(monkeypatch, *train(lines_file, tmp_path / "run", *wrong)) == 2
        assert "interpolate" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
