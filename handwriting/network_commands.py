"""The commands that gather ink, and train and measure the networks that write. Torch waits until a command is sure to run."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from handwriting.config import PROTOCOLS, DataConfig, LessonConfig, ModelConfig, ProtocolName
from shared.config import TrainingConfig
from shared.errors import at_least


def train(
    data: Path,
    out: Path,
    resume: bool = False,
    start: str = "",
    protocol: ProtocolName | None = None,
    model: ModelConfig = ModelConfig(),  # noqa: B008 - frozen
    lines: DataConfig = DataConfig(),  # noqa: B008 - frozen
    lesson: LessonConfig = LessonConfig(),  # noqa: B008 - frozen
    training: TrainingConfig = TrainingConfig(epochs=30, ema=0.999, clip_norm=1.0),  # noqa: B008 - frozen
) -> None:
    """Train a network on lines of ink: to write a text, or (--model.text false) to foresee ink alone.

    The folder of the run holds run.json, metrics.jsonl, state/ (to resume from) and best/ (a model folder for --model).
    `accelerate launch --num_processes 4 -m handwriting.cli train …` trains on four GPUs, to the result of one; so do several
    machines that all see the folder.

    Args:
        data: a file that `handwriting prepare` wrote; or a user's own lines: a file of ink (.xopp, .xoj, .inkml, .json), and what
            it says, line by line, in a .txt of the same name; or a .jsonl file with a row of JSON for each line,
            {"text": "what it says", "strokes": [[[x, y], …], …]}; the tenth of every ten is to validate on
        out: the folder of the run
        resume: go on where the run in that folder was saved last
        start: (or --from) a model to go on from (for adaptive weight noise, or on a user's own lines): a shipped model's name, a
            folder, or a hub id; it brings its own --model
        protocol: graves trains on the splits 0, 2 and 3 and stops and reports on 1; strict trains on 0, stops on 1 and reports
            on 3; short for --lines.train and --lines.validate
        model: the network
        lines: which lines, in which batches
        lesson: what the loss is, and what keeps the network from learning its lines by heart
        training: how
    """
    from handwriting.train import train as run_training
    from shared.processes import is_main

    if protocol:
        lines = dataclasses.replace(lines, train=PROTOCOLS[protocol].train, validate=PROTOCOLS[protocol].stop)
    progress = run_training(data, out, resume, model, lines, training, lesson, start)
    if not is_main():
        return
    validated = (out / "best").is_dir()
    best = {"best_log_likelihood": progress.best, "model": str(out / "best")} if validated else {}
    print(json.dumps({"updates": progress.updates, **best}))


def evaluate(
    data: Path,
    protocol: ProtocolName = "graves",
    split: int | None = None,
    every_line: bool = False,
    primed: bool = False,
    model: str = "default",
    device: str = "auto",
) -> None:
    """Score a network on real ink; prints JSON.

    Negative log-likelihoods in nats a line and a point, offsets in sd of the protocol's training lines; nats a point in tablet
    units, which do not depend on that; squared errors; and what it was measured on.

    Args:
        data: a file that `handwriting prepare` wrote
        protocol: graves reports on split 1, for networks trained on 0, 2 and 3; strict on 3, for networks trained on 0
        split: another split to report on: 0 trainset, 1 testset_v, 2 testset_t, 3 testset_f
        every_line: also the lines that training leaves out: known to be bad, crossed-out words, jumps, over 1,200 points, …
        primed: score each line of a known writer after another line of theirs, as `--style` writes
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.data import load_lines
    from handwriting.evaluate import evaluate_by
    from handwriting.model import Network
    from shared.device import pick_device

    network = Network.from_pretrained(model).to(pick_device(device))
    report = evaluate_by(protocol, network, load_lines(data), split, every_line, primed)
    print(json.dumps({"model": model, **report}, indent=2))


def average(models: list[str], output: Path, half: bool = False) -> None:
    """Make one model of several trainings that went out from the same one (--start): the mean of their weights.

    It mostly foresees ink better than each of them, at the cost of one. One model alone, with --half, is stored smaller.

    Args:
        models: shipped models' names, model folders, or hub ids
        output: the folder to write; it must not be there
        half: store half precision, half as large
    """
    from handwriting.model import Network
    from shared.average import average as mean

    mean(Network, models, output, half)


def prepare(source: Path, output: Path) -> None:
    """Gather the archives of IAM-OnDB, packed or extracted, into one file of lines.

    Args:
        source: a folder with lineStrokes-all.tar.gz and ascii-all.tar.gz, or with lineStrokes/ and ascii/, and the lists
            trainset.txt, testset_v.txt, testset_t.txt, testset_f.txt and, for the writers, forms.txt; or a packed archive of it all
        output: the file to write, lines.npz
    """
    from handwriting.iam import prepare as gather

    print(gather(source, output), file=sys.stderr)


def benchmark(model: str = "default", device: str = "auto", seconds: float = 10.0) -> None:
    """Measure how fast a network writes; prints JSON.

    Args:
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
        seconds: how long to measure each batch size
    """
    from handwriting.benchmark import benchmark as measure

    at_least(0.1, seconds=seconds)
    print(json.dumps(measure(model, device, seconds), indent=2))
