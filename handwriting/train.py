"""Training the synthesis network on lines of ink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from handwriting.config import DataConfig, ModelConfig
from handwriting.data import Lines, bucket, collate, load_lines, statistics
from handwriting.evaluate import evaluate
from handwriting.likelihood import score_points
from handwriting.model import SynthesisNetwork
from shared.config import TrainingConfig
from shared.pretrained import device_of
from shared.rnn import map_state
from shared.rnn.multiscale import ink_slope, set_slope
from shared.training import Progress, fit


class WritingTask:
    """Foreseeing each next point of a line from the points before it and the text."""

    monitor = "log_likelihood"

    def __init__(self, lines: Lines, model: ModelConfig, data: DataConfig, seed: int) -> None:
        self.lines, self.data, self.seed = lines, data, seed
        self.settings: dict[str, Any] = {"model": asdict(model), "data": asdict(data)}
        self.train, self.held_out = lines.of(data.train), lines.of([data.validate])
        torch.manual_seed(seed)
        self.model = SynthesisNetwork(model)
        mean, scale = statistics(lines, self.train)
        self.model.mean.copy_(torch.from_numpy(mean))
        self.model.scale.copy_(torch.from_numpy(scale))

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        return [{"params": list(self.model.parameters())}]

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        random = np.random.default_rng([self.seed, epoch])
        groups = bucket([self.lines.length(line) for line in self.train], self.data.lines, random)
        return [[self.train[position] for position in group] for group in groups]

    def begin_epoch(self, epoch: int) -> None:
        set_slope(self.model, ink_slope(epoch))

    def losses(self, model: nn.Module, examples: Sequence[int]) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """Minus the log-likelihood a point, chunk after chunk, the state carried over."""
        batch = collate(self.lines, examples).to(device_of(model))
        points = self.model.normalise(batch.points * self._stretch(batch.points))
        # The first point of a line is given; every later one is foreseen from those before.
        most = self.data.beginning or points.shape[1] - 1
        inputs, targets, left = points[:, :-1][:, :most], points[:, 1:][:, :most], (batch.lengths - 1).clamp(max=most)
        state = None
        for start in range(0, inputs.shape[1], self.data.chunk):
            end = start + self.data.chunk
            raw, state = model(inputs[:, start:end], batch.text, batch.text_lengths, state)
            state = map_state(Tensor.detach, state)
            scores = score_points(raw, targets[:, start:end], left - start, self.model.config.sigma_floor)
            count = (left - start).clamp(0, raw.shape[1]).sum()
            # Divided by a full chunk's points, so that a point weighs the same in a line's short last chunk.
            whole = len(raw) * self.data.chunk
            numbers = {"nats_a_point": -(scores.offset + scores.pen).sum().detach() / count}
            yield -(scores.offset + scores.pen).sum() / whole, numbers

    def _stretch(self, points: Tensor) -> Tensor:
        """A factor for x and one for y of each line: hands differ in size."""
        random = torch.rand(len(points), 1, 2, device=points.device)
        return nn.functional.pad(1 + self.data.scale * (2 * random - 1), (0, 1), value=1.0)

    def validate(self, model: nn.Module) -> dict[str, float]:
        assert isinstance(model, SynthesisNetwork)
        scores = evaluate(model, self.lines, self.held_out)
        return {"log_likelihood": -scores["nats_a_line"], **scores}


def train(
    data: Path, out: Path, resume: bool, model: ModelConfig, sets: DataConfig, training: TrainingConfig
) -> Progress:
    """Trains a network on a file of lines; `out` becomes the folder of the run."""
    task = WritingTask(load_lines(data), model, sets, training.seed)
    return fit(task, training, out, resume)
