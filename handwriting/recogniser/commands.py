"""The commands of the recogniser. What is imported here must be quick: torch waits until a command is sure to run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from handwriting.recogniser.config import ReadingConfig, RecogniserConfig, WritingConfig
from shared.config import TrainingConfig
from shared.errors import UserError, at_least

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handwriting.strokes import Strokes


def read(file: list[str], reader: str = "reader", beam: int = 16, best: int = 1, device: str = "auto") -> int:
    """Read ink files back into text, a row for each line of ink. Lines that come as one ink are taken apart, and one that is in
    several colours is put together.

    With --best, each row has a text's log-probability (nats) before it, and an empty row ends each line of ink.

    Args:
        file: .json, .inkml, .xopp, .xoj or .xml (a line of IAM-OnDB), as many as there are
        reader: a shipped recogniser's name, a model folder, or a hub id
        beam: how many texts the search keeps; 1 takes the most probable path, which is quicker
        best: how many of them to print for each line
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.formats import read_ink
    from handwriting.recogniser.reader import Reader
    from handwriting.recogniser.rows import rows_of

    at_least(1, beam=beam)
    if not 1 <= best <= beam:
        raise UserError(f"--best must be from 1 to --beam ({beam}), got {best}")
    model = Reader.from_pretrained(reader, device)
    failed = False
    for name in file:
        try:
            ink = [row for page in read_ink(name) for row in rows_of(page.lines)]
        except UserError as error:
            failed = True
            print(f"error: {error}", file=sys.stderr)
            continue
        if best == 1:
            print("\n".join(model.read(ink, beam)))
            continue
        for candidates in model.candidates(ink, beam):
            print("".join(f"{found.log_probability:.2f}\t{found.text}\n" for found in candidates[:best]))
    return int(failed)


def teach(
    data: Path,
    out: Path,
    resume: bool = False,
    model: RecogniserConfig = RecogniserConfig(),  # noqa: B008 - frozen
    reading: ReadingConfig = ReadingConfig(),  # noqa: B008 - frozen
    training: TrainingConfig = TrainingConfig(epochs=60, learning_rate=3e-3, clip_norm=1.0, ema=0.998),  # noqa: B008
) -> None:
    """Train a recogniser on lines of real ink.

    The folder of the run holds run.json, metrics.jsonl, state/ (to resume from) and best/ (a model folder for --reader).

    Args:
        data: a file that `handwriting prepare` wrote
        out: the folder of the run
        resume: go on where the run in that folder was saved last
        model: the network
        reading: which lines, and how they are varied
        training: how
    """
    from handwriting.recogniser.train import train
    from shared.processes import is_main

    progress = train(data, out, resume, model, reading, training)
    if not is_main():
        return
    validated = (out / "best").is_dir()
    best = {"character_error_rate": 1 - progress.best, "reader": str(out / "best")} if validated else {}
    print(json.dumps({"updates": progress.updates, **best}))


def proofread(
    data: Path,
    split: int = 3,
    lines: int = 0,
    reader: str = "reader",
    beam: int = 1,
    writing: WritingConfig = WritingConfig(),  # noqa: B008 - frozen
    device: str = "auto",
) -> None:
    """Measure a recogniser on real ink, or with --writing.model a network's ink by a recogniser; prints JSON.

    Args:
        data: a file that `handwriting prepare` wrote
        split: 0 trainset, 1 testset_v, 2 testset_t, 3 testset_f
        lines: how many lines of the split, spread evenly over it; 0 takes all
        reader: a shipped recogniser's name, a model folder, or a hub id
        beam: how many texts the search keeps; 1 takes the most probable path
        writing: what ink is read
        device: auto, cpu, cuda, cuda:1, …
    """
    from importlib.metadata import version

    from handwriting.data import load_lines
    from handwriting.recogniser.evaluate import evaluate
    from handwriting.recogniser.reader import Reader

    at_least(1, beam=beam)
    at_least(0, lines=lines)
    found = load_lines(data)
    chosen = found.of([split])
    chosen = chosen[:: max(1, len(chosen) // lines)][:lines] if lines else chosen
    texts = [found.texts[line] for line in chosen]
    model = Reader.from_pretrained(reader, device)
    written, faults = _write(texts, writing, device) if writing.model else ([], {})
    scores = evaluate(model, written or [found.strokes(line) for line in chosen], texts, beam)
    ink = {"ink": vars(writing) if writing.model else "real", **faults}
    versions = {name: version(name) for name in ("torch", "numpy")}
    print(json.dumps({"reader": reader, "split": split, **ink, **scores, "versions": versions}, indent=2))


def _write(texts: Sequence[str], writing: WritingConfig, device: str) -> tuple[list[Strokes], dict[str, int]]:
    """Each text by hand, in a hand of its own, and how often that went wrong by the soft window's account."""
    from handwriting.drawing import ATTEMPTS, Drawing
    from handwriting.manuscript import Row
    from handwriting.recogniser.reader import Reader
    from handwriting.scribe import Scribe, finished
    from handwriting.spelling import spell
    from handwriting.strokes import MM_PER_UNIT

    lines = [spell(text) for text in texts]
    rows = [Row.of(line, (writing.bias,) * len(line.plain), True, gaps=writing.signs) for line in lines]
    chooser = Reader.from_pretrained(writing.chooser, device) if writing.best_of else None
    network = Scribe.from_pretrained(writing.model, device).network
    drawing = Drawing(network, [row for row in rows if row.text], writing.seed, max(1, writing.best_of), chooser)
    for _ in drawing.draw(range(len(drawing.rows)), None, ATTEMPTS if writing.best_of else 1):
        pass
    best = [drawing.best[row] for row in range(len(drawing.rows))]
    faulty = {"draws": drawing.draws, "faulty_draws": drawing.failures, "faulty_lines": sum(d.faults > 0 for d in best)}
    if not writing.signs:
        return [draw.line.strokes for draw in best], faulty
    return [line.strokes / (MM_PER_UNIT, MM_PER_UNIT, 1.0) for line in finished(rows, drawing)], faulty
