"""Pictures on a page: in every format that can hold one, where they were laid, under the ink."""

from __future__ import annotations

import base64
import gzip
import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from handwriting.formats import WRITTEN, encode, png
from handwriting.page import Page, Paper
from handwriting.picture import Picture
from shared.errors import UserError

SVG = "{http://www.w3.org/2000/svg}"
ALT = 'A "red" <dog> & co'
BOX = (5.0, 8.0, 20.0, 10.0)


def red() -> Picture:
    return Picture.of(Image.new("RGB", (40, 20), "red"), BOX, ALT)


def glass() -> Picture:
    """Clear on the left, green on the right."""
    image = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    image.paste((0, 128, 0, 255), (10, 0, 20, 10))
    return Picture.of(image, (30.0, 20.0, 20.0, 10.0))


@pytest.fixture
def card(page: Page) -> Page:
    return replace(page, paper=Paper(60, 50, "#fffdf3"), pictures=(red(), glass()))


def assert_is_the_card(picture: Image.Image, resolution: float, near: int) -> None:
    pixels = np.asarray(picture.convert("RGB")).astype(int)

    def at(x: float, y: float) -> np.ndarray:
        return pixels[round(y * resolution), round(x * resolution)]

    paper, fire, green = (255, 253, 243), (254, 0, 0), (0, 128, 0)
    for x, y, colour in (
        (4.7, 12, paper), (5.3, 12, fire), (24.7, 9, fire), (25.4, 9, paper), (8, 7.7, paper), (8, 17.7, fire),
        (32, 22, paper), (45, 22, green), (45, 28, green),
    ):  # fmt: skip
        assert np.abs(at(x, y) - colour).max() <= near, (x, y)
    # The first stroke of the ink begins at 10, 20 and rises to the picture, where it covers it.
    arch = at(13.5, 15)
    assert arch[0] < 128 < at(13.5, 13)[0]


def test_png_shows_pictures_under_the_ink(card: Page) -> None:
    assert_is_the_card(png.draw(card), 12.0, 3)


def test_gif_shows_them_from_the_beginning_to_the_end(card: Page) -> None:
    with Image.open(io.BytesIO(encode(card, ".gif")[0])) as film:
        blank = film.convert("RGB")
        film.seek(film.n_frames - 1)
        assert_is_the_card(film.convert("RGB"), 6.0, 12)
    difference = np.abs(np.asarray(blank).astype(int) - np.asarray(png.blank(card, 6.0)).astype(int))
    assert difference.mean() < 1
    assert blank.getpixel((0, 0)) == (255, 253, 243)


def test_a_photo_in_a_gif_is_shaded_finely(card: Page) -> None:
    shades = np.linspace(0, 255, 400).astype(np.uint8)
    photo = Image.fromarray(np.broadcast_to(shades[None, :, None], (200, 400, 3)).copy())
    content = encode(replace(card, pictures=(Picture.of(photo, BOX),)), ".gif")[0]
    with Image.open(io.BytesIO(content)) as film:
        seen = np.asarray(film.convert("L")).astype(int)[60:80, 31:149]
    assert np.abs(seen - np.linspace(0, 255, 118)).mean() < 6


@pytest.mark.parametrize("ending", [".svg", ".animated.svg"])
def test_svg_holds_the_files_and_tells_what_they_show(card: Page, ending: str) -> None:
    root = ElementTree.fromstring(encode(card, ending)[0])
    printed, *_ = root.findall(f"{SVG}g")
    assert [child.tag.removeprefix(SVG) for child in printed] == ["rect", "image", "image"]
    shown, decoration = printed.findall(f"{SVG}image")
    assert [float(shown.get(side, "")) for side in ("x", "y", "width", "height")] == list(BOX)
    assert (shown.findtext(f"{SVG}title"), shown.get("role")) == (ALT, "img")
    assert decoration.get("aria-hidden") == "true"
    kind, _, content = shown.get("href", "").partition(",")
    assert (kind, base64.b64decode(content)) == ("data:image/jpeg;base64", card.pictures[0].content)
    assert decoration.get("href", "").startswith("data:image/png;base64,")


def test_pdf_holds_the_photo_as_it_is_and_tells_what_it_shows(card: Page) -> None:
    content = encode(card, ".pdf")[0]
    assert card.pictures[0].content in content
    assert content.count(b"/Subtype /Image") == 3  # the transparent one has a mask
    (alt,) = re.findall(rb"/Alt \((.*?)\)\n", content)
    assert alt.decode() == ALT
    assert content == encode(card, ".pdf")[0]


def test_notes_hold_the_colours_of_print_too(card: Page) -> None:
    file = io.BytesIO()
    Image.new("CMYK", (4, 2), (0, 255, 255, 0)).save(file, "JPEG")
    assert encode(replace(card, pictures=[Picture(file.getvalue(), *BOX)]), ".xopp")


def test_notes_hold_them_as_png(card: Page) -> None:
    found, _ = re.findall(rb"<image (.*?)>(.*?)</image>", gzip.decompress(encode(card, ".xopp")[0]))
    place = dict(re.findall(r'(\w+)="(.*?)"', found[0].decode()))
    left, top, width, height = np.array(BOX) / 25.4 * 72
    assert [float(place[side]) for side in ("left", "top", "right", "bottom")] == pytest.approx(
        [left, top, left + width, top + height], abs=1e-3
    )
    with Image.open(io.BytesIO(base64.b64decode(found[1]))) as shown:
        assert shown.format == "PNG"
        assert np.abs(np.asarray(shown.convert("RGB")).astype(int) - [254, 0, 0]).max() < 3


@pytest.mark.skipif(not shutil.which("xournalpp"), reason="Xournal++ is not installed")
def test_xournalpp_shows_pictures_under_the_ink(card: Page, tmp_path: Path) -> None:
    (tmp_path / "card.xopp").write_bytes(encode(card, ".xopp")[0])
    command = ["xournalpp", f"--create-img={tmp_path / 'card.png'}", tmp_path / "card.xopp"]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    with Image.open(tmp_path / "card.png") as picture:
        assert_is_the_card(picture, picture.width / card.paper.width, 24)  # it blurs edges


@pytest.mark.parametrize("ending", [".inkml", ".json", ".hpgl", ".gcode"])
def test_formats_of_ink_leave_them_out(card: Page, ending: str) -> None:
    if ending in (".hpgl", ".gcode"):
        pytest.importorskip("vpype_gcode")
    assert encode(card, ending) == encode(replace(card, pictures=()), ending)


def test_every_format_takes_a_page_with_pictures_and_no_ink(card: Page) -> None:
    bare = replace(card, lines=())
    for ending in set(WRITTEN) - {".hpgl", ".gcode"}:
        assert encode(bare, ending)[0]


@pytest.mark.parametrize(
    ("content", "box", "message"),
    [
        (b"GIF89a", BOX, "must be a JPEG or a PNG"),
        (b"", BOX, "must be a JPEG or a PNG"),
        (b"<svg>", BOX, "must be a JPEG or a PNG"),
        (red().content, (0, 0, 0, 10), "two sides over 0 mm"),
        (red().content, (float("nan"), 0, 5, 10), "needs a place"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, box: tuple[float, ...], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Picture(content, *box)
