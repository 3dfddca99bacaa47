"""Several processes do the work of one, on a task of one weight that is drawn to the mean of its examples."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, distributed, nn

from shared.config import TrainingConfig
from shared.errors import UserError
from shared.pretrained import Pretrained
from shared.processes import Part
from shared.training import fit
from tests.shared.test_training import Weight
from tests.side_by_side import side_by_side

NUMBERS = torch.arange(8.0)


class Weighed(Weight):
    def forward(self, numbers: Tensor) -> Tensor:
        return (self.weight - numbers).square().mean()


class Draw:
    """Batches of five, two and one examples: no process has as many as another, and most have none of the last."""

    monitor = "closeness"

    def __init__(self, interrupted_rank: int | None = None) -> None:
        self.settings: dict[str, Any] = {}
        self.model: Pretrained = Weighed()
        self.interrupted_rank = interrupted_rank
        self.validations = 0

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        return [{"params": list(self.model.parameters())}]

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        return [[0, 1, 2, 3, 4], [5, 6], [7]]

    def begin_epoch(self, epoch: int) -> None:
        if distributed.is_initialized() and distributed.get_rank() == self.interrupted_rank:
            signal.raise_signal(signal.SIGINT)

    def losses(self, model: nn.Module, examples: Part) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        share = examples.share(torch.tensor(len(examples)))
        yield share * model(NUMBERS[list(examples)]), {"mean": share * NUMBERS[list(examples)].mean()}

    def validate(self, model: nn.Module) -> dict[str, float]:
        assert isinstance(model.weight, Tensor)
        self.validations += 1
        return {"closeness": -abs(float(model.weight) - 3.5), "validations": self.validations}

    def samples(self, model: nn.Module, number: int) -> list[dict[str, Any]]:
        return [{"weight": float(model.weight)}]


TRAINING = TrainingConfig(epochs=17, learning_rate=0.1, warmup=0.0, ema=0.9, clip_norm=2.0, optimiser="rmsprop-graves")


def learn(
    out: Path, training: TrainingConfig = TRAINING, resume: bool = False, interrupted_rank: int | None = None
) -> int:
    try:
        fit(Draw(interrupted_rank), training, out, resume)
    except KeyboardInterrupt:
        return 130
    except UserError:
        return 2
    return 0


def reports(out: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [{name: told for name, told in line.items() if name != "minutes"} for line in lines]


def weights(out: Path) -> list[float]:
    return [float(load_file(out / folder / "model.safetensors")["weight"]) for folder in ("state", "best")]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("alone") / "run"
    assert learn(out) == 0
    return out


def test_three_learn_what_one_learns(alone: Path, tmp_path: Path) -> None:
    assert side_by_side(3, learn, tmp_path / "run") == [0, 0, 0]
    assert weights(tmp_path / "run") == pytest.approx(weights(alone), rel=1e-5)
    told, expected = reports(tmp_path / "run"), reports(alone)
    assert [line.pop("kind") for line in told] == [line.pop("kind") for line in expected]
    assert told == [pytest.approx(line, rel=1e-4) for line in expected]


def test_what_interrupts_one_stops_all_and_any_number_goes_on(alone: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert side_by_side(2, learn, out, TRAINING, False, 1) == [130, 130]
    assert len(list((out / "state").glob("random_states_*"))) == 2
    assert side_by_side(2, learn, out) == [2, 2]
    assert learn(out, resume=True) == 0
    assert weights(out) == pytest.approx(weights(alone), rel=1e-5)


def test_a_part_without_examples_keeps_step_and_counts_for_nothing() -> None:
    seen = []

    def add_up(count: Tensor) -> Tensor:
        seen.append(int(count))
        return torch.tensor(7)

    parts = [Part([4, 5, 6], rank, 2, add_up) for rank in range(2)] + [Part([9], 1, 2, add_up)]
    assert [list(part) for part in parts] == [[4, 6], [5], [9]]
    assert [part.counts for part in parts] == [True, True, False]
    assert [float(part.share(torch.tensor(14))) for part in parts] == [2, 2, 2]
    assert seen == [14, 14, 0]
