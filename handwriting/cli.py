"""The command `handwriting`. What is imported here must be quick: torch waits until a command is sure to run."""

from __future__ import annotations

import dataclasses
import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from handwriting.config import PROTOCOLS, DataConfig, LessonConfig, ModelConfig, ProtocolName
from handwriting.recogniser.commands import proofread, read, teach
from handwriting.sheet import Sheet
from handwriting.styles.commands import add, draw, fidelity, rehearse, remove, show
from shared.command import Command, run
from shared.config import TrainingConfig
from shared.errors import UserError
from shared.files import read_text

if TYPE_CHECKING:
    from handwriting.ink import Ink
    from handwriting.page import Page


SHEET = {
    "page": "sheet.paper",
    "ruled": "sheet.ruling=ruled",
    "squared": "sheet.ruling=squared",
    "landscape": "sheet.orientation=landscape",
    "margin": "sheet.margin",
    "align": "sheet.align",
    "hyphenate": "sheet.hyphenate=true",
}


def write(
    text: str = "",
    file: Path | None = None,
    output: Path | None = None,
    bias: str = "0.75",
    seed: int | None = None,
    style: str = "",
    best_of: int = 1,
    colour: str = "#1c2b57",
    pen_width: float = 0.45,
    sheet: Sheet = Sheet(),  # noqa: B008 - frozen
    model: str = "default",
    device: str = "auto",
) -> None:
    """Write a text by hand.

    The same text, bias and seed give the same ink. Long texts are broken into lines; on a sheet (--page a5 --ruled) they flow
    over as many pages as it takes.

    Args:
        text: what to write; - reads it from standard input
        file: a text file in UTF-8 to write instead
        output: a file: .svg, .animated.svg, .png, .gif (the pen writing), .pdf, .inkml, .json, or .hpgl and .gcode for plotters;
            without it, SVG goes to standard output
        bias: 0 writes as wildly as people do, 2 very neatly; 0.5/1/2 gives each line of the text its own, and 0.5,2,1 each word of
            a line
        seed: where chance comes from; a new one is drawn, and told, if none is given
        style: whose hand is taken on: the name of a style (`handwriting style list`), a file of ink that has its text, a blend,
            one+other:0.3, or, of a network that knows writers, one of them, writer:37; without it the hand is the seed's own
        best_of: how often each line is drawn, of which the recogniser chooses the one that is easiest to read
        colour: of the ink: #rrggbb or an HTML name
        pen_width: mm
        sheet: what it is written on (short: --page a5, --ruled, --squared, --landscape, --margin 12, --align justify, --hyphenate)
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.formats import check_writable, encode, write_ink
    from handwriting.manuscript import parse_bias
    from handwriting.page import Pen
    from handwriting.scribe import Scribe
    from handwriting.styles.shelf import load

    pen = Pen(colour, pen_width)
    given = parse_bias(bias)
    if output:
        check_writable(output)
    elif sheet != Sheet():
        raise UserError("pages are written into files: give one for them, as in -o letter.pdf")
    content = _read(text, file)
    hand = load(style) if style else None
    ink = Scribe.from_pretrained(model, device).write(content, bias=given, seed=seed, style=hand, best_of=best_of)
    _say_what_went_otherwise(ink)
    pages = ink.pages(sheet, pen) if sheet != Sheet() else [ink.page(colour, pen_width)]
    if output:
        for written in write_ink(pages, output):
            _say(f"wrote {written} (bias {bias}, seed {ink.seed})")
        _say_plotting(pages, output)
    else:
        _say(f"bias {bias}, seed {ink.seed}")
        print(encode(pages, ".svg")[0].decode(), end="")


def wander(
    output: Path,
    lines: int = 6,
    points: int = 600,
    bias: float = 0.5,
    seed: int | None = None,
    model: str = "foreseeing",
    device: str = "auto",
) -> None:
    """Let a network that foresees ink write on of its own accord. It looks like handwriting, and says nothing.

    Args:
        output: a file, as for `write`
        lines: how many, one below the other
        points: of each line; people make about 21 for a letter
        bias: 0 writes as wildly as people do, 2 very neatly
        seed: where chance comes from; a new one is drawn, and told, if none is given
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.formats import check_writable, write_ink
    from handwriting.layout import stack
    from handwriting.manuscript import check_bias
    from handwriting.model import Network
    from handwriting.page import Page
    from handwriting.strokes import MM_PER_UNIT, level
    from handwriting.wander import wander as write_on
    from shared.device import pick_device

    check_writable(output)
    check_bias(bias)
    if not (1 <= lines <= 100 and 2 <= points <= 5000):
        raise UserError(f"lines can be 1 to 100 and points 2 to 5,000, got {lines} and {points}")
    seed = random.randrange(2**31) if seed is None else seed
    network = Network.from_pretrained(model).to(pick_device(device))
    made = [level(line * (MM_PER_UNIT, MM_PER_UNIT, 1.0)) for line in write_on(network, lines, points, bias, seed)]
    for line in made:
        line[-1, 2] = 1.0
    for written in write_ink([Page.around(stack(made))], output):
        _say(f"wrote {written} (bias {bias:g}, seed {seed})")


def convert(file: Path, output: Path) -> None:
    """Turn a file of ink into another format.

    Args:
        file: ink: .json or .inkml, or the .xml of a line of IAM-OnDB
        output: a file: .svg, .animated.svg, .png, .gif (the pen writing), .pdf, .inkml, .json, or .hpgl and .gcode for plotters;
            several pages become several files where a format holds one
    """
    from handwriting.formats import check_writable, read_ink, write_ink

    check_writable(output)
    pages = read_ink(file)
    for written in write_ink(pages, output):
        _say(f"wrote {written}")
    _say_plotting(pages, output)


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
        data: a file that `handwriting prepare` wrote; or a user's own lines: a .jsonl file with a row of JSON for each,
            {"text": "what it says", "strokes": [[[x, y], …], …]}, the tenth of every ten to validate on
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


def prepare(source: Path, output: Path) -> None:
    """Gather the archives of IAM-OnDB, packed or extracted, into one file of lines.

    Args:
        source: a folder with lineStrokes-all.tar.gz and ascii-all.tar.gz, or with lineStrokes/ and ascii/, and the lists
            trainset.txt, testset_v.txt, testset_t.txt, testset_f.txt and, for the writers, forms.txt; or a packed archive of it all
        output: the file to write, lines.npz
    """
    from handwriting.iam import prepare as gather

    _say(gather(source, output))


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
            Command(write, positional=("text",), short={"output": "-o"}, stands_for=SHEET),
            Command(wander, short={"output": "-o"}),
            Command(convert, positional=("file",), short={"output": "-o"}),
            Command(train, presets=Path(__file__).parent / "presets", stands_for={"from": "start"}),
            Command(evaluate),
            Command(prepare, positional=("source",), short={"output": "-o"}),
            Command(benchmark),
            Command(read, positional=("file",)),
            Command(proofread),
            Command(teach),
            Command(add, positional=("name", "file"), called="style add"),
            Command(show, called="style list"),
            Command(remove, positional=("name",), called="style remove"),
            Command(draw, positional=("folder",), called="style draw"),
            Command(rehearse),
            Command(fidelity),
        ],
    )


def _read(text: str, file: Path | None) -> str:
    if text and file:
        raise UserError("there are two texts to write: give one or a --file, not both")
    if file:
        return read_text(file)
    return sys.stdin.read() if text == "-" else text


def _say_what_went_otherwise(ink: Ink) -> None:
    for character, substitute in ink.replaced.items():
        _say(f"{character!r} cannot be written: " + (f"wrote {substitute!r} instead" if substitute else "left out"))
    for line in ink.flawed:
        _say(f"something is missing or too much in {line.text!r}; another --seed may do better")


def _say_plotting(pages: list[Page], output: Path) -> None:
    """How long a plotter takes, for its files."""
    if output.suffix.lower() in (".hpgl", ".gcode"):
        from handwriting.formats.plotter import plotting

        _say(str(plotting(pages)))


def _say(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
