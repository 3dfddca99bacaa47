"""The recogniser that travels with the package."""

from __future__ import annotations

from pathlib import Path

from handwriting.data import load_lines
from handwriting.recogniser.distance import character_error_rate
from handwriting.recogniser.network import Recogniser
from handwriting.recogniser.reader import Reader
from handwriting.scribe import Scribe


def test_it_is_small() -> None:
    folder = Recogniser.shipped / "reader"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3 * 2**20


def test_it_reads_people(data: Path) -> None:
    lines = load_lines(data / "iam-ondb" / "lines.npz")
    chosen = lines.of([3])[::80]
    read = Reader.from_pretrained().read([lines.strokes(line) for line in chosen])
    assert character_error_rate(read, [lines.texts[line] for line in chosen]) < 0.12


def test_it_reads_the_shipped_scribe() -> None:
    text = "the morning was cold and bright"
    ink = Scribe.from_pretrained().write(text, seed=1, bias=1.0, best_of=4)
    read = Reader.from_pretrained().read([line.strokes for line in ink.lines])
    assert character_error_rate(read, [text]) < 0.2
