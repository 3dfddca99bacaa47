"""The reader of IAM-OnDB's official layout: on files that the test writes, and on real ones where they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from handwriting.data import load_lines
from handwriting.iam import join_tokens, prepare
from shared.errors import UserError

INK = """<?xml version="1.0" encoding="ISO-8859-1"?>
<WhiteboardCaptureSession><StrokeSet>
<Stroke colour="black" start_time="1" end_time="2"><Point x="10" y="20" time="1"/><Point x="14" y="25" time="1"/></Stroke>
<Stroke colour="black" start_time="2" end_time="3"><Point x="30" y="18" time="2"/></Stroke>
</StrokeSet></WhiteboardCaptureSession>"""


def archive(folder: Path, ink: str = INK) -> Path:
    lines, text = folder / "lineStrokes" / "a01" / "a01-000", folder / "ascii" / "a01" / "a01-000"
    lines.mkdir(parents=True)
    text.mkdir(parents=True)
    (lines / "a01-000u-01.xml").write_text(ink)
    (lines / "a01-000u-03.xml").write_text(ink)
    (text / "a01-000u.txt").write_text("OCR:\n\nno\n\nCSR:\n\nMr . Foot 's\nsecond\n")
    (folder / "testset_v.txt").write_text(" a01-000u\n")
    return folder


def test_lines_are_gathered(tmp_path: Path) -> None:
    said = prepare(archive(tmp_path), tmp_path / "lines.npz")
    assert said == f"wrote 2 lines, 6 points, to {tmp_path / 'lines.npz'}; 1 have no text"
    data = dict(np.load(tmp_path / "lines.npz").items())
    assert data["dx"].tolist() == [0, 4, 16, 0, 4, 16]
    assert data["dy"].tolist() == [0, 5, -7, 0, 5, -7]
    assert data["pen_up"].tolist() == [0, 1, 1, 0, 1, 1]
    assert data["start"].tolist() == [[10, 20]] * 2
    assert data["text"].tolist() == ["Mr . Foot 's", ""]
    assert data["text_norm"].tolist() == ["Mr. Foot's", ""]
    assert data["split"].tolist() == [1, 1]
    assert load_lines(tmp_path / "lines.npz").length(0) == 3


@pytest.mark.parametrize(
    ("ink", "message"),
    [
        ("<WhiteboardCaptureSession><StrokeSet>", "is not the ink of a line"),
        ("<a><Stroke></Stroke></a>", "holds no point"),
        ('<a><Stroke><Point x="1"/></Stroke></a>', "is not the ink of a line"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "is not the ink of a line"),
    ],
)
def test_damaged_files_are_named(ink: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        prepare(archive(tmp_path, ink), tmp_path / "lines.npz")
    assert not (tmp_path / "lines.npz").exists()


def test_missing_parts_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="lacks lineStrokes and ascii"):
        prepare(tmp_path, tmp_path / "lines.npz")
    (tmp_path / "ascii").mkdir()
    with pytest.raises(UserError, match="lacks lineStrokes;"):
        prepare(tmp_path, tmp_path / "lines.npz")


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("But , at last , Gaunt", "But, at last, Gaunt"),
        ("didn ' t mean I 've", "didn't mean I've"),
        ("( Board of Trade ) .", "(Board of Trade)."),
        ("more than 15 , 000 , 000", "more than 15,000,000"),
        ("lace - paying", "lace - paying"),
        ('"I be"', '"I be"'),
    ],
)
def test_spaces_of_the_tokeniser_go(tokens: str, text: str) -> None:
    assert join_tokens(tokens) == text


@pytest.mark.data
def test_real_archive_gives_the_known_points(data: Path, tmp_path: Path) -> None:
    prepare(data / "iam-ondb" / "official", tmp_path / "lines.npz")
    mine, known = (dict(np.load(file).items()) for file in (tmp_path / "lines.npz", data / "iam-ondb" / "lines.npz"))
    row = {name: number for number, name in enumerate(known["line_id"].tolist())}
    assert len(mine["line_id"]) == 61
    for number, name in enumerate(mine["line_id"].tolist()):
        here, there = (
            slice(file["offset"][i], file["offset"][i + 1]) for file, i in ((mine, number), (known, row[name]))
        )
        for key in ("dx", "dy", "pen_up"):
            assert np.array_equal(mine[key][here], known[key][there]), (name, key)
        for key in ("length", "start", "text", "text_norm", "split"):
            assert np.array_equal(mine[key][number], known[key][row[name]]), (name, key)
