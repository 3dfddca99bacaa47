"""One training loop for both halves, in one process or in several that `accelerate launch` has started.

What a run leaves on disk is `run_folder`'s to tell, how several processes do the work of one `processes`'.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from shared.config import TrainingConfig
from shared.device import pick_device, pick_precision, seed_everything
from shared.interruptible import interruptible
from shared.optimisers import make_optimiser
from shared.pretrained import Pretrained
from shared.processes import Part, Processes
from shared.run_folder import RunFolder

Tensors = tuple[Tensor, ...] | list[Tensor]
REPORT_EVERY = 50
"""updates between two lines of training metrics"""


class Task(Protocol):
    """What is trained, and how data becomes losses."""

    monitor: str
    """the validation number that should rise"""
    settings: dict[str, Any]
    """what the run was asked to do, beside the training settings; a resumed run must agree"""

    @property
    def model(self) -> Pretrained:
        """The network, as it is saved."""

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """The optimiser's parameter groups."""

    def batches(self, epoch: int) -> Sequence[Sequence[int]]:
        """The examples of each batch of an epoch: a pure function of the task's seed and the epoch."""

    def begin_epoch(self, epoch: int) -> None:
        """Sets in the model what follows a schedule of its own, such as the slope of an HM-LSTM's boundaries."""

    def losses(self, model: nn.Module, examples: Part) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """A batch's losses, each with numbers to report. Each is one update: one in most tasks, one a chunk in truncated
        back-propagation through time.

        Where several processes learn from a batch, each from its own examples, the gradients of their losses are added up,
        and so are their numbers. So a mean over the examples counts with their share of the batch (`Part.share`). All
        processes must come to equally many losses.
        """

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Scores on the validation data; the model is in evaluation mode, without gradients."""

    def samples(self, model: nn.Module, number: int) -> list[dict[str, Any]]:
        """A few things that the model makes, in JSON's plain values: the same question at each validation, and no chance but
        its own. The model is in evaluation mode, without gradients."""


@dataclass
class Progress:
    """Where a run stands."""

    epoch: int = 0
    batch: int = 0
    updates: int = 0
    minutes: float = 0.0
    best: float = float("-inf")
    since_best: int = 0

    def state_dict(self) -> dict[str, Any]:
        return asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def fit(task: Task, config: TrainingConfig, out: Path, resume: bool = False) -> Progress:
    """Trains until the epochs, the minutes or the patience are used up, or until Ctrl-C, and always leaves a saved state.

    Resuming continues bit for bit: parameters, optimiser, running average, place in the epoch and random number generators are
    those of the moment of the last save. Any number of processes may go on where any other number stopped.

    Several processes come to what one would come to, up to rounding, except for chance: each draws its own dropout. All of them
    must see the folder `out`, into which the main one writes. What ends one of them ends all, with the state saved. Only one
    `fit` is possible in a launch.

    Raises:
        UserError: if `out` already holds a run and `resume` is not given, or the run to resume was another one.
        KeyboardInterrupt: after Ctrl-C, when the state has been saved.
    """
    run = Run(task, config, out)
    run.begin(resume)
    with interruptible() as interrupted:
        while run.progress.epoch < config.epochs and not run.out_of_patience:
            if not run.epoch(interrupted):
                break
        run.save()
        stopped = run.end(interrupted)
    if stopped:
        raise KeyboardInterrupt
    return run.progress


class Run:
    """The objects of one run, and the loop over an epoch."""

    def __init__(self, task: Task, config: TrainingConfig, out: Path) -> None:
        device = pick_device()
        self.task, self.config, self.folder = task, config, RunFolder(out)
        # It keeps the first run's precision for the whole process, and would refuse a second run with another.
        AcceleratorState._reset_state()
        self.accelerator = Accelerator(
            mixed_precision=pick_precision(config.precision, device), cpu=device.type == "cpu"
        )
        self.processes = Processes(self.accelerator)
        seed_everything(config.seed + self.processes.rank)
        self.progress = Progress()
        model = task.model.to(self.accelerator.device)
        groups = task.parameter_groups(config.learning_rate)
        for group in groups:
            group.setdefault("lr", config.learning_rate)
            group["peak"] = group["lr"]
        optimiser = make_optimiser(groups, config)
        self.average = (
            AveragedModel(model, multi_avg_fn=_running_average(config.ema), use_buffers=True) if config.ema else None
        )
        self.model, self.optimiser = self.accelerator.prepare(model, optimiser)
        self.processes.unite(self.model)
        self.accelerator.register_for_checkpointing(self.progress, *([self.average] if self.average else []))
        self.reports: dict[str, list[Tensor]] = {}
        self.began = self.started = self.saved = time.monotonic()

    @property
    def out_of_patience(self) -> bool:
        return bool(self.config.patience) and self.progress.since_best >= self.config.patience

    def begin(self, resume: bool) -> None:
        """Makes the folder of a new run, or restores the state of an old one."""
        settings = {"task": self.task.settings, "training": asdict(self.config)}
        state = self.processes.by_main(lambda: self.folder.open(settings, resume))
        if state:
            self.accelerator.load_state(str(state))
        self.processes.by_main(lambda: self.folder.forget_after(self.progress.updates))
        where = f"{self.accelerator.device}" + (f" and {more} more" if (more := self.processes.number - 1) else "")
        self._say(f"seed {self.config.seed}, {where}, precision {self.accelerator.mixed_precision}")

    def epoch(self, interrupted: Callable[[], bool]) -> bool:
        """Runs (the rest of) one epoch; False if something stopped it."""
        progress, batches = self.progress, self.task.batches(self.progress.epoch)
        self.task.begin_epoch(progress.epoch)
        due = max(1, round(len(batches) * self.config.validate_every))
        end = min(len(batches), math.ceil((self.config.epochs - progress.epoch) * len(batches)))
        hidden = None if self.processes.is_main else True  # None: on a terminal alone
        name = f"epoch {progress.epoch + 1}"
        with tqdm(total=len(batches), initial=progress.batch, desc=name, disable=hidden, leave=False) as bar:
            while progress.batch < end:
                # That of the middle of a batch: at its edges a rise begins, and a fall ends, with a rate of nothing.
                self._set_learning_rate((progress.epoch + (progress.batch + 0.5) / len(batches)) / self.config.epochs)
                self._learn(self.processes.part(batches[progress.batch]))
                progress.batch += 1
                bar.update()
                done = progress.epoch * len(batches) + progress.batch
                over = progress.batch == end and progress.epoch + 1 >= self.config.epochs
                if done % due == 0 or over:
                    self._validate()
                stop, save = self.processes.any(interrupted() or self._time_is_up(), self._time_to_save())
                if stop or self.out_of_patience:
                    return False
                if save:
                    self.save()
        if progress.batch < len(batches):
            return False  # the run ends within this epoch, and goes on here if it is given more
        progress.epoch, progress.batch = progress.epoch + 1, 0
        return True

    def _learn(self, examples: Part) -> None:
        self.model.train()
        for loss, numbers in self.task.losses(self.model, examples):
            if not examples.counts:
                loss, numbers = 0 * loss, {name: 0 * number for name, number in numbers.items()}
            self.accelerator.backward(loss)
            if self.config.clip_norm:
                norm = self.accelerator.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
                numbers = {**numbers, "gradient_norm": norm / self.processes.number}
            if self.config.clip_value:
                self.accelerator.clip_grad_value_(self.model.parameters(), self.config.clip_value)
            self.optimiser.step()
            self.optimiser.zero_grad()
            if self.average:
                self.average.update_parameters(self.accelerator.unwrap_model(self.model))
            for name, number in {"loss": loss, **numbers}.items():
                self.reports.setdefault(name, []).append(number.detach())
            self.progress.updates += 1
            if self.progress.updates % REPORT_EVERY == 0:
                self._report("train", self._means())
                self.reports.clear()

    def _means(self) -> dict[str, float]:
        """The numbers since the last report: all processes' together, the mean over the updates."""
        means = torch.stack([torch.stack(numbers).float().mean() for numbers in self.reports.values()])
        # The one place where numbers leave the device.
        return dict(zip(self.reports, self.processes.add_up(means).tolist(), strict=True))

    @torch.no_grad()
    def _validate(self) -> None:
        model: Pretrained = self.average.module if self.average else self.accelerator.unwrap_model(self.model)  # type: ignore[assignment]
        numbers = self.processes.by_main(lambda: self.task.validate(model.eval()))
        self._report("validation", numbers)
        if self.config.samples:
            self.processes.by_main(lambda: self._keep_samples(model))
        self.progress.since_best += 1
        if numbers[self.task.monitor] > self.progress.best:
            self.progress.best, self.progress.since_best = numbers[self.task.monitor], 0
            if self.processes.is_main:
                model.save_pretrained(self.folder.fresh("best"))
                self.folder.put_in_place("best")

    def _keep_samples(self, model: Pretrained) -> None:
        self.folder.keep_samples(self.progress.updates, self.task.samples(model, self.config.samples))

    def _set_learning_rate(self, share: float) -> None:
        """A straight rise, then a straight fall to `rate_at_end`, by the share of the run that lies behind."""
        rise = share / self.config.warmup if self.config.warmup else 1.0
        left = max(0.0, (1 - share) / (1 - self.config.warmup))
        factor = min(rise, self.config.rate_at_end + (1 - self.config.rate_at_end) * left)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor

    def save(self) -> None:
        """Writes the whole training state; a kill at any moment leaves the old one or the new one."""
        now = time.monotonic()
        self.progress.minutes += (now - self.started) / 60
        self.started = self.saved = now
        self.accelerator.save_state(str(self.processes.by_main(lambda: self.folder.fresh("state"))))
        self.processes.wait()
        self.processes.by_main(lambda: self.folder.put_in_place("state"))

    def end(self, interrupted: Callable[[], bool]) -> bool:
        """Lets the processes part; whether any of them was interrupted."""
        stopped = self.processes.any(interrupted())[0]
        self.accelerator.end_training()
        return stopped

    def _time_to_save(self) -> bool:
        return time.monotonic() - self.saved > 60 * self.config.save_minutes

    def _time_is_up(self) -> bool:
        limit = self.config.max_minutes
        return limit > 0 and time.monotonic() - self.began > 60 * limit

    def _report(self, kind: str, numbers: dict[str, float]) -> None:
        if not self.processes.is_main:
            return
        where = {"epoch": self.progress.epoch, "batch": self.progress.batch, "updates": self.progress.updates}
        minutes = self.progress.minutes + (time.monotonic() - self.started) / 60
        rate = self.optimiser.param_groups[0]["lr"]
        line = {"kind": kind, **where, "minutes": round(minutes, 2), "learning_rate": rate, **numbers}
        self.folder.report(line)
        self._say(" ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in line.items()))

    def _say(self, text: str) -> None:
        if self.processes.is_main:
            tqdm.write(text, file=sys.stderr)


def _running_average(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """The running average of the weights. At first it forgets faster, or else a short run would keep where it began:

    w̄ = d w̄ + (1 - d) w      d = min(decay, (1 + n) / (10 + n)) at update n
    """

    @torch.no_grad()
    def average(averages: Tensors, weights: Tensors, update: Tensor | int) -> None:
        # A tensor to the end: asking for its value would make a GPU wait.
        share = 1 - torch.as_tensor((1 + update) / (10 + update)).clamp(max=decay)
        for mean, weight in zip(averages, weights, strict=True):
            if mean.is_floating_point():
                mean.lerp_(weight, share.to(mean.dtype))
            else:
                mean.copy_(weight)

    return average
