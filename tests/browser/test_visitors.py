"""Several visitors at once: each gets what they asked for, and the studio does not grow.

`VISITORS=10 SECONDS=60 pytest tests/browser/test_visitors.py` is the long version.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_SECONDS, Studio

pytestmark = pytest.mark.browser

VISITORS, SECONDS = int(os.environ.get("VISITORS", "3")), float(os.environ.get("SECONDS", "10"))
BIAS, SEED = 0.75, 7
MOST_GROWTH_MIB = 200
"""between the first round and the last; answers that are remembered take some"""


class Visitor:
    """One who writes in one window and has photos described in another."""

    def __init__(self, browser: Browser, number: int, address: str) -> None:
        self.number, self.round = number, 0
        self.context = browser.new_context(accept_downloads=True, reduced_motion="reduce")
        self.context.set_default_timeout(1000 * PATIENCE_SECONDS)
        self.complaints: list[str] = []
        self.writing, self.photos = self._window(address), self._window(f"{address}/caption")

    def _window(self, address: str) -> Page:
        window = self.context.new_page()
        window.on("pageerror", lambda error: self.complaints.append(str(error)))
        window.goto(address)
        return window

    def ask(self) -> None:
        """Asks for something that nobody else asks for; does not wait for the answers."""
        self.round += 1
        self.writing.get_by_label("Your text").fill(self.text)
        self.writing.get_by_role("button", name="Write it").click()
        self.photos.goto(self.photos.url)  # without the photo of the round before
        upload = {"name": f"{self.number}.png", "mimeType": "image/png", "buffer": self.photo}
        self.photos.locator("input[type=file]").set_input_files(upload)

    @property
    def text(self) -> str:
        return f"visitor {self.number} take {self.round}"

    @property
    def photo(self) -> bytes:
        """A disc of the visitor's own colour, elsewhere each time."""
        picture = Image.new("RGB", (160, 120), (90, 140, 60))
        x = 10 + 12 * self.round % 100
        ImageDraw.Draw(picture).ellipse((x, 30, x + 40, 70), fill=(25 * self.number, 255 - 25 * self.number, 128))
        file = BytesIO()
        picture.save(file, "PNG")
        return file.getvalue()

    def written(self) -> bytes:
        """The ink, as a file."""
        expect(self.writing.get_by_role("img", name=f"Handwriting: {self.text}", exact=True)).to_be_visible()
        # Until the page is made anew, the buttons of the text before may still stand there.
        expect(self.writing.get_by_text("Writing…")).to_have_count(0)
        expect(self.writing.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
        with self.writing.expect_download() as waiting:
            self.writing.get_by_role("button", name="SVG", exact=True).click()
        return Path(waiting.value.path()).read_bytes()


@pytest.fixture
def visitors(browser: Browser, studio: Studio) -> Iterator[list[Visitor]]:
    with ExitStack() as stack:
        there = []
        for number in range(VISITORS):
            there.append(Visitor(browser, number, studio.address))
            stack.callback(there[-1].context.close)
        yield there
        assert not [visitor.complaints for visitor in there if visitor.complaints]


def test_each_visitor_gets_what_they_asked_for(visitors: list[Visitor], studio: Studio) -> None:
    from captioning import Captioner
    from handwriting import Scribe
    from handwriting.formats import encode
    from ui.sentences import as_sentence

    scribe, captioner = Scribe.from_pretrained(studio.scribe), Captioner.from_pretrained(studio.captioner)
    for visitor in visitors:
        expect(visitor.writing.locator("canvas").first).to_be_visible()
        expect(visitor.photos.get_by_role("radiogroup", name="Words")).to_be_visible()
    sizes, end = [], time.monotonic() + SECONDS
    while len(sizes) < 2 or time.monotonic() < end:
        for visitor in visitors:
            visitor.ask()
        for visitor in visitors:
            sentence = as_sentence(captioner.caption(visitor.photo))
            expect(visitor.photos.get_by_role("heading", level=2)).to_have_text(sentence)
            ink = scribe.write(visitor.text, bias=BIAS, seed=SEED)
            assert visitor.written() == encode(ink.page(), ".svg")[0]
        sizes.append(studio.mebibytes())
    print(f"{len(sizes)} rounds of {len(visitors)} visitors; MiB: {sizes}")
    assert sizes[-1] - sizes[0] < MOST_GROWTH_MIB
