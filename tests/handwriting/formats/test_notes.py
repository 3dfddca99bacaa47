"""Notes of Xournal++: ours for it, and its own for us."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handwriting.formats import decode, encode, png, write_ink
from handwriting.page import Page, Paper, Pen
from handwriting.strokes import split

THEIRS = """<?xml version="1.0" standalone="no"?>
<xournal creator="Xournal++ 1.1.3" fileversion="4">
<title>Xournal++ document - see https://github.com/xournalpp/xournalpp</title>
<preview>iVBORw0KGgo=</preview>
<page width="720" height="360">
<background type="solid" color="#ffffffff" style="lined"/>
<layer name="notes">
<stroke tool="pen" ts="0" fn="" color="#3333ccff" width="1.41 0.5 0.8" capStyle="round">72 36 144 72 72 72</stroke>
<stroke tool="highlighter" color="#ffff007f" width="19">0 0 10 10</stroke>
<stroke tool="eraser" color="white" width="19">0 0 10 10</stroke>
<text font="Sans" size="12" x="100" y="300" color="#000000ff" ts="0" fn="">typed</text>
<stroke tool="pen" color="#3333ccff" width="1.41">72 72 144 36</stroke>
</layer>
<layer><stroke tool="pen" color="black" width="2.82">36 36 72 72</stroke></layer>
</page>
</xournal>
"""


@pytest.mark.parametrize("ending", [".xopp", ".xoj"])
@pytest.mark.parametrize("packed", [True, False])
def test_notes_of_others(packed: bool, ending: str) -> None:
    (page,) = decode(gzip.compress(THEIRS.encode()) if packed else THEIRS.encode(), ending, "theirs")
    assert (page.paper.width, page.paper.height) == pytest.approx((254, 127))
    assert page.text == ""
    assert [line.pen.colour for line in page.lines] == ["#3333cc", "#000000"]
    assert [line.pen.width for line in page.lines] == pytest.approx([1.41 * 25.4 / 72, 2.82 * 25.4 / 72])
    blue, black = (split(line.strokes) for line in page.lines)
    np.testing.assert_allclose(blue[0], [[25.4, 12.7], [50.8, 25.4], [25.4, 25.4]])
    np.testing.assert_allclose(blue[1], [[25.4, 25.4], [50.8, 12.7]])
    np.testing.assert_allclose(black, [[[12.7, 12.7], [25.4, 25.4]]])


def test_ours_are_read_back_as_ink_without_the_paper(page: Page) -> None:
    ruled = replace(page, paper=Paper(60, 50, "#fffff0", "ruled"))
    first, second = decode(encode([ruled, page], ".xopp")[0], ".xopp", "ours")
    assert (first.paper.width, first.paper.height) == pytest.approx((60, 50), abs=1e-3)
    assert first.text == second.text == page.text
    assert [line.pen.colour for line in first.lines] == [line.pen.colour for line in page.lines]
    assert [line.pen.width for line in first.lines] == pytest.approx([line.pen.width for line in page.lines], abs=1e-3)
    for found, line in zip(first.lines, page.lines, strict=True):
        for mine, known in zip(split(found.strokes), split(line.strokes), strict=True):
            distances = np.hypot(*(mine[:, None] - known[None]).transpose(2, 0, 1))
            assert distances.min(0).max() < 1e-3  # every point is on the curve
            assert len(mine) == (4 * (len(known) - 1) + 1 if len(known) > 1 else 2)


def test_a_line_on_no_page_begins_at_its_margin(page: Page) -> None:
    bare = Page.around(page.strokes, "Dear Ann", Pen())
    (found,) = decode(encode(bare, ".xopp")[0], ".xopp", "ours")
    assert found.text == "Dear Ann"
    assert np.cumsum(found.strokes[:, :2], 0).min(0) == pytest.approx(
        [4.0, 4.0], abs=0.1
    )  # the curve swings out a little


@pytest.mark.skipif(not shutil.which("xournalpp"), reason="Xournal++ is not installed")
def test_xournalpp_draws_what_we_draw(page: Page, tmp_path: Path) -> None:
    write_ink(replace(page, paper=Paper(60, 50, "#fffff0", "squared")), tmp_path / "ink.xopp")
    command = ["xournalpp", f"--create-img={tmp_path / 'seen.png'}", tmp_path / "ink.xopp"]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    ours = png.draw(replace(page, paper=Paper(60, 50, "#fffff0", "squared")))
    with Image.open(tmp_path / "seen.png") as image:
        seen = np.asarray(image.convert("RGB").resize(ours.size), dtype=float)
    assert np.abs(seen - np.asarray(ours, dtype=float)).mean() < 4
