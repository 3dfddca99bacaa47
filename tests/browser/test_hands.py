"""In whose hand the pen writes, as a visitor chooses it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from handwriting.strokes import split
from handwriting.styles import shelf

pytestmark = pytest.mark.browser
LINE = "no two hands ever write alike"


def open_writing(page: Page, address: str, query: str = "?text=so") -> None:
    page.goto(f"{address}/{query}")
    expect(hand(page, "The pen’s own")).to_be_visible()


def hand(page: Page, title: str) -> Locator:
    return page.get_by_role("radiogroup", name="Hand").get_by_role("radio", name=title, exact=True)


def sheet(page: Page) -> Locator:
    return page.get_by_role("img", name="Sheet to write on")


def open_sheet(page: Page, words: str = LINE) -> None:
    page.get_by_role("button", name="Draw your own").click()
    expect(sheet(page)).to_be_visible()
    page.get_by_label("Write these words").fill(words)


def write_on(page: Page, strokes: list[np.ndarray], size: float) -> None:
    """Moves the mouse as a hand moves a pen, from the left end of the first line on."""
    box = sheet(page).bounding_box()
    assert box
    for stroke in strokes:
        places = stroke * size + [box["x"] + 20, box["y"] + 100]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def line_of(style: str) -> list[np.ndarray]:
    """A line of ink in mm, its foot at 0."""
    strokes = split(shelf.read(style).strokes)
    foot = np.percentile(np.concatenate(strokes)[:, 1], 80)
    return [stroke - [0, foot] for stroke in strokes]


def test_a_sample_is_drawn_with_the_mouse_and_the_pen_goes_on_in_it(page: Page, address: str, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    open_writing(page, address)
    open_sheet(page)
    write_on(page, line_of("upright"), 11.0)
    page.get_by_role("button", name="Use this hand").click()
    expect(hand(page, "My hand")).to_have_attribute("aria-checked", "true")
    expect(sheet(page)).to_be_hidden()
    expect(page.get_by_role("img", name="Handwriting: so")).to_be_visible()
    expect(page.get_by_text("To our reader")).to_have_count(0)
    assert re.search(r"style=own-[0-9a-f]{24}\b", page.url)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save", exact=True).click()
    saved = json.loads(Path(waiting.value.path()).read_text())
    assert (saved["format"], saved["text"]) == ("handwriting-style", LINE)
    # The same window again finds nothing of it: it was this visit's alone.
    page.reload()
    expect(page.get_by_text("somebody’s own and stays with them")).to_be_visible()
    expect(hand(page, "The pen’s own")).to_have_attribute("aria-checked", "true")


def test_words_that_were_not_written_are_doubted_kindly(page: Page, address: str) -> None:
    open_writing(page, address)
    open_sheet(page, "six big jars of honey and wine")
    write_on(page, line_of("upright"), 9.0)
    page.get_by_role("button", name="Use this hand").click()
    expect(page.get_by_text("To our reader, this looks more like")).to_be_visible()
    expect(hand(page, "My hand")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="Forget").click()
    expect(hand(page, "My hand")).to_have_count(0)
    expect(hand(page, "The pen’s own")).to_have_attribute("aria-checked", "true")


def test_strokes_can_be_undone_and_outlive_their_window(page: Page, address: str) -> None:
    open_writing(page, address)
    open_sheet(page)
    expect(page.get_by_role("button", name="Use this hand")).to_be_disabled()
    write_on(page, line_of("calm")[:3], 11.0)
    expect(sheet(page)).to_have_accessible_name(re.compile(r"3 strokes\.$"))
    page.get_by_role("button", name="Undo").click()
    expect(sheet(page)).to_have_accessible_name(re.compile(r"2 strokes\.$"))
    page.get_by_role("button", name="Use this hand").click()
    expect(page.get_by_role("alert")).to_contain_text("too little for 29 characters")
    page.keyboard.press("Escape")
    expect(sheet(page)).to_be_hidden()
    page.get_by_role("button", name="Draw your own").click()
    expect(sheet(page)).to_have_accessible_name(re.compile(r"2 strokes\.$"))
    page.get_by_role("button", name="Clear").click()
    expect(sheet(page)).to_have_accessible_name(re.compile(r"Empty\.$"))


def test_hands_are_chosen_by_keyboard(page: Page, address: str) -> None:
    open_writing(page, address)
    hand(page, "The pen’s own").focus()
    page.keyboard.press("ArrowRight")
    expect(hand(page, "Airy")).to_be_focused()
    expect(hand(page, "Airy")).to_have_attribute("aria-checked", "true")
    page.wait_for_url(re.compile(r"style=airy"))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    last = page.get_by_role("radiogroup", name="Hand").get_by_role("radio").last
    expect(last).to_be_focused()
    page.wait_for_url(re.compile(rf"style={shelf.names()[-1]}"))
    # One stop for the Tab key.
    assert page.get_by_role("radiogroup", name="Hand").locator("[tabindex='0']").count() == 1


def test_a_walk_by_keyboard_is_not_led_back_by_late_answers(page: Page, address: str) -> None:
    open_writing(page, address)
    hand(page, "The pen’s own").focus()
    names = shelf.names()[:6]
    for _ in names:
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)  # each choice is told, and the next is made while the page still answers
    expect(hand(page, names[-1].capitalize())).to_be_focused()
    page.wait_for_url(re.compile(rf"style={names[-1]}"))
    expect(hand(page, names[-1].capitalize())).to_have_attribute("aria-checked", "true")


def test_a_link_brings_its_hand_and_another_click_another(page: Page, address: str) -> None:
    open_writing(page, address, "?text=so&style=narrow")
    expect(hand(page, "Narrow")).to_have_attribute("aria-checked", "true")
    hand(page, "Wide").click()
    page.wait_for_url(re.compile(r"style=wide"))
    hand(page, "The pen’s own").click()
    expect(page).not_to_have_url(re.compile(r"style="))


def give_file(page: Page, name: str, content: bytes, text: str = "") -> None:
    page.get_by_role("button", name="From a file").click()
    page.get_by_test_id("stDialog").locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": content}
    )
    if text:
        page.get_by_role("textbox", name="What it says").fill(text)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Use this hand").click()


def test_a_file_brings_its_hand(page: Page, address: str) -> None:
    open_writing(page, address)
    strokes = [stroke.tolist() for stroke in split(shelf.read("brisk").strokes)]
    give_file(page, "aunt <b>Ida</b>.json", json.dumps(strokes).encode(), LINE)
    expect(hand(page, "aunt <b>Ida</b>")).to_have_attribute("aria-checked", "true")
    assert "style=own-" in page.url


def test_a_file_that_is_no_ink_is_a_sentence(page: Page, address: str) -> None:
    open_writing(page, address)
    give_file(page, "page.json", b"<html><script>alert(1)</script></html>")
    expect(page.get_by_role("alert")).to_contain_text("page.json cannot be read: it is not JSON")
    page.keyboard.press("Escape")
    hand(page, "Calm").click()
    expect(hand(page, "Calm")).to_have_attribute("aria-checked", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_fits_a_telephone(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 390, "height": 844})
    open_writing(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    open_sheet(page)
    box = sheet(page).bounding_box()
    assert box
    assert box["width"] <= 360
    assert box["height"] > box["width"]  # the words stand in rows
    looks = sheet(page).evaluate("canvas => [getComputedStyle(canvas).color, getComputedStyle(canvas).touchAction]")
    assert looks[1] == "none"
    assert brightness(page, looks[0]) > 0.5 if scheme == "dark" else brightness(page, looks[0]) < 0.5
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def brightness(page: Page, colour: str) -> float:
    """Of any colour that CSS can name, 0 to 1."""
    channels = page.evaluate(
        """colour => {
          const context = new OffscreenCanvas(1, 1).getContext("2d");
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }""",
        colour,
    )
    return sum(channels) / 765
