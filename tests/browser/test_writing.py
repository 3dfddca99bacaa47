"""The pen, as a visitor sees it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def open_writing(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/{query}")
    expect(page.locator("canvas")).to_be_visible()


def dark_pixels(page: Page) -> int:
    """How much of the sheet is covered with ink."""
    return page.locator("canvas").evaluate(
        """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
           .data.filter((value, at) => at % 4 === 3 && value > 128).length"""
    )


def downloaded(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return Path(waiting.value.path()).read_bytes()


def test_ink_grows_as_the_pen_writes_and_stays_when_it_is_paused(page: Page, address: str) -> None:
    open_writing(page, address, "?text=so+it+goes&seed=5")
    expect(page.get_by_role("img", name="Handwriting: so it goes")).to_be_visible()
    early = dark_pixels(page)
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Pause").click()
    paused = dark_pixels(page)
    assert paused > early
    page.wait_for_timeout(300)
    assert dark_pixels(page) == paused


def test_the_pen_can_be_moved_and_played_again(page: Page, address: str) -> None:
    open_writing(page, address, "?text=again")
    seek = page.get_by_role("slider", name="How far it is written")
    seek.focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    whole = dark_pixels(page)
    page.keyboard.press("Home")
    assert dark_pixels(page) < whole
    page.get_by_role("combobox", name="Speed of the pen").select_option("4×")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    assert dark_pixels(page) == whole


def test_typed_text_is_written_and_comes_with_its_own_link(page: Page, address: str) -> None:
    open_writing(page, address)
    page.get_by_label("Your text").fill("<b>tea</b> & cake")
    page.get_by_role("button", name="Write it").click()
    expect(page.get_by_role("img", name="Handwriting: <b>tea</b> & cake")).to_be_visible()
    expect(page.locator("figcaption")).to_have_text("<b>tea</b> & cake")
    assert "text=" in page.url
    page.reload()
    expect(page.get_by_role("img", name="Handwriting: <b>tea</b> & cake")).to_be_visible()


def test_downloads_are_an_svg_and_a_png(page: Page, address: str) -> None:
    open_writing(page, address, "?text=%3Cink%3E&ink=Red")
    drawing = ElementTree.fromstring(downloaded(page, "SVG"))
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert drawing.findtext("{http://www.w3.org/2000/svg}title") == "<ink>"
    assert drawing.find("{http://www.w3.org/2000/svg}g").get("stroke") == "#a5262c"
    with Image.open(BytesIO(downloaded(page, "PNG"))) as picture:
        assert picture.format == "PNG"
        assert picture.convert("L").getextrema()[0] < 128


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_telephone(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    open_writing(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ink = page.locator("canvas").evaluate("canvas => getComputedStyle(canvas).color")
    assert (sum(map(int, ink.removeprefix("rgb(").rstrip(")").split(","))) > 384) == (scheme == "dark")


def test_whoever_wants_less_motion_gets_the_finished_page(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_writing(page, address, "?text=still")
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
