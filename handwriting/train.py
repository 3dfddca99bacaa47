"""Training a network on lines of ink."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from handwriting import growth
from handwriting.config import DataConfig, LessonConfig, ModelConfig
from handwriting.data import UNKNOWN, Batch, Lines, bucket, collate, deal, load_lines, statistics
from handwriting.evaluate import evaluate
from handwriting.halfway import Interpolated
from handwriting.joined import join, pair_up, shuffled_pairs
from handwriting.likelihood import score_points
from handwriting.model import Network
from handwriting.practice import Practice
from handwriting.repeats import repeat_factors, rounds
from handwriting.samples import write_samples
from handwriting.traits import Hearsay
from shared.config import TrainingConfig
from shared.errors import UserError
from shared.pretrained import device_of
from shared.processes import Part
from shared.rnn import AdaptiveWeightNoise, clip_gradient, map_state
from shared.rnn.multiscale import ink_slope, set_slope
from shared.training import Progress, fit


class NoisyNetwork(AdaptiveWeightNoise):
    """A network that learns under weight noise, and is kept without."""

    network: Network

    def kept(self) -> Network:
        return self.network

    def save_pretrained(self, folder: Path | str, half: bool = False) -> None:
        self.network.save_pretrained(folder, half)


class WritingTask:
    """Foreseeing each next point of a line from the points before it, and the text if the network reads one.

    Args:
        lines: the ink.
        model: the network; it has no say where there is a `start`.
        data: which lines, in which batches.
        seed: where the first weights and the order of the lines come from.
        lesson: how they are learnt.
        start: the model to go on from.
    """

    monitor = "log_likelihood"

    def __init__(
        self,
        lines: Lines,
        model: ModelConfig,
        data: DataConfig,
        seed: int,
        lesson: LessonConfig = LessonConfig(),  # noqa: B008 - frozen
        start: str = "",
    ) -> None:
        self.lines, self.data, self.seed, self.lesson = lines, data, seed, lesson
        self.train, self.held_out = lines.of(data.train, data.shortest), lines.of([data.validate])
        self.pairs = pair_up(lines, self.held_out) if data.joined else []
        self.primed = join(lines, self.pairs) if data.joined else None
        self.factors = repeat_factors([lines.texts[line] for line in self.train], data.rare)
        self.reading = lru_cache(maxsize=1)(self._reading)
        self.read, self.examples, self.groups = self.reading(0)
        torch.manual_seed(seed)
        self.network = self._go_on(start) if start else self._begin(model)
        self.hearsay = Hearsay(self.network.traits, lines, self.train) if self.network.traits else None
        self.told = self.hearsay.of_strangers(self.held_out) if self.hearsay else None
        lesson.check(self.network.config, begins=not start)
        self.model: Any = self.network
        if lesson.weight_noise:
            self.model = NoisyNetwork(self.network, lesson.weight_noise)
        elif lesson.interpolate < 1:
            self.model = Interpolated(self.network, lesson.interpolate)
        self.points = int(self._foreseen(self.examples).sum())
        of_network = {name: value for name, value in asdict(self.network.config).items() if name != "writers"}
        self.settings: dict[str, Any] = {"model": of_network, "data": asdict(data), "lesson": asdict(lesson)}
        self.settings |= {"start": start} if start else {}

    def _begin(self, model: ModelConfig) -> Network:
        if self.lesson.know_writers:
            model = replace(model, writers=self.lines.writers_of(self.train))
        network = Network(model)
        mean, scale = statistics(self.lines, self.train)
        network.mean.copy_(torch.from_numpy(mean))
        network.scale.copy_(torch.from_numpy(scale))
        return network

    def _go_on(self, start: str) -> Network:
        network = Network.from_pretrained(start)
        if self.lesson.foresee:
            network = growth.foreseeing(network)
        if self.lesson.know_writers and not network.config.writers:
            raise UserError("--lesson.know_writers is for a network that begins: this one was made without writers")
        if self.lesson.traits and network.config.traits not in (0, self.lesson.traits):
            raise UserError(
                f"--lesson.traits {self.lesson.traits}: this network is told {network.config.traits} already"
            )
        if self.lesson.traits and not network.traits:
            network = growth.told_of_hands(network, self.lesson.traits)
        return growth.widened(network, self.lesson.widen) if self.lesson.widen else network

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        groups = [{"params": list(self.network.parameters())}]
        if isinstance(self.model, NoisyNetwork):
            # Decay would draw ln σ to 0, and so σ to 1.
            groups.append({"params": list(self.model.log_deviations), "weight_decay": 0.0})  # type: ignore[dict-item]
        return groups

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        random = np.random.default_rng([self.seed, epoch])
        lines, examples, _ = self.reading(epoch)
        if self.data.buckets:
            groups = bucket([lines.length(line) for line in examples], self.data.lines, random)
        else:
            groups = deal(random.permutation(len(examples)), self.data.lines)
        return [[examples[position] for position in group] for group in groups]

    def begin_epoch(self, epoch: int) -> None:
        self.read, self.examples, self.groups = self.reading(epoch)
        set_slope(self.network, ink_slope(epoch))

    def _reading(self, epoch: int) -> tuple[Lines, Sequence[int], Mapping[int, tuple[int, ...]]]:
        """What is read in an epoch, which of it is learnt, and of which lines each of that is made: the training lines as they are,
        or joined anew."""
        random = np.random.default_rng([self.seed, epoch, 1])
        laps = rounds(self.train, self.factors, random)
        if not self.data.joined:
            return self.lines, [line for lap in laps for line in lap], {line: (line,) for line in self.train}
        pairs = [pair for lap in laps for pair in shuffled_pairs(self.lines, lap, random)]
        return join(self.lines, pairs).lines, range(len(pairs)), dict(enumerate(pairs))

    def losses(self, model: nn.Module, examples: Part) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """Minus the log-likelihood a point or a line, chunk after chunk, the state carried over."""
        batch = collate(self.read, examples).to(device_of(model))
        points = self.network.normalise(self._varied(batch.points))
        # As many chunks as the longest line of all processes has: one whose own lines have ended goes on with nothing.
        everyones = self._foreseen(examples.batch)
        longest = int(everyones.max())
        points = nn.functional.pad(points, (0, 0, 0, longest + 1 - points.shape[1]))
        inputs, targets, left = points[:, :-1], points[:, 1:], (batch.lengths - 1).clamp(max=longest)
        divisor = len(examples.batch) * self._points_of_a_loss
        practice, (writer, traits) = self._practice(divisor), self._hands(batch, examples)
        chunk, state = self.data.chunk or longest, None
        for start in range(0, longest, chunk):
            end = start + chunk
            raw, state = model(inputs[:, start:end], batch.text, batch.text_lengths, state, writer, traits, practice)
            state = map_state(Tensor.detach, state)
            if self.lesson.clip_outputs:
                raw = clip_gradient(raw, self.lesson.clip_outputs / divisor)
            scores = score_points(raw, targets[:, start:end], left - start, self.network.config.sigma_floor)
            count = int((everyones - start).clip(0, chunk).sum())
            nats = -(scores.offset + scores.pen).sum()
            numbers = {"nats_a_point": nats.detach() / count}
            if isinstance(self.model, NoisyNetwork):
                # Over an epoch each weight is sent once: each update bears the share of the points that it has.
                complexity, own = self.model.complexity(), (left - start).clamp(0, chunk).sum()
                nats = nats + complexity * own / self.points
                numbers["complexity_a_line"] = complexity.detach() / len(self.train) * own / count
            yield nats / divisor, numbers

    def _foreseen(self, chosen: Sequence[int]) -> Int[np.ndarray, " N"]:
        """How many points of each line are foreseen: the first is given, every later one follows from those before."""
        lengths = np.array([self.read.length(line) - 1 for line in chosen])
        return np.minimum(lengths, self.data.beginning or lengths)

    @property
    def _points_of_a_loss(self) -> float:
        """A line's nats are divided by it: the same for every update, so that a point weighs the same in a line's short last
        chunk, and in a short line, as in any other."""
        if self.lesson.loss == "line":
            return 1
        return self.data.chunk or self.points / len(self.examples)

    def _practice(self, divisor: float) -> Practice:
        lesson = self.lesson
        return Practice(lesson.recurrent_dropout, lesson.output_dropout, lesson.clip_sums / divisor)

    def _hands(self, batch: Batch, examples: Part) -> tuple[Int[Tensor, " B"] | None, Float[Tensor, "B K"] | None]:
        """Who wrote each line, and the traits of the hand; for some of them nobody, as of a stranger."""
        if not (self.network.config.writers or self.hearsay):
            return None, None
        device = batch.writer.device
        dropped = torch.rand(len(batch.writer), device=device) < self.lesson.anybody
        writer = batch.writer.masked_fill(dropped, UNKNOWN) if self.network.config.writers else None
        if not self.hearsay:
            return writer, None
        return writer, self.hearsay.of([self.groups[example] for example in examples]).to(device).masked_fill(
            dropped[:, None], 0.0
        )

    def _varied(self, points: Float[Tensor, "B T 3"]) -> Float[Tensor, "B T 3"]:
        """The lines a little wider, higher and more slanted, or less: in that hands differ, and strangers' from all known ones."""
        random = torch.rand(len(points), 1, 2, device=points.device)
        points = points * nn.functional.pad(1 + self.data.scale * (2 * random - 1), (0, 1), value=1.0)
        if not self.data.slant:
            return points
        lean = self.data.slant * (2 * torch.rand(len(points), 1, device=points.device) - 1)
        x, y, pen = points.unbind(-1)
        return torch.stack([x + lean * y, y, pen], -1)

    def validate(self, model: nn.Module) -> dict[str, float]:
        network = _kept(model)
        scores = evaluate(network, self.lines, self.held_out)
        if self.primed:
            lines, given = self.primed
            told = None if self.told is None else self.told[[line for _, line in self.pairs]]
            primed = evaluate(network, lines, range(len(lines.texts)), given=given, traits=told)
            scores["primed_nats_a_line"] = primed["nats_a_line"]
        if self.told is None:
            return {"log_likelihood": -scores["nats_a_line"], **scores}
        nats = evaluate(network, self.lines, self.held_out, traits=self.told)["nats_a_line"]
        return {"log_likelihood": -nats, **scores, "told_nats_a_line": nats}

    def samples(self, model: nn.Module, number: int) -> list[dict[str, Any]]:
        """Lines of ink: of the same texts each time, or, from a network that reads none, of its own accord."""
        return write_samples(_kept(model), number, self.seed)


def _kept(model: nn.Module) -> Network:
    """What is kept of a model that learns."""
    network = model.kept() if isinstance(model, NoisyNetwork | Interpolated) else model
    assert isinstance(network, Network)
    return network


def train(
    data: Path,
    out: Path,
    resume: bool,
    model: ModelConfig,
    sets: DataConfig,
    training: TrainingConfig,
    lesson: LessonConfig = LessonConfig(),  # noqa: B008 - frozen
    start: str = "",
) -> Progress:
    """Trains a network on a file of lines; `out` becomes the folder of the run.

    Raises:
        UserError: if the file, the model to start from, its cell or the run to resume is not what it should be.
    """
    return fit(WritingTask(load_lines(data), model, sets, training.seed, lesson, start), training, out, resume)
