"""The photo page, as a visitor sees it."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def open_describing(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Describe a photo").click()
    expect(page.get_by_role("radiogroup", name="Words")).to_be_visible()


def ball() -> bytes:
    """A photo of a ball on grass, or nearly."""
    photo = Image.new("RGB", (320, 240), (70, 130, 60))
    ImageDraw.Draw(photo).ellipse((120, 90, 180, 150), fill=(220, 60, 40))
    file = BytesIO()
    photo.save(file, "JPEG")
    return file.getvalue()


def photo_url(page: Page) -> str:
    return page.locator(".photo img").get_attribute("src") or ""


def test_an_uploaded_photo_gets_its_sentence_and_the_downloads_say_the_same(page: Page, address: str) -> None:
    open_describing(page, address)
    drawing = photo_url(page)
    page.locator("input[type=file]").set_input_files({"name": "ball.jpg", "mimeType": "image/jpeg", "buffer": ball()})
    expect(page.locator(".photo img")).not_to_have_attribute("src", drawing)
    # While the page is made anew, what belonged to the photo before still stands below it.
    expect(page.get_by_role("button", name="JSON")).to_have_count(1)
    sentence = page.get_by_role("heading", level=2).inner_text()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON").click()
    record = json.loads(Path(waiting.value.path()).read_text())
    assert record["photo"] == "ball.jpg"
    assert record["captions"][0]["caption"] == sentence.removesuffix(".").lower()
    words = page.get_by_role("radiogroup", name="Words").get_by_role("radio")
    assert words.count() == len(record["captions"][0]["words"])


def test_a_word_shows_where_the_network_looked_and_the_keyboard_moves_on(page: Page, address: str) -> None:
    open_describing(page, address)
    words = page.get_by_role("radiogroup", name="Words").get_by_role("radio")
    first = words.first
    first.click()
    expect(first).to_have_attribute("aria-checked", "true")
    expect(page.locator(".photo canvas")).to_have_css("opacity", "1")
    assert "the network looked at" in (page.locator(".photo").get_attribute("aria-label") or "")
    page.keyboard.press("End")
    expect(words.last).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".photo canvas")).to_have_css("opacity", "0")


def test_a_file_that_is_no_photo_is_refused_kindly(page: Page, address: str) -> None:
    open_describing(page, address)
    page.locator("input[type=file]").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"no photo"})
    expect(page.get_by_role("alert")).to_contain_text("This photo cannot be used")


def test_a_link_to_the_page_opens_it_on_a_telephone_in_the_dark(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/caption")
    expect(page.get_by_role("radiogroup", name="Words")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
