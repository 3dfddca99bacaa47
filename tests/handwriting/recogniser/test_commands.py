"""The commands as users call them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from handwriting.cli import main
from handwriting.data import load_lines
from handwriting.formats import write_ink
from handwriting.page import Line, Page, Paper
from handwriting.recogniser.network import Recogniser
from handwriting.recogniser.reader import Reader


@pytest.fixture
def reader(recogniser: Recogniser, tmp_path: Path) -> Path:
    recogniser.save_pretrained(tmp_path / "reader")
    return tmp_path / "reader"


@pytest.fixture
def page(lines_file: Path, tmp_path: Path) -> Path:
    """A page of two lines of ink."""
    lines = load_lines(lines_file)
    ink = [Line(lines.strokes(line) * np.array([0.016, 0.016, 1.0])) for line in (0, 1)]
    return write_ink(Page(Paper(100, 50), ink), tmp_path / "page.json")[0]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, arguments)])
    return main()


def test_read_prints_a_row_for_each_line(reader, page, lines_file, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "read", page, "--reader", reader, "--beam", 1) == 0
    lines = load_lines(lines_file)
    expected = Reader.from_pretrained(reader).read([lines.strokes(line) for line in (0, 1)])
    assert capsys.readouterr().out.splitlines() == expected


def test_read_prints_several_texts_with_their_probabilities(reader, page, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "read", page, "--reader", reader, "--beam", 8, "--best", 3) == 0
    blocks = capsys.readouterr().out.removesuffix("\n\n").split("\n\n")
    assert [len(block.splitlines()) for block in blocks] == [3, 3]
    numbers = [float(row.split("\t")[0]) for row in blocks[0].splitlines()]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] <= 0


def test_a_file_that_is_no_ink_does_not_keep_the_others_from_being_read(
    reader, page, tmp_path, monkeypatch, capsys
) -> None:
    (tmp_path / "letter.txt").write_text("not ink")
    assert run(monkeypatch, "read", tmp_path / "letter.txt", page, "--reader", reader) == 1
    output = capsys.readouterr()
    assert "letter.txt" in output.err
    assert len(output.out.splitlines()) == 2


@pytest.mark.parametrize("options", [("--best", 0), ("--beam", 4, "--best", 5), ("--beam", 0)])
def test_impossible_searches_are_refused(options, page, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "read", page, *options) == 2
    assert "must be" in capsys.readouterr().err


def test_proofread_measures_real_ink_and_ink_of_a_network(
    reader, lines_file, model_folder, monkeypatch, capsys
) -> None:
    arguments = ["proofread", "--data", lines_file, "--reader", reader, "--lines", 4]
    assert run(monkeypatch, *arguments) == 0
    real = json.loads(capsys.readouterr().out)
    assert real["ink"] == "real"
    assert (real["split"], real["lines"]) == (3, 4)
    assert run(monkeypatch, *arguments, "--writing.model", model_folder, "--writing.seed", 5) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["ink"] == {
        "model": str(model_folder),
        "bias": 0.75,
        "seed": 5,
        "best_of": 0,
        "signs": False,
        "chooser": "reader",
    }
    assert written["draws"] == 4
    assert written["faulty_draws"] == written["faulty_lines"]
    assert written["characters"] == real["characters"]
    assert "torch" in written["versions"]
    chosen = ["--writing.model", model_folder, "--writing.best-of", 2, "--writing.chooser", reader]
    assert run(monkeypatch, *arguments, *chosen, "--writing.signs", "true") == 0
    chosen = json.loads(capsys.readouterr().out)
    assert chosen["draws"] >= 8
    assert chosen["faulty_lines"] <= 4


def test_teach_trains_and_goes_on(lines_file, tmp_path, monkeypatch, capsys) -> None:
    arguments = [
        "teach",
        "--data",
        lines_file,
        "--out",
        tmp_path / "run",
        "--model.hidden-size",
        4,
        "--model.layers",
        1,
    ]
    assert run(monkeypatch, *arguments, "--training.epochs", 1) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(monkeypatch, *arguments, "--training.epochs", 2, "--resume") == 0
    second = json.loads(capsys.readouterr().out)
    assert second["updates"] == 2 * first["updates"]
    assert run(monkeypatch, "read", "none.json", "--reader", second["reader"]) == 1
