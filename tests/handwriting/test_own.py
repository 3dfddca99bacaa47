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
from handwriting.strokes import join, split
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


def notes(file: Path, *texts: str) -> Path:
    """A page with a line for each text, all in one pen, as whoever wrote it by hand has it."""
    lines = [stroke * 0.1 + [0, 20 * number] for number in range(len(texts)) for stroke in split(ink())]
    formats.write_ink(Page(Paper(200, 300), (Line(join(lines)),)), file)
    file.with_suffix(".txt").write_text("\n\n".join(texts))
    return file


@pytest.mark.parametrize("ending", [".xopp", ".inkml", ".json"])
def test_pages_are_read_with_the_text_beside_them(ending: str, tmp_path: Path, caplog) -> None:
    lines = load_lines(notes(tmp_path / f"mine{ending}", TEXT, "Hi,", "Hello wörld"))
    assert lines.texts == [TEXT, "Hello world"]
    assert lines.split.tolist() == [0, 1]
    assert lines.usable.all()
    (left_out,) = caplog.messages
    assert left_out.startswith(f"line 2 of {tmp_path / 'mine'}{ending} is left out: a line has 5 to 80 characters")


def test_pages_may_tell_their_text_themselves(tmp_path: Path) -> None:
    pages = [Page(Paper(100, 100), (Line(ink() * [0.1, 0.1, 1], text),)) for text in ("one page", "another")]
    formats.write_ink(pages, tmp_path / "mine.inkml")
    (tmp_path / "mine.txt").write_text("something that was saved beside it")
    assert load_lines(tmp_path / "mine.inkml").texts == ["one page", "another"]


def test_pages_whose_text_is_unknown_are_refused(tmp_path: Path) -> None:
    file = notes(tmp_path / "mine.xopp", TEXT, TEXT)
    file.with_suffix(".txt").write_text(f"{TEXT}\n{TEXT}\n{TEXT}")
    with pytest.raises(UserError, match="holds 2 lines of ink, and its text has 3"):
        load_lines(file)
    file.with_suffix(".txt").unlink()
    with pytest.raises(UserError, match="write it into mine.txt beside it, line by line"):
        load_lines(file)


@pytest.mark.parametrize("ending", [".jsonl", ".xopp"])
def test_a_network_is_fine_tuned_on_them(ending: str, tmp_path: Path, model_folder: Path, monkeypatch, capsys) -> None:
    data = notes(tmp_path / "mine.xopp", TEXT, TEXT, TEXT)
    if ending == ".jsonl":
        data = tmp_path / "mine.jsonl"
        data.write_text("\n".join([row(), row(-0.4), row()]))
    options = ["--training.epochs", "1"]
    command = ["train", "--from", model_folder, "--data", data, "--out", tmp_path / "run", *options]
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command)])
    assert main() == 0
    assert (tmp_path / "run" / "best" / "model.safetensors").exists()
    assert '"updates": ' in capsys.readouterr().out
