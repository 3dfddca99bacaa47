"""PNG, GIF and PDF: what is seen is the ink, where it was put, and as large."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageChops

from handwriting.formats import encode, gif, png
from handwriting.pace import pen_times
from handwriting.page import Line, Page, Paper, Pen
from handwriting.strokes import join
from shared.errors import UserError


def test_png_shows_each_ink_where_it_lies_and_knows_its_size(page: Page) -> None:
    with Image.open(BytesIO(encode(page, ".png")[0])) as picture:
        assert picture.size == (720, 600)
        assert picture.info["dpi"][0] == pytest.approx(304.8, abs=0.1)
        assert picture.info["Title"] == page.text
        assert picture.info["Comment"] == "seed 7; bias 0.75"
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    x, y = 10 * 12, 20 * 12  # the first point of the first line
    assert pixels[y, x].tolist() == [0x1C, 0x2B, 0x57]
    assert pixels[30 * 12, 12 * 12].tolist() == [0xDC, 0x14, 0x3C]
    assert (pixels[: 14 * 12] == 255).all()


def test_a_straight_line_is_as_wide_as_the_pen_and_has_round_ends() -> None:
    ink = join([np.array([[5.0, 5.0], [15.0, 5.0]])])
    picture = np.asarray(png.draw(Page(Paper(20, 10), (Line(ink, "", Pen("black", 1.0)),)), 10.0).convert("L"))
    cover = 1 - picture / 255
    assert cover[:, 100].sum() == pytest.approx(10, abs=0.6)
    assert cover[50].sum() == pytest.approx(110, abs=1.0)
    assert cover.sum() == pytest.approx(10 * 100 + np.pi * 25, rel=0.03)


def test_a_dot_is_drawn() -> None:
    ink = join([np.array([[5.0, 5.0]])])
    picture = png.draw(Page(Paper(10, 10), (Line(ink, "", Pen("black", 1.0)),)), 10.0).convert("L")
    assert (1 - np.asarray(picture) / 255).sum() == pytest.approx(np.pi * 25, rel=0.15)


def test_pictures_beyond_all_bounds_are_refused() -> None:
    page = Page(Paper(2000, 2000), ())
    for ending in (".png", ".gif"):
        with pytest.raises(UserError, match="over 100 million pixels"):
            encode(page, ending) if ending == ".png" else gif.write([page], 12.0)


def frames(content: bytes) -> tuple[list[Image.Image], list[float]]:
    with Image.open(BytesIO(content)) as film:
        assert "loop" not in film.info
        pictures, seconds = [], []
        for number in range(film.n_frames):
            film.seek(number)
            pictures.append(film.convert("RGB"))
            seconds.append(film.info["duration"] / 1000)
    return pictures, seconds


@pytest.mark.parametrize("paper", [Paper(60, 50), Paper(60, 50, "#fffdf3", "ruled")])
def test_gif_begins_blank_grows_at_a_hands_pace_and_ends_with_the_page(page: Page, paper: Paper) -> None:
    page = replace(page, paper=paper)
    content = encode(page, ".gif")[0]
    pictures, seconds = frames(content)
    assert ImageChops.difference(pictures[0], png.blank(page, 6.0)).convert("L").getextrema()[1] < 10
    assert ImageChops.difference(pictures[-1], png.draw(page, 6.0)).convert("L").getextrema()[1] < 40
    darkness = [255 * 360 * 300 - int(np.asarray(picture.convert("L"), dtype=np.int64).sum()) for picture in pictures]
    assert darkness == sorted(darkness)
    assert sum(seconds[:-1]) == pytest.approx(pen_times(page.strokes)[-1], abs=0.11)
    assert len(pictures) <= 10 * sum(seconds[:-1]) + 2
    assert len(content) < 20_000


def test_gif_can_be_faster_and_go_on_for_ever(page: Page) -> None:
    slow, fast = gif.write([page]), gif.write([page], speed=2.0, loop=True)
    assert b"NETSCAPE2.0" in fast
    assert b"NETSCAPE2.0" not in slow
    assert len(fast) < len(slow)


def content_of(pdf: bytes) -> str:
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return "\n".join(zlib.decompress(stream).decode("latin-1") for stream in streams if stream[:1] == b"x")


def test_pdf_has_vector_pages_of_their_own_sizes(page: Page) -> None:
    other = replace(page, paper=Paper(100, 200, ruling="squared"))
    pdf = encode([page, other], ".pdf")[0]
    boxes = [tuple(map(float, box)) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)]
    assert len(set(boxes)) == 2
    for box, paper in zip(dict.fromkeys(boxes), (page.paper, other.paper), strict=True):
        assert box == pytest.approx((paper.width * 72 / 25.4, paper.height * 72 / 25.4), abs=0.01)
    drawn = content_of(pdf)
    assert len(re.findall(r" c\b", drawn)) == 2 * sum(len(line.strokes) - 3 - 1 for line in page.lines)
    words = 2 * (7 + 1 + 1)  # of the first line each and the spaces between, of the others all at once
    assert drawn.count("3 Tr") == words  # unseen
    assert drawn.count(" Tz ET") == words  # as wide as their ink
    assert b"/Subtype /Image" not in pdf
    assert b"/LC 1" in pdf  # round ends
    assert b"/LJ 1" in pdf
