"""The mean of trainings that went out from one network of ink."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from handwriting.cli import main
from handwriting.config import ModelConfig
from handwriting.model import Network

PLAIN = ModelConfig(text=False, hidden_size=6, layers=2, mixtures=2)
TOLD = ModelConfig(hidden_size=6, layers=2, mixtures=2, window_components=2, traits=2)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["handwriting", "average", *map(str, arguments)])
    return main()


def trained(folder: Path, config: ModelConfig, seed: int) -> Path:
    torch.manual_seed(seed)
    network = Network(config)
    network.scale.fill_(40.0)
    network.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("config", [PLAIN, TOLD], ids=["foresees ink", "writes a text, told of hands"])
def test_is_the_mean_of_weights_and_keeps_the_units(config: ModelConfig, tmp_path: Path, monkeypatch) -> None:
    folders = [trained(tmp_path / str(seed), config, seed) for seed in range(3)]
    assert run(monkeypatch, *folders, "-o", tmp_path / "mean") == 0
    mean = Network.from_pretrained(tmp_path / "mean")
    assert mean.config == config
    assert mean.scale.tolist() == [40.0, 40.0]
    states = [Network.from_pretrained(folder).state_dict() for folder in folders]
    for name, weight in mean.named_parameters():
        torch.testing.assert_close(weight.detach(), sum(state[name] for state in states) / 3)


def test_one_alone_may_be_stored_smaller(tmp_path: Path, monkeypatch) -> None:
    whole = trained(tmp_path / "whole", PLAIN, 0)
    assert run(monkeypatch, whole, "-o", tmp_path / "half", "--half") == 0
    assert (tmp_path / "half/model.safetensors").stat().st_size < 0.7 * (whole / "model.safetensors").stat().st_size
    assert run(monkeypatch, whole, "-o", tmp_path / "half") == 2  # is there


def test_networks_that_have_no_mean_are_refused(tmp_path: Path, monkeypatch, capsys) -> None:
    one = trained(tmp_path / "one", PLAIN, 0)
    wider = trained(tmp_path / "wider", dataclasses.replace(PLAIN, hidden_size=7), 0)
    assert run(monkeypatch, one, wider, "-o", tmp_path / "mean") == 2
    assert "different networks; only trainings of one model" in capsys.readouterr().err
    other = Network.from_pretrained(one)
    other.scale[0] = 41.0
    other.save_pretrained(tmp_path / "other")
    assert run(monkeypatch, one, tmp_path / "other", "-o", tmp_path / "mean") == 2
    assert "different units of ink, or hands" in capsys.readouterr().err
    (one / "config.json").write_text(json.dumps({"text": False, "window_components": -1}))
    assert run(monkeypatch, one, "-o", tmp_path / "mean") == 2
    assert "holds no network of ink" in capsys.readouterr().err
    assert not (tmp_path / "mean").exists()
