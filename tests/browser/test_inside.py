"""Looking inside, and at trainings, as a visitor does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.choosing import choose
from ui.pen_inside import OTHER

PIXELS = "canvas => canvas.toDataURL()"

pytestmark = pytest.mark.browser

WIDTHS = [390, 1440]


def open_inside(page: Page, address: str, query: str = "") -> None:
    page.goto(f"{address}/inside{query}")
    expect(page.get_by_role("img", name="Handwriting, coloured by what")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pen_is_watched_from_the_first_opening(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_inside(page, address)
    expect(page.get_by_role("img", name="Which character of")).to_be_visible()
    expect(page.get_by_role("img", name="with light where the network expected the pen")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_moment_is_shown_in_all_pictures(page: Page, address: str) -> None:
    open_inside(page, address, "?sentence=tea")
    sliders = page.get_by_role("slider", name="Moment")
    assert sliders.count() == 3
    sliders.first.focus()
    page.keyboard.press("End")
    expect(page.locator("output").last).to_contain_text("reads “the end”")
    page.keyboard.press("Home")
    expect(page.locator("output").last).to_contain_text("point 1 of")
    window = page.get_by_role("img", name="Which character of")
    window.scroll_into_view_if_needed()
    box = window.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    expect(page.locator("output").last).not_to_contain_text("point 1 of")
    values = {sliders.nth(place).input_value() for place in range(3)}
    assert len(values) == 1
    assert 0 < int(values.pop()) < int(sliders.first.get_attribute("max") or 0)


def test_ink_is_coloured_by_another_cell(page: Page, address: str) -> None:
    open_inside(page, address, "?sentence=tea")
    canvas = page.get_by_role("img", name="Handwriting, coloured by what")
    before, pixels = canvas.get_attribute("aria-label") or "", canvas.evaluate(PIXELS)
    choose(page, "Cell", OTHER)
    expect(canvas).not_to_have_attribute("aria-label", before)
    for _ in range(50):  # it is drawn a moment after it is named
        if canvas.evaluate(PIXELS) != pixels:
            break
        page.wait_for_timeout(100)
    assert canvas.evaluate(PIXELS) != pixels


@pytest.mark.parametrize("width", WIDTHS)
def test_words_and_gradients_have_their_charts(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/inside?part=The+words")
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    page.get_by_role("radio", name="The memory").or_(page.get_by_role("button", name="The memory")).first.click()
    expect(page.get_by_text("python -m shared.lab reach")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_of_trainings_is_never_empty(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/train")
    expect(page.get_by_text("No training has been started in this folder yet")).to_be_visible()
    expect(page.get_by_text("handwriting train")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
