"""The reader of IAM-OnDB's official layout: on files that the test writes, and on real ones where they lie."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from handwriting.data import load_lines
from handwriting.iam import KNOWN_BAD, ONE_SOURCE, join_tokens, prepare
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
    found = f"wrote 2 lines, 6 points, to {tmp_path / 'lines.npz'}; 1 have no text"
    assert said == f"{found}; there is no trainset.txt, testset_t.txt, testset_f.txt"
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
        ("<WhiteboardCaptureSession><StrokeSet>", "a01-000u-01.xml cannot be read: it is not the ink of a line"),
        ("<a><Stroke></Stroke></a>", "it holds no point"),
        ('<a><Stroke><Point x="1"/></Stroke></a>', "is not the ink of a line"),
        ('<a><Stroke><Point x="1" y="nan"/></Stroke></a>', "is not the ink of a line"),
        ('<a><Stroke><Point x="1" y="40000"/></Stroke></a>', "beyond any tablet"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "is not the ink of a line"),
    ],
)
def test_damaged_files_are_named(ink: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        prepare(archive(tmp_path, ink), tmp_path / "lines.npz")
    assert not (tmp_path / "lines.npz").exists()


def pack(folder: Path, *parts: str, into: Path, name: str = "{}-all.tar.gz") -> None:
    into.mkdir(exist_ok=True)
    for part in parts:
        with tarfile.open(into / name.format(part), "w:gz") as packed:
            packed.add(folder / part, part)


def arrays(file: Path) -> dict[str, list]:
    return {key: value.tolist() for key, value in np.load(file).items()}


@pytest.mark.parametrize("extracted", [(), ("ascii",), ("lineStrokes",)])
def test_packed_archives_give_the_same_lines(extracted: tuple[str, ...], tmp_path: Path) -> None:
    there = archive(tmp_path / "there")
    prepare(there, tmp_path / "there.npz")
    packed = tmp_path / "packed"
    pack(there, "lineStrokes", "ascii", into=packed)
    (packed / "lists").mkdir()
    (there / "testset_v.txt").rename(packed / "lists" / "testset_v.txt")
    for part in extracted:
        (there / part).rename(packed / part)
        (packed / f"{part}-all.tar.gz").write_bytes(b"is not even opened")
    prepare(packed, tmp_path / "packed.npz")
    assert arrays(tmp_path / "packed.npz") == arrays(tmp_path / "there.npz")


def test_one_archive_may_hold_everything(tmp_path: Path) -> None:
    there = archive(tmp_path / "there")
    prepare(there, tmp_path / "there.npz")
    pack(tmp_path, "there", into=tmp_path, name="all.tar.gz")
    prepare(tmp_path / "all.tar.gz", tmp_path / "all.npz")
    assert arrays(tmp_path / "all.npz") == arrays(tmp_path / "there.npz")


def test_missing_parts_are_told_apart(tmp_path: Path) -> None:
    out, there = tmp_path / "lines.npz", archive(tmp_path / "there")
    for parts, message in (
        ((), "lacks lineStrokes and ascii; put lineStrokes-all.tar.gz and ascii-all.tar.gz there"),
        (("ascii",), "lacks lineStrokes; put lineStrokes-all.tar.gz there"),
        (("lineStrokes",), "lacks ascii; put ascii-all.tar.gz there"),
    ):
        folder = tmp_path / "-".join(("some", *parts))
        pack(there, *parts, into=folder)
        with pytest.raises(UserError, match=message):
            prepare(folder, out)
    with pytest.raises(UserError, match="there is no folder"):
        prepare(tmp_path / "none", out)
    assert not out.exists()


def test_what_else_is_missing_is_said(tmp_path: Path) -> None:
    there = archive(tmp_path / "there")
    (there / "testset_v.txt").unlink()
    assert prepare(there, tmp_path / "a.npz").endswith(
        "1 have no text; no split lists (trainset.txt, …) were found, so all lines are in split -1"
    )
    (there / "trainset.txt").write_text("z99-999\n")
    (there / "lineStrokes" / "a01" / "a01-000" / "b02-000-01.xml").write_text(INK)
    (there / "forms.txt").write_text("a01-000u 10168\nb03-000 10169\n")
    assert prepare(there, tmp_path / "a.npz").endswith(
        "1 have no text; 1 lack the text of their form (b02-000, …); 1 have no writer in forms.txt; 3 are in no split; "
        "1 of 1 forms in the split lists have no ink; there is no testset_v.txt, testset_t.txt, testset_f.txt"
    )
    assert arrays(tmp_path / "a.npz")["writer"] == [10168, 10168, -1]


@pytest.mark.parametrize("damage", ["cut off", "no archive"])
def test_damaged_archives_are_named(damage: str, tmp_path: Path) -> None:
    there = archive(tmp_path / "there")
    pack(there, "lineStrokes", "ascii", into=tmp_path / "packed")
    file = tmp_path / "packed" / "lineStrokes-all.tar.gz"
    file.write_bytes(file.read_bytes()[:-60] if damage == "cut off" else b"<html>please register</html>")
    with pytest.raises(UserError, match=r"cannot read .*lineStrokes-all.tar.gz: no .tar.gz, or cut off"):
        prepare(tmp_path / "packed", tmp_path / "lines.npz")
    assert not (tmp_path / "lines.npz").exists()


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
        # Which lines are bad, and whose text had a second source, is known from elsewhere.
        assert int(mine["flags"][number] ^ known["flags"][row[name]]) & ~(KNOWN_BAD | ONE_SOURCE) == 0, name
