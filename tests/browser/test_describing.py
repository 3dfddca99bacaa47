"""The photo page, as a visitor sees it."""

from __future__ import annotations

import base64
import csv
import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Locator, Page, expect

pytestmark = pytest.mark.browser


def open_describing(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/caption{query}")
    expect(words(page).first).to_be_visible()
    settle(page)


def settle(page: Page) -> None:
    """Waits until the page shows the answer and nothing that belongs to the one before."""
    expect(page.get_by_text("Looking…")).to_have_count(0)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    expect(page.get_by_role("button", name="CSV", exact=True)).to_have_count(1)


def words(page: Page) -> Locator:
    return page.get_by_role("radiogroup", name="Words").get_by_role("radio")


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=2).inner_text().strip()


def photo(colour: str, name: str) -> FilePayload:
    """A photo of a ball on a meadow of some colour, or nearly."""
    image = Image.new("RGB", (320, 240), colour)
    ImageDraw.Draw(image).ellipse((120, 90, 180, 150), fill=(220, 60, 40))
    file = BytesIO()
    image.save(file, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


def upload(page: Page, *photos: FilePayload) -> None:
    page.locator("input[type=file]").set_input_files(list(photos))


def photo_url(page: Page) -> str:
    return page.locator(".photo img").get_attribute("src") or ""


def downloaded(page: Page, label: str) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


def upload_one(page: Page, file: FilePayload) -> None:
    before = photo_url(page)
    upload(page, file)
    expect(page.locator(".photo img")).not_to_have_attribute("src", before)
    settle(page)


def test_an_uploaded_photo_gets_its_sentence_and_the_downloads_say_the_same(page: Page, address: str) -> None:
    open_describing(page, address)
    upload_one(page, photo("green", "ball.jpg"))
    caption = heading(page).removesuffix(".").lower()
    assert words(page).count() == len(caption.split())
    (row,) = csv.DictReader(downloaded(page, "CSV").splitlines())
    assert (row["photo"], row["caption"], row["error"]) == ("ball.jpg", caption, "")
    record = json.loads(downloaded(page, "JSONL"))
    assert (record["photo"], record["caption"]) == ("ball.jpg", caption)
    assert float(row["log_prob"]) == record["log_prob"] < 0
    assert json.loads(downloaded(page, "COCO results")) == [{"image_id": "ball", "caption": caption}]
    assert downloaded(page, "Text") == f"ball.jpg\t{caption}\n"


def test_a_word_shows_where_the_network_looked_and_what_else_it_might_have_said(page: Page, address: str) -> None:
    open_describing(page, address)
    first = words(page).first
    first.click()
    expect(first).to_have_attribute("aria-checked", "true")
    expect(page.locator(".photo canvas")).to_have_css("opacity", "1")
    assert "the network looked at" in (page.locator(".photo").get_attribute("aria-label") or "")
    others = page.locator(".instead li")
    expect(others).to_have_count(7)  # the word itself, and six others
    assert others.first.locator("span").inner_text() == heading(page).split()[0].lower()
    page.keyboard.press("End")
    expect(words(page).last).to_have_attribute("aria-checked", "true")
    expect(words(page).last).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(words(page).nth(-2)).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".photo canvas")).to_have_css("opacity", "0")
    expect(others.first).not_to_be_visible()


def test_running_along_the_sentence_moves_the_light(page: Page, address: str) -> None:
    open_describing(page, address)
    parts = page.locator(".sentence span")
    assert parts.count() == words(page).count()
    seen = set()
    for position in range(3):
        parts.nth(position).hover()
        expect(words(page).nth(position)).to_have_class("shown")
        seen.add(page.locator(".photo canvas").evaluate("canvas => canvas.toDataURL()"))
    assert len(seen) == 3
    page.mouse.move(0, 0)
    expect(page.locator(".photo canvas")).to_have_css("opacity", "0")


def test_the_strip_shows_the_photo_under_the_light_of_each_word(page: Page, address: str) -> None:
    open_describing(page, address)
    colours = page.locator(".strip canvas").evaluate_all(
        """canvases => canvases.map(canvas => {
             const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
             let green = 0;
             for (let i = 0; i < pixels.length; i += 4) green += pixels[i + 1];
             return green / pixels.length * 4;
           })"""
    )
    assert len(colours) == words(page).count()
    assert min(colours) > 5  # none is black
    assert len(set(colours)) == len(colours)


def test_a_pasted_photo_is_described(page: Page, address: str) -> None:
    open_describing(page, address)
    before = photo_url(page)
    content = base64.b64encode(photo("blue", "")["buffer"]).decode()
    page.evaluate(
        """content => {
             const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
             const clipboardData = new DataTransfer();
             clipboardData.items.add(new File([bytes], "image.png", { type: "image/jpeg" }));
             document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
           }""",
        content,
    )
    expect(page.locator(".photo img")).not_to_have_attribute("src", before)
    settle(page)
    assert downloaded(page, "Text").startswith("pasted 1.png\t")


def test_many_photos_one_of_them_bad_become_an_album_a_table_and_files(page: Page, address: str) -> None:
    open_describing(page, address)
    bad: FilePayload = {"name": "<script>alert(1)</script>.png", "mimeType": "image/png", "buffer": b"<html>"}
    upload(page, photo("green", "a.jpg"), bad, photo("white", "b_7.jpg"), photo("navy", "c.jpg"))
    expect(page.locator(".card")).to_have_count(4)
    expect(page.get_by_text("Captions can be changed")).to_be_visible()
    settle(page)
    expect(page.locator(".card:disabled .words")).to_contain_text("Cannot be used")
    expect(page.locator(".card:disabled .name")).to_have_text("<script>alert(1)</script>.png")
    sentences = page.locator(".card:enabled .words").all_inner_texts()
    assert page.locator(".card:enabled img").nth(1).get_attribute("alt") == sentences[1]
    before = photo_url(page)
    page.get_by_role("button", name="c.jpg").last.click()
    expect(page.locator(".photo img")).not_to_have_attribute("src", before)
    expect(page.get_by_role("heading", level=2)).to_have_text(sentences[2])
    settle(page)
    edit_caption(page, 1, "our own ball")
    expect(page.locator(".card .words").first).to_have_text("our own ball")
    rows = list(csv.DictReader(downloaded(page, "CSV").splitlines()))
    assert [row["photo"] for row in rows] == ["a.jpg", bad["name"], "b_7.jpg", "c.jpg"]
    assert rows[0]["caption"] == "our own ball"
    assert "not a photo" in rows[1]["error"]
    coco = json.loads(downloaded(page, "COCO results"))
    assert [one["image_id"] for one in coco] == ["a", 7, "c"]
    assert [one["caption"] for one in coco][1:] == [text.removesuffix(".").lower() for text in sentences[1:]]
    lines = [json.loads(line) for line in downloaded(page, "JSONL").splitlines()]
    assert "log_prob" not in lines[0]
    assert lines[2]["log_prob"] < 0

    edit_caption(page, 1, "")  # the network's own words come back, in the table too
    expect(page.locator(".card .words").first).to_have_text(sentences[0])
    expect(page.get_by_test_id("stDataFrame").get_by_text(sentences[0].removesuffix(".").lower())).to_have_count(1)


def edit_caption(page: Page, row: int, text: str) -> None:
    """Types into the table, which is drawn on a canvas: by its keyboard."""
    table = page.get_by_test_id("stDataFrame")
    place = {"x": (table.bounding_box() or {"width": 0})["width"] * 0.4, "y": 20 + 35 * row}
    # Nothing that can be asked tells when the page has come to rest under the table, and when its cell is marked.
    table.hover(position=place)
    page.wait_for_timeout(1500)
    table.click(position=place)
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    editor = page.locator("textarea.gdg-input")
    editor.fill(text)
    page.wait_for_timeout(200)
    editor.press("Enter")


def test_a_long_album_can_be_cancelled_keeps_what_it_has_and_goes_on(page: Page, address: str) -> None:
    open_describing(page, address)
    upload(page, *(photo(f"rgb({number}, 90, 60)", f"{number}.jpg") for number in range(80)))
    done = page.locator(".card:enabled")
    expect(done.first).to_be_visible()
    page.get_by_role("button", name="Cancel").last.click()
    expect(page.get_by_text("This was cancelled")).to_be_visible()
    settle(page)
    kept = done.count()
    assert 0 < kept < 80
    assert len(downloaded(page, "CSV").splitlines()) == 1 + kept
    page.get_by_role("button", name="Begin again").click()
    expect(done).to_have_count(80)


def test_own_words_are_shown_and_saved(page: Page, address: str) -> None:
    open_describing(page, address)
    box = page.get_by_role("textbox", name="Your wording")
    box.fill("A <b>dog</b>, as I see it")
    # The click is what leaves the box: the page changes while the file is made.
    assert downloaded(page, "Text") == "drawing.jpg\tA <b>dog</b>, as I see it\n"
    expect(page.get_by_role("heading", level=2)).to_have_text("A <b>dog</b>, as I see it")


def test_a_link_keeps_the_settings_of_the_search(page: Page, address: str) -> None:
    open_describing(page, address, "?search.way=sampling&search.seed=3&search.n_best=2")
    expect(page.get_by_role("radiogroup", name="Ways to say it").get_by_role("radio")).to_have_count(2)
    drawn = heading(page)
    page.reload()
    expect(page.get_by_role("heading", level=2)).to_have_text(drawn)


def test_settings_that_contradict_each_other_are_said_in_a_sentence(page: Page, address: str) -> None:
    page.goto(f"{address}/caption?search.beam=2&search.n_best=5")
    expect(page.get_by_role("alert")).to_contain_text("n_best must be at most beam")


@pytest.mark.parametrize("content", [b"no photo", b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_file_that_is_no_photo_is_refused_kindly(page: Page, address: str, content: bytes) -> None:
    open_describing(page, address)
    upload(page, {"name": f"{'x' * 200}.png", "mimeType": "image/png", "buffer": content})
    expect(page.get_by_role("alert")).to_contain_text("cannot be used")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_link_to_the_page_opens_it_on_a_telephone_in_the_dark(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    open_describing(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    words(page).nth(2).click()
    expect(words(page).nth(2)).to_have_attribute("aria-checked", "true")
    expect(page.locator(".instead")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
