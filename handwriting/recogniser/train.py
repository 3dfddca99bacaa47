"""Teaching a recogniser to read real ink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handwriting.data import Lines, bucket, load_lines, pad_texts
from handwriting.recogniser.batches import collate
from handwriting.recogniser.config import ReadingConfig, RecogniserConfig
from handwriting.recogniser.distance import character_error_rate
from handwriting.recogniser.network import BLANK, Recogniser
from handwriting.recogniser.reader import Reader
from shared.config import TrainingConfig
from shared.pretrained import device_of
from shared.processes import Part
from shared.training import Progress, fit


class ReadingTask:
    """Finding the text of a line in its ink, where no one says which ink is which character."""

    monitor = "characters_right"

    def __init__(self, lines: Lines, model: RecogniserConfig, lesson: ReadingConfig, seed: int) -> None:
        self.lines, self.lesson, self.seed = lines, lesson, seed
        self.settings: dict[str, Any] = {"model": asdict(model), "lesson": asdict(lesson)}
        self.train, self.held_out = lines.of(lesson.train), lines.of([lesson.validate])
        torch.manual_seed(seed)
        self.model = Recogniser(model)
        self.epoch = 0

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        return [{"params": list(self.model.parameters())}]

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        random = np.random.default_rng([self.seed, epoch])
        groups = bucket([self.lines.length(line) for line in self.train], self.lesson.lines, random)
        return [[self.train[position] for position in group] for group in groups]

    def begin_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def losses(self, model: nn.Module, examples: Part) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """Minus the log-probability of the text, nats a character. One update."""
        # A pure function of seed, epoch and lines: a resumed run sees the very same ink.
        random = np.random.default_rng([self.seed, self.epoch, *examples])
        ink = [self.lines.strokes(line) for line in examples]
        batch = collate(ink, self.model.config.features, self.lesson.distortion, random)
        text, text_lengths = pad_texts([self.lines.texts[line] for line in examples])
        device = device_of(model)
        scores = model(batch.frames.to(device), batch.lengths.to(device)).transpose(0, 1)
        # A line with fewer frames than its text needs has no path at all; it teaches nothing.
        nats = F.ctc_loss(
            scores, text.to(device), batch.lengths, text_lengths, BLANK, reduction="sum", zero_infinity=True
        )
        characters = text_lengths.sum().to(device)
        yield nats / characters * examples.share(characters), {}

    def validate(self, model: nn.Module) -> dict[str, float]:
        assert isinstance(model, Recogniser)
        read = Reader(model).read([self.lines.strokes(line) for line in self.held_out])
        rate = character_error_rate(read, [self.lines.texts[line] for line in self.held_out])
        return {self.monitor: 1 - rate, "character_error_rate": rate}

    def samples(self, model: nn.Module, number: int) -> list[dict[str, Any]]:
        """What held-out lines say, and what it read."""
        assert isinstance(model, Recogniser)
        chosen = self.held_out[:number]
        read = Reader(model).read([self.lines.strokes(line) for line in chosen])
        return [{"text": self.lines.texts[line], "read": said} for line, said in zip(chosen, read, strict=True)]


def train(
    data: Path, out: Path, resume: bool, model: RecogniserConfig, lesson: ReadingConfig, training: TrainingConfig
) -> Progress:
    """Trains a recogniser on a file of lines; `out` becomes the folder of the run."""
    task = ReadingTask(load_lines(data), model, lesson, training.seed)
    return fit(task, training, out, resume)
