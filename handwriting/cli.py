"""The command `handwriting`. What is imported here must be quick: torch waits until a command is sure to run."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from handwriting.config import PROTOCOLS, DataConfig, LessonConfig, ModelConfig, ProtocolName
from handwriting.recogniser.commands import proofread, read, teach
from shared.command import Command, run
from shared.config import TrainingConfig


def write(
    text: str,
    output: Path | None = None,
    bias: float = 0.75,
    seed: int | None = None,
    model: str = "default",
    device: str = "auto",
) -> None:
    """Write a text by hand.

    The same text, bias and seed give the same ink. Long texts are broken into lines.

    Args:
        text: what to write; - reads it from standard input
        output: an .svg or .png file; without it, SVG goes to standard output
        bias: 0 writes as wildly as people do, 2 very neatly
        seed: where chance comes from; a new one is drawn, and told, if none is given
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.formats import check_writable
    from handwriting.scribe import Scribe

    if output:
        check_writable(output)
    ink = Scribe.from_pretrained(model, device).write(_read(text), bias=bias, seed=seed)
    for character, substitute in ink.replaced.items():
        _say(f"{character!r} cannot be written: " + (f"wrote {substitute!r} instead" if substitute else "left out"))
    for line in ink.unfinished:
        _say(f"the pen did not reach the end of {line!r}; another --seed may do better")
    if output:
        _say(f"wrote {ink.save(output)} (bias {ink.bias:g}, seed {ink.seed})")
    else:
        _say(f"bias {ink.bias:g}, seed {ink.seed}")
        print(ink.svg(), end="")


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

    Args:
        data: a file that `handwriting prepare` wrote
        out: the folder of the run
        resume: go on where the run in that folder was saved last
        start: a model to go on from (for adaptive weight noise, or on a user's own lines): a shipped model's name, a folder, or
            a hub id; it brings its own --model
        protocol: graves trains on the splits 0, 2 and 3 and stops and reports on 1; strict trains on 0, stops on 1 and reports
            on 3; short for --lines.train and --lines.validate
        model: the network
        lines: which lines, in which batches
        lesson: what the loss is, and what keeps the network from learning its lines by heart
        training: how
    """
    from handwriting.train import train as run_training

    if protocol:
        lines = dataclasses.replace(lines, train=PROTOCOLS[protocol].train, validate=PROTOCOLS[protocol].stop)
    progress = run_training(data, out, resume, model, lines, training, lesson, start)
    validated = (out / "best").is_dir()
    best = {"best_log_likelihood": progress.best, "model": str(out / "best")} if validated else {}
    print(json.dumps({"updates": progress.updates, **best}))


def evaluate(
    data: Path,
    protocol: ProtocolName = "graves",
    split: int | None = None,
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
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.data import load_lines
    from handwriting.evaluate import evaluate_by
    from handwriting.model import Network
    from shared.device import pick_device

    network = Network.from_pretrained(model).to(pick_device(device))
    print(json.dumps({"model": model, **evaluate_by(protocol, network, load_lines(data), split)}, indent=2))


def prepare(folder: Path, output: Path) -> None:
    """Gather the extracted IAM-OnDB archives into one file of lines.

    Args:
        folder: where lineStrokes/ and ascii/ lie, and the split lists (trainset.txt, …) in it or in a folder of it
        output: the file to write, lines.npz
    """
    from handwriting.iam import prepare as gather

    _say(gather(folder, output))


def benchmark(model: str = "default", device: str = "auto", seconds: float = 10.0) -> None:
    """Measure how fast a network writes; prints JSON.

    Args:
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
        seconds: how long to measure each batch size
    """
    from handwriting.benchmark import benchmark as measure

    print(json.dumps(measure(model, device, seconds), indent=2))


def main() -> int:
    return run(
        "handwriting",
        "Write any text by hand, and train the networks that do.",
        [
            Command(write, positional=("text",), short={"output": "-o"}),
            Command(train, presets=Path(__file__).parent / "presets"),
            Command(evaluate),
            Command(prepare, positional=("folder",), short={"output": "-o"}),
            Command(benchmark),
            Command(read, positional=("file",)),
            Command(proofread),
            Command(teach),
        ],
    )


def _read(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _say(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
