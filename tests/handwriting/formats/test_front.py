"""What holds of every format: files appear whole or not at all, and bad ones are refused in one line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from handwriting import formats
from handwriting.formats import READ, WRITTEN, encode, read_ink, write_ink
from handwriting.page import Page
from handwriting.strokes import split
from shared.errors import UserError

BOMB = '<!DOCTYPE ink [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><ink><trace>&b;</trace></ink>'

NOTE = '<xournal><page width="9" height="9"><layer><stroke width="{1}">{0}</stroke></layer></page></xournal>'


@pytest.mark.parametrize("ending", WRITTEN)
def test_every_format_is_written_and_the_same_ink_gives_the_same_file(ending: str, page: Page, tmp_path: Path) -> None:
    (file,) = write_ink(page, tmp_path / f"ink{ending}")
    assert file.read_bytes() == encode(page, ending)[0]
    assert len(file.read_bytes()) > 500
    assert [found.name for found in tmp_path.iterdir()] == [f"ink{ending}"]


@pytest.mark.parametrize("ending", WRITTEN)
def test_several_pages_share_a_file_or_are_numbered(ending: str, page: Page, tmp_path: Path) -> None:
    files = write_ink([page, page], tmp_path / f"ink{ending}")
    shared = ending in (".pdf", ".xopp", ".inkml", ".json")
    assert [file.name for file in files] == ([f"ink{ending}"] if shared else [f"ink-1{ending}", f"ink-2{ending}"])
    assert sorted(file.name for file in tmp_path.iterdir()) == [file.name for file in files]


@pytest.mark.parametrize("ending", [".json", ".inkml"])
def test_ink_is_read_back(ending: str, page: Page, tmp_path: Path) -> None:
    (file,) = write_ink([page, page], tmp_path / f"ink{ending}")
    for read in read_ink(file):
        assert read.paper == page.paper
        assert [line.text for line in read.lines] == [line.text for line in page.lines]
        assert [line.pen for line in read.lines] == [line.pen for line in page.lines]
        assert read.text == page.text
        for one, other in zip(read.lines, page.lines, strict=True):
            for mine, known in zip(split(one.strokes), split(other.strokes), strict=True):
                np.testing.assert_allclose(mine, known, atol=0.51e-6, rtol=0)
    assert encode(read_ink(file), ending)[0] == file.read_bytes()


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf", ".json"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    ending: str, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"ink{ending}"
    file.write_bytes(b"old")

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UserError, match="No space left on device"):
        write_ink(page, file)
    assert [found.name for found in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ink.docx", "the formats are .svg, .animated.svg"),
        ("ink", "the formats are"),
        ("none/ink.svg", "there is no folder"),
        ("folder.svg", "it is a folder"),
        ("ink.xml", "the formats are"),
    ],
)
def test_places_that_cannot_be_written(name: str, message: str, page: Page, tmp_path: Path) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(UserError, match=message):
        write_ink(page, tmp_path / name)
    assert [found.name for found in tmp_path.iterdir()] == ["folder.svg"]


def test_no_page_is_refused() -> None:
    with pytest.raises(UserError, match="no page"):
        encode([], ".pdf")


def ink_of(points: int) -> str:
    return json.dumps([[[number, 0] for number in range(points)]])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "", "is empty"),
        ("a.json", " \n", "is empty"),
        ("a.json", "{", "it is not JSON"),
        ("a.json", "\x89PNG", "it is not JSON"),
        ("a.json", "[" * 100_000, "it is not JSON"),
        ("a.json", "{}", "not ink as `handwriting write"),
        ("a.json", '"text"', "not ink as"),
        ("a.json", "3", "not ink as"),
        ("a.json", '[["a"]]', "not ink as"),
        ("a.json", "[[[1]]]", "not ink as|one point"),
        ("a.json", "[]", "no stroke"),
        ("a.json", "[[]]", "no stroke"),
        ("a.json", "[[[1, 2]]]", "one point"),
        ("a.json", "[[[1, 2], [NaN, 3]]]", "NaN where a number should be"),
        ("a.json", "[[[1, 2], [1e999, 3]]]", "point 2 of 2 is not a number"),
        ("a.json", "[[[1, 2], [1e300, 3]]]", "point 2 of 2 lies over"),
        ("a.json", f"[[[1, 2], [{10**400}, 3]]]", "not ink as"),
        ("a.json", ink_of(600_000), "600,000 points; at most 500,000"),
        ("a.json", '{"format": "other", "pages": []}', "of another kind"),
        ("a.json", '{"format": "handwriting", "version": 2, "pages": []}', "newer version"),
        ("a.json", '{"format": "handwriting", "version": 1, "pages": []}', "no stroke"),
        ("a.json", '{"format": "handwriting", "version": 1, "pages": [{}]}', "'paper' is missing"),
        ("a.inkml", "", "is empty"),
        ("a.inkml", "<ink>", "it is not InkML"),
        ("a.inkml", "{}", "it is not InkML"),
        ("a.inkml", BOMB, "entities, as bombs do"),
        ("a.inkml", "<ink>" + "<traceGroup>" * 20_000 + "</traceGroup>" * 20_000 + "</ink>", "nested over 100 deep"),
        ("a.inkml", "<svg/>", "begins with <svg>"),
        ("a.inkml", "<ink/>", "no stroke"),
        ("a.inkml", "<ink><trace>1 2</trace></ink>", "one point"),
        ("a.inkml", "<ink><trace>1 2, nan 3</trace></ink>", "point 2 of 2 is not a number"),
        ("a.inkml", "<ink><trace>1 2, ? 3</trace></ink>", "has no place"),
        ("a.inkml", "<ink><trace>1 2, 3</trace></ink>", "expected 2 numbers"),
        ("a.inkml", "<ink><trace>1 2, ha ha</trace></ink>", "expected 2 numbers"),
        ("a.inkml", '<ink><traceFormat><channel name="F"/></traceFormat><trace>1, 2</trace></ink>', "not X and Y"),
        ("a.xopp", "", "is empty"),
        ("a.xopp", "<xournal>", "no notes of Xournal"),
        ("a.xopp", BOMB, "entities, as bombs do"),
        ("a.xopp", "<svg/>", "begins with <svg>"),
        ("a.xopp", "\x1f\x8b\x08", "it is cut short"),
        ("a.xopp", "\x1f\x8bnothing", "it cannot be unpacked"),
        ("a.xoj", "<xournal/>", "no stroke"),
        ("a.xoj", "<xournal><page width='9'/></xournal>", "a page is 9 by None"),
        ("a.xoj", NOTE.format("1 2 3 4", "wide"), "a stroke is 'wide' wide"),
        ("a.xoj", NOTE.format("1 2 3 4", ""), "a stroke is '' wide"),
        ("a.xoj", NOTE.format("1 2 3 4", -1), "a pen's width must be over 0"),
        ("a.xoj", NOTE.format("1 2 3", 1), "a stroke has '1 2 3', not pairs"),
        ("a.xoj", NOTE.format("1 2 nan 4", 1), "point 2 of 2 is not a number"),
        ("a.xml", "<ink/>", "no stroke"),
        ("a.xml", "<a", "not the ink of a line"),
        ("a.xml", BOMB, "not the ink of a line"),
        ("a.txt", "hello", "ink is read from .inkml, .json, .xopp, .xoj, .xml"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_in_one_line(name: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="latin-1")
    with pytest.raises(UserError, match=message) as error:
        read_ink(tmp_path / name)
    assert len(str(error.value).splitlines()) == 1
    assert len(str(error.value)) < 300
    assert name in str(error.value)


@pytest.mark.parametrize("ending", READ)
def test_folders_and_missing_files_are_refused(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"folder{ending}").mkdir()
    with pytest.raises(UserError, match="it is a folder"):
        read_ink(tmp_path / f"folder{ending}")
    with pytest.raises(UserError, match="it is a folder"):
        read_ink(tmp_path)
    with pytest.raises(UserError, match="No such file"):
        read_ink(tmp_path / f"none{ending}")


def test_files_are_not_read_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "LARGEST_FILE", 2**20)
    (tmp_path / "a.json").write_bytes(b" " * (2**20 + 1))
    with pytest.raises(UserError, match="larger than 1 MiB"):
        read_ink(tmp_path / "a.json")
    (tmp_path / "a.xopp").write_bytes(gzip.compress(b" " * (2**20 + 1)))
    with pytest.raises(UserError, match="larger than 1 MiB when it is unpacked"):
        read_ink(tmp_path / "a.xopp")


def test_a_line_of_the_data_base_is_read_in_mm(tmp_path: Path) -> None:
    ink = '<a><Stroke><Point x="100" y="200"/><Point x="200" y="200"/></Stroke><Stroke><Point x="300" y="250"/></Stroke></a>'
    (tmp_path / "a.xml").write_text(ink)
    (read,) = read_ink(tmp_path / "a.xml")
    np.testing.assert_allclose(read.strokes, [[1.6, 3.2, 0], [1.6, 0, 1], [1.6, 0.8, 1]])
