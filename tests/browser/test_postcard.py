"""Postcards, as a visitor makes them."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SVG = "{http://www.w3.org/2000/svg}"


def open_postcard(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/postcard{query}")
    expect(page.get_by_role("button", name="PDF")).to_be_visible()


def ball() -> bytes:
    """A photo of a ball on grass, or nearly; taken upright, stored on its side as cameras do."""
    photo = Image.new("RGB", (400, 300), (70, 130, 60))
    ImageDraw.Draw(photo).ellipse((170, 120, 230, 180), fill=(220, 60, 40))
    turned = Image.Exif()
    turned[0x0112] = 6
    file = BytesIO()
    photo.save(file, "JPEG", exif=turned)
    return file.getvalue()


def upload(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": content})


def card(page: Page, said: str):
    """The card on which that is written."""
    return page.get_by_role("img", name=re.compile(f"A postcard.*Written by hand: {re.escape(said)}$"))


def downloaded(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    assert waiting.value.suggested_filename == f"postcard.{label.lower()}"
    return Path(waiting.value.path()).read_bytes()


def expect_done(page: Page) -> None:
    """Waits until what can be downloaded is of what was asked for last."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_photo_becomes_a_card_in_three_formats(page: Page, address: str) -> None:
    open_postcard(page, address)
    proposed = page.get_by_role("textbox", name="Your words").input_value()
    expect(card(page, proposed)).to_be_visible()
    upload(page, "ball.jpg", ball())
    page.get_by_role("textbox", name="Your words").fill("Hello <ball>")
    page.get_by_role("textbox", name="Your words").blur()
    # A click is lost if the button is made anew between its two halves.
    expect(card(page, "Hello <ball>")).to_be_visible()
    expect_done(page)
    page.get_by_text("Kraft").click()

    drawing = ElementTree.fromstring(downloaded(page, "SVG"))  # at once, while the card is laid anew
    assert drawing.find(f"{SVG}g/{SVG}rect").get("fill") == "#dcc7a5"
    assert drawing.findtext(f"{SVG}title") == "Hello <ball>"
    photo, _edge = drawing.iter(f"{SVG}image")
    assert float(photo.get("height", "")) > float(photo.get("width", ""))
    assert photo.findtext(f"{SVG}title", "").endswith(".")

    with Image.open(BytesIO(downloaded(page, "PNG"))) as picture:
        assert picture.size == (1776, 1260)
        assert picture.getpixel((5, 5)) == (0xDC, 0xC7, 0xA5)
        pixels = np.asarray(picture).astype(int)
        assert ((pixels[..., 0] > 180) & (pixels[..., 1] < 100)).mean() > 0.005  # the ball

    pdf = downloaded(page, "PDF")
    assert pdf.startswith(b"%PDF-")
    assert b"/Alt (" in pdf
    assert pdf.count(b"/Subtype /Image") == 3


def test_words_and_looks_are_in_the_link(page: Page, address: str) -> None:
    open_postcard(page, address, "?card_words=Good+morning&card_paper=Sky&card_seed=5")
    expect(card(page, "Good morning")).to_be_visible()
    assert "card_paper=Sky" in page.url
    page.get_by_text("Deckle edge").click()
    page.wait_for_url(re.compile("card_border=Deckle"))
    expect_done(page)
    first = ElementTree.fromstring(downloaded(page, "SVG"))
    page.goto(page.url)
    expect(card(page, "Good morning")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    again = ElementTree.fromstring(downloaded(page, "SVG"))
    assert [path.get("d") for path in first.iter(f"{SVG}path")] == [path.get("d") for path in again.iter(f"{SVG}path")]
    assert first.find(f"{SVG}g/{SVG}rect").get("fill") == "#edf3f9"


def test_a_file_that_is_no_photo_is_refused_kindly(page: Page, address: str) -> None:
    open_postcard(page, address)
    upload(page, "x.jpg", b"<html><script>alert(1)</script>")
    expect(page.get_by_role("alert").filter(has_text="x.jpg cannot be used")).to_be_visible()


def test_the_words_can_be_watched_being_written(page: Page, address: str) -> None:
    open_postcard(page, address)
    shown = page.get_by_role("img", name=re.compile("A postcard"))
    before = shown.get_attribute("src")
    page.get_by_role("button", name="Watch it being written").click()
    expect(shown).not_to_have_attribute("src", before or "")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth > 100)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_telephone(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    open_postcard(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.get_by_role("img", name=re.compile("A postcard")).bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(148 / 105, abs=0.02)
