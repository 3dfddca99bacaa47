"""The pen, as a visitor sees it."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import pypdf
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.choosing import choose

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


def open_writing(page: Page, address: str, /, over: bool = True, **link: str) -> None:
    """The page, with some ink on it; with all that there will be, if it should be over."""
    page.goto(f"{address}/?{urlencode(link)}")
    expect(canvas(page)).to_be_visible()
    if over:
        expect(page.get_by_role("button", name="SVG", exact=True)).to_be_visible()


def canvas(page: Page):
    return page.locator("canvas[role=img]")


def dark_pixels(page: Page) -> int:
    """How much of the sheet is covered with ink."""
    return canvas(page).evaluate(
        """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
           .data.filter((value, at) => at % 4 === 3 && value > 128).length"""
    )


def downloaded(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    return Path(waiting.value.path()).read_bytes()


def to_the_end(page: Page) -> None:
    page.get_by_role("slider", name="How far it is written").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Replay")).to_be_visible()


def test_ink_is_on_the_paper_before_all_of_it_is_made(page: Page, address: str) -> None:
    open_writing(page, address, over=False, text="slowly, word by word, it goes on and on\n" * 30, seed="3")
    expect(page.get_by_role("slider", name="How far it is written")).not_to_have_value("0")
    assert dark_pixels(page) > 0
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("This was cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Begin again")).to_be_visible()


def test_ink_grows_as_the_pen_writes_and_stays_when_it_is_paused(page: Page, address: str) -> None:
    open_writing(page, address, text="so it goes", seed="5")
    expect(page.get_by_role("img", name="Handwriting: so it goes")).to_be_visible()
    page.get_by_role("slider", name="How far it is written").focus()
    page.keyboard.press("Home")
    early = dark_pixels(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Pause").click()
    paused = dark_pixels(page)
    assert paused > early
    page.wait_for_timeout(300)
    assert dark_pixels(page) == paused


def test_the_pen_can_be_moved_and_played_again(page: Page, address: str) -> None:
    open_writing(page, address, text="again")
    to_the_end(page)
    whole = dark_pixels(page)
    page.keyboard.press("Home")
    assert dark_pixels(page) < whole
    page.get_by_role("combobox", name="Speed of the pen").select_option("16×")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    assert dark_pixels(page) == whole


def test_typed_text_is_written_and_its_link_brings_the_same_ink(page: Page, address: str) -> None:
    open_writing(page, address)
    page.get_by_label("Your text").fill("<b>tea</b> & cake")
    page.get_by_role("button", name="Write it").click()
    expect(page.get_by_role("img", name="Handwriting: <b>tea</b> & cake")).to_be_visible()
    expect(page.locator("figcaption")).to_have_text("<b>tea</b> & cake")
    page.get_by_role("button", name="Another take").click()
    expect(page).to_have_url(re.compile("seed="))
    assert "text=" in page.url
    seed = int(float(parse_qs(urlsplit(page.url).query)["seed"][0]))
    for _ in range(40):  # for a moment the files are of the take before
        before = downloaded(page, "SVG")
        if f"seed {seed};".encode() in before:
            break
        page.wait_for_timeout(250)
    assert f"seed {seed};".encode() in before
    page.reload()
    expect(page.get_by_role("img", name="Handwriting: <b>tea</b> & cake")).to_be_visible()
    expect(page.get_by_role("button", name="SVG", exact=True)).to_be_visible()
    assert downloaded(page, "SVG") == before


def test_files_can_be_parsed(page: Page, address: str) -> None:
    open_writing(page, address, text="<ink>", ink="Red")
    drawing = ElementTree.fromstring(downloaded(page, "SVG"))
    assert drawing.tag == f"{SVG}svg"
    assert drawing.findtext(f"{SVG}title") == "<ink>"
    assert drawing.find(f"{SVG}g").get("stroke") == "#a5262c"
    with Image.open(BytesIO(downloaded(page, "PNG"))) as picture:
        assert picture.format == "PNG"
        assert picture.convert("L").getextrema()[0] < 128
    pdf = downloaded(page, "PDF")
    assert pdf.startswith(b"%PDF-")
    assert pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text() == "<ink>"
    page.get_by_role("button", name="More files").click()
    assert json.loads(downloaded(page, "JSON"))["pages"][0]["about"]["text"] == "<ink>"
    assert downloaded(page, "GIF").startswith(b"GIF8")


def test_colour_and_paper_do_not_make_the_pen_begin_anew(page: Page, address: str) -> None:
    open_writing(page, address, text="stay there")
    to_the_end(page)
    before = canvas(page).evaluate("canvas => getComputedStyle(canvas).color")
    choose(page, "Ink", "Red")
    expect(canvas(page)).not_to_have_css("color", before)
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    choose(page, "Paper", "A6")
    expect(canvas(page)).to_have_attribute("style", re.compile(r"--shape: 0\.709"))
    expect(page.get_by_role("button", name="Replay")).to_be_visible()


def test_pages_can_be_turned(page: Page, address: str) -> None:
    open_writing(page, address, text="one\ntwo\nsix\nten", page="60x60", spacing="30")
    to_the_end(page)
    last = canvas(page).get_attribute("aria-label")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.get_by_role("button", name="Page before").click()
    assert canvas(page).get_attribute("aria-label") != last
    assert dark_pixels(page) > 0
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("Page 1 of")).to_be_visible()


def test_one_of_several_takes_is_chosen(page: Page, address: str) -> None:
    page.goto(f"{address}/?{urlencode({'text': 'choose', 'takes': '2', 'seed': '30'})}")
    expect(page.get_by_role("img", name="Handwriting: choose")).to_have_count(2)
    page.get_by_role("button", name="Take this one: seed 31").click()
    expect(canvas(page)).to_be_visible()
    expect(page.get_by_label("Seed", exact=True)).to_have_value("31")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_telephone(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    open_writing(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ink = canvas(page).evaluate("canvas => getComputedStyle(canvas).color")
    assert (sum(map(int, ink.removeprefix("rgb(").rstrip(")").split(","))) > 384) == (scheme == "dark")
    text, paper, controls = (
        one.bounding_box()["y"]
        for one in (page.get_by_label("Your text"), canvas(page), page.get_by_text("From wild to neat").first)
    )
    assert text < paper < controls


def test_whoever_wants_less_motion_gets_the_finished_page(page: Page, address: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_writing(page, address, text="still")
    expect(page.get_by_role("button", name="Replay")).to_be_visible()


def test_five_thousand_characters_come_back_by_their_link(page: Page, address: str) -> None:
    text = ("very many words " * 313)[:5000]
    open_writing(page, address, over=False, text=text)
    expect(page.get_by_label("Your text")).to_have_value(text)
    page.get_by_role("button", name="Cancel").click()
