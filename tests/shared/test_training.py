"""The loop that both halves train with, on a task of one weight."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from shared.config import ConfigError, TrainingConfig
from shared.pretrained import Pretrained
from shared.training import fit


@dataclass(frozen=True)
class Nothing:
    """There is nothing to choose."""


class Weight(Pretrained):
    config_class = Nothing
    shipped = Path(__file__).parent

    def __init__(self) -> None:
        super().__init__()
        self.config = Nothing()
        self.weight = nn.Parameter(torch.zeros(()))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))


class Pull:
    """Draws the weight towards a target, with a gradient of any size."""

    monitor = "closeness"

    def __init__(self, force: float = 1.0) -> None:
        self.settings: dict[str, Any] = {}
        self.model = Weight()
        self.force = force
        self.epochs: list[int] = []

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        return [{"params": list(self.model.parameters())}]

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        return [[number] for number in range(10)]

    def begin_epoch(self, epoch: int) -> None:
        self.epochs.append(epoch)

    def losses(self, model: nn.Module, examples: Sequence[int]) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        assert isinstance(model.weight, Tensor)
        self.model.count += 1
        yield -self.force * model.weight, {}

    def validate(self, model: nn.Module) -> dict[str, float]:
        assert isinstance(model.weight, Tensor)
        return {"closeness": float(model.weight)}

    def samples(self, model: nn.Module, number: int) -> list[dict[str, Any]]:
        return [{"weight": float(model.weight), "place": place} for place in range(number)]


def last(out: Path) -> Tensor:
    return load_file(out / "state" / "model.safetensors")["weight"]


def test_each_validation_leaves_samples(tmp_path: Path) -> None:
    fit(Pull(), TrainingConfig(epochs=2, samples=2), tmp_path / "run")
    files = sorted((tmp_path / "run" / "samples").iterdir())
    assert [file.name for file in files] == ["00000010.json", "00000020.json"]
    kept = json.loads(files[1].read_text())
    assert kept["updates"] == 20
    assert kept["samples"] == [{"weight": float(last(tmp_path / "run")), "place": place} for place in (0, 1)]


def test_a_run_killed_before_its_first_save_reports_from_the_start(tmp_path: Path) -> None:
    once = TrainingConfig(epochs=2, samples=1)
    fit(Pull(), once, tmp_path)
    reported = (tmp_path / "metrics.jsonl").read_text().splitlines()
    shutil.rmtree(tmp_path / "state")  # as if it had never come so far
    fit(Pull(), once, tmp_path, resume=True)
    again = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["updates"] for line in again] == [json.loads(line)["updates"] for line in reported]


def test_a_run_that_ends_within_an_epoch_goes_on_there(tmp_path: Path) -> None:
    even = {"rate_at_end": 1.0, "warmup": 0.0, "ema": 0.0}
    fit(Pull(), TrainingConfig(epochs=2, **even), tmp_path / "whole")
    fit(Pull(), TrainingConfig(epochs=0.5, **even), tmp_path / "half")
    assert last(tmp_path / "half") < last(tmp_path / "whole")
    fit(Pull(), TrainingConfig(epochs=2, **even), tmp_path / "half", resume=True)
    assert torch.equal(last(tmp_path / "half"), last(tmp_path / "whole"))


def test_nobody_has_to_keep_samples(tmp_path: Path) -> None:
    fit(Pull(), TrainingConfig(epochs=1, samples=0), tmp_path / "run")
    assert not (tmp_path / "run" / "samples").exists()
    with pytest.raises(ConfigError, match="samples cannot be -1"):
        TrainingConfig(samples=-1)


def test_every_epoch_is_announced(tmp_path: Path) -> None:
    task = Pull()
    fit(task, TrainingConfig(epochs=2.5), tmp_path / "run")
    assert task.epochs == [0, 1, 2]


def test_one_process_trains_with_one_precision_after_the_other(tmp_path: Path) -> None:
    for number, precision in enumerate(("no", "bf16", "no")):
        fit(Pull(), TrainingConfig(epochs=1, precision=precision), tmp_path / str(number))
    assert last(tmp_path / "0") == last(tmp_path / "2")


def test_the_running_average_leaves_its_start_behind_soon(tmp_path: Path) -> None:
    """At a decay of 0.999, thirty updates of a plain average would have moved it by 3 in 100."""
    fit(Pull(), TrainingConfig(epochs=3, learning_rate=0.1, warmup=0.0, ema=0.999), tmp_path / "run")
    average = load_file(tmp_path / "run" / "best" / "model.safetensors")
    assert 0.5 * last(tmp_path / "run") < average["weight"] < last(tmp_path / "run")
    assert average["count"] == 30


@pytest.mark.parametrize("clip", [{"clip_norm": 0.5, "clip_value": 0.0}, {"clip_norm": 0.0, "clip_value": 0.5}])
def test_gradients_are_clipped(clip: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    step = torch.optim.AdamW.step

    def note(self: torch.optim.AdamW, *arguments: Any) -> Any:
        seen.append(float(self.param_groups[0]["params"][0].grad))
        return step(self, *arguments)

    monkeypatch.setattr(torch.optim.AdamW, "step", note)
    fit(Pull(force=30.0), TrainingConfig(epochs=1, **clip), tmp_path / "run")
    assert seen == pytest.approx([-0.5] * 10)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ConfigError, match="clip_value cannot be -1"):
        TrainingConfig(clip_value=-1.0)


def test_every_batch_is_learnt_at_some_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []
    step = torch.optim.AdamW.step

    def note(self: torch.optim.AdamW, *arguments: Any) -> Any:
        rates.append(self.param_groups[0]["lr"])
        return step(self, *arguments)

    monkeypatch.setattr(torch.optim.AdamW, "step", note)
    fit(Pull(), TrainingConfig(epochs=1, learning_rate=1.0, warmup=0.2, rate_at_end=0.0), tmp_path / "run")
    rising, falling = [0.25, 0.75], [(7.5 - batch) / 8 for batch in range(8)]
    assert rates == pytest.approx(rising + falling)


def test_the_learning_rate_falls_as_far_as_it_is_told(tmp_path: Path) -> None:
    moved = []
    for end in (0.0, 1.0):
        # Graves' optimiser makes its steps by the gradient's size, so that the weight tells of the rates.
        training = TrainingConfig(epochs=1, warmup=0.0, clip_norm=0.0, optimiser="rmsprop-graves", rate_at_end=end)
        fit(Pull(), training, tmp_path / str(end))
        moved.append(float(last(tmp_path / str(end))))
    assert 0 < moved[0] < moved[1]
