"""A user's own lines: read, refused, and learnt from."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from handwriting import formats
from handwriting.cli import main
from handwriting.data import load_lines
from handwriting.page import Line, Page, Paper
from handwriting.strokes import split
from shared.errors import UserError
from tests.handwriting.styles.test_normal import TEXT, ink


def row(slant: float = 0.0, text: str = TEXT) -> str:
    return json.dumps({"text": text, "strokes": [stroke.tolist() for stroke in split(ink(slant))]})


def test_rows_become_lines_of_one_size(tmp_path: Path) -> None:
    ours = formats.encode(Page(Paper(100, 100), (Line(ink() * [0.1, 0.1, 1], "Héllo world"),)), ".json")[0].decode()
    file = tmp_path / "mine.jsonl"
    file.write_text("\n".join([row(), "", row(-0.4), ours.strip(), *[row()] * 9]))
    lines = load_lines(file)
    assert lines.texts[:3] == [TEXT, TEXT, "Hello world"]
    assert lines.split.tolist() == [0] * 9 + [1] + [0] * 2
    assert lines.usable.all()
    np.testing.assert_allclose(lines.strokes(0), lines.strokes(2), atol=1e-3)
    assert lines.length(0) == len(lines.strokes(0))
    assert len(lines.of([0])) == 11


def test_a_row_of_several_pages_is_read_whole(tmp_path: Path) -> None:
    pages = [Page(Paper(100, 100), (Line(ink() * [0.1, 0.1, 1], text),)) for text in ("one page", "another")]
    (tmp_path / "mine.jsonl").write_bytes(formats.encode(pages, ".json")[0])
    assert load_lines(tmp_path / "mine.jsonl").texts == ["one page", "another"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has 0 lines"),
        (row(), "has 1 line;"),
        (f"{row()}\n{{", "row 2, cannot be read: it is not JSON"),
        (f"{row()}\n{row(text='')}", "row 2, is no line to learn from: .* got no text"),
        (f'{row()}\n{{"text": "hello", "strokes": [[[0, 0], [NaN, 1]]]}}', "row 2, cannot be read: it holds NaN"),
        (f'{row()}\n{{"text": "hello", "strokes": [[[0, 0]]]}}', "row 2, holds one point"),
    ],
)
def test_rows_that_are_no_lines_are_told(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text(content)
    with pytest.raises(UserError, match=message):
        load_lines(tmp_path / "mine.jsonl")


def test_a_network_is_fine_tuned_on_them(tmp_path: Path, model_folder: Path, monkeypatch, capsys) -> None:
    (tmp_path / "mine.jsonl").write_text("\n".join([row(), row(-0.4), row()]))
    options = ["--training.epochs", "1"]
    command = ["train", "--from", model_folder, "--data", tmp_path / "mine.jsonl", "--out", tmp_path / "run", *options]
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command)])
    assert main() == 0
    assert (tmp_path / "run" / "best" / "model.safetensors").exists()
    assert '"updates": ' in capsys.readouterr().out
