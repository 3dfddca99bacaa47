"""Postcards: whatever the photo and however long the text, the ink is on the paper and off the photo."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handwriting.formats import encode
from handwriting.ink import Ink
from handwriting.page import Page, Pen
from handwriting.strokes import split
from shared.errors import UserError
from tests.handwriting.hand import paragraphs
from ui.border import BORDERS, EDGE
from ui.card import PAPERS, SIZES, Design, make
from ui.card_words import Measured, height_of

SHORT = "two dogs run over green grass"
LONG = " ".join([SHORT] * 12)
LETTER = "dear ann\n" + LONG + "\n\nyours\ntom"


def written(text: str) -> Ink:
    return Ink(tuple(paragraphs(text)), text, 0.75, 5)


def photo(width: int = 600, height: int = 400) -> Image.Image:
    """A round sun in the middle of the sky: one that is not round was squeezed."""
    image = Image.new("RGB", (width, height), (90, 150, 220))
    y, x = np.mgrid[:height, :width]
    sun = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 5) ** 2
    image.paste((250, 220, 60), mask=Image.fromarray(np.where(sun, 255, 0).astype(np.uint8)))
    return image


def assert_in_order(page: Page, design: Design) -> None:
    """All ink lies on the paper, none on the photo or its border, which is on the paper too."""
    shown, edge = page.pictures[0], EDGE.get(design.border, 0.0)
    left, top = shown.left - edge, shown.top - edge
    right, bottom = shown.left + shown.width + edge, shown.top + shown.height + edge
    assert left >= -1e-6
    assert top >= -1e-6
    assert right <= page.paper.width + 1e-6
    assert bottom <= page.paper.height + 1e-6
    for line in page.lines:
        half = line.pen.width / 2
        points = np.concatenate(split(line.strokes))
        assert (points >= half - 1e-6).all()
        assert (points <= np.array([page.paper.width, page.paper.height]) - half + 1e-6).all()
        over = (points > np.array([left, top]) - half) & (points < np.array([right, bottom]) + half)
        assert not over.all(1).any()


def roundness(page: Page) -> float:
    """Of the sun on the page: its width by its height."""
    shown = page.pictures[0]
    pixels = np.asarray(Image.open(BytesIO(shown.content)).convert("RGB")).astype(int)
    rows, columns = np.nonzero(pixels[..., 2] < 140)
    wide, high = np.ptp(columns) * shown.width / pixels.shape[1], np.ptp(rows) * shown.height / pixels.shape[0]
    return float(wide / high)


words = st.lists(st.text("abcdefghijklmnop", min_size=1, max_size=14), min_size=1, max_size=60)
designs = st.builds(
    Design,
    size=st.sampled_from([*SIZES, "170x70", "300.5x200"]),
    orientation=st.sampled_from(["landscape", "portrait"]),
    paper=st.sampled_from([*PAPERS, "#abcdef"]),
    border=st.sampled_from(BORDERS),
    cut=st.sampled_from(["crop", "whole"]),
    pen=st.builds(Pen, width=st.sampled_from([0.2, 0.45, 1.2, 4.0])),
)


@settings(deadline=None, max_examples=30)
@given(words, designs, st.floats(0.2, 5.0))
def test_ink_is_on_the_paper_and_off_the_photo(text: list[str], design: Design, aspect: float) -> None:
    image = photo(round(240 * aspect**0.5), round(240 / aspect**0.5))
    page = make(image, written(" ".join(text)), design, "a sun")
    assert_in_order(page, design)
    assert [line.text for line in page.lines]
    assert " ".join(line.text for line in page.lines) == " ".join(text)
    if design.cut == "whole" and design.border != "none":
        shown = page.pictures[0]
        assert shown.width / shown.height == pytest.approx(image.width / image.height, rel=1e-6)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("size", [(600, 400), (400, 600), (500, 500), (900, 300)])
def test_photos_keep_their_shape(size: tuple[int, int], border: str) -> None:
    for cut in ("crop", "whole"):
        page = make(photo(*size), written(SHORT), Design(border=border, cut=cut))
        assert roundness(page) == pytest.approx(1, abs=0.04)


def test_writing_shrinks_and_then_the_photo_does() -> None:
    pages = [make(photo(), written(text), Design()) for text in (SHORT, LONG, LETTER + LONG)]
    sizes = [page.lines[0].pen.width for page in pages]
    areas = [page.pictures[0].width * page.pictures[0].height for page in pages]
    assert areas[0] > areas[1] > areas[2] > 0.1 * 148 * 105
    assert sizes == sorted(sizes, reverse=True)
    assert pages[2].lines[0].text == "dear ann"


def test_a_text_beyond_all_bounds_is_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match="too long for the card: shorten it"):
        make(photo(), written(" ".join([LONG] * 20)), Design())


def test_words_stand_under_a_broad_photo_and_beside_an_upright_one() -> None:
    broad, upright = make(photo(), written(SHORT), Design()), make(photo(400, 600), written(SHORT), Design())
    shown = broad.pictures[0]
    assert (
        min(point[1] for line in broad.lines for point in np.concatenate(split(line.strokes)))
        > shown.top + shown.height
    )
    shown = upright.pictures[0]
    assert (
        min(point[0] for line in upright.lines for point in np.concatenate(split(line.strokes)))
        > shown.left + shown.width
    )


def test_a_card_without_borders_is_filled_to_its_edges() -> None:
    shown = make(photo(), written(SHORT), Design(border="none")).pictures
    assert len(shown) == 1
    assert (shown[0].left, shown[0].top, shown[0].width) == (0, 0, 148)


def test_no_more_pixels_than_a_printer_needs_and_none_made_up() -> None:
    for size in ((6000, 4000), (60, 40)):
        page = make(Image.new("RGB", size, "red"), written(SHORT), Design())
        with Image.open(BytesIO(page.pictures[0].content)) as shown:
            assert shown.format == "JPEG"
            dots = shown.width / page.pictures[0].width * 25.4
            assert dots <= 302
            assert shown.width <= size[0]
    assert dots < 20


def test_the_photo_tells_what_it_shows_and_its_border_nothing() -> None:
    page = make(photo(), written(SHORT), Design(border="deckle"), alt="a <sun>")
    assert [picture.alt for picture in page.pictures] == ["a <sun>", ""]
    assert re.search("<title>a &lt;sun&gt;</title></image>", encode(page, ".svg")[0].decode())
    assert page.about["seed"] == 5


def test_without_ink_there_is_room_for_it() -> None:
    page = make(photo(), None, Design(paper="kraft"))
    assert not page.lines
    assert page.paper.colour == PAPERS["kraft"]
    assert page.pictures[0].top + page.pictures[0].height < 95


@pytest.mark.parametrize("border", BORDERS)
def test_the_same_words_and_photo_give_the_same_card(border: str) -> None:
    one, other = (encode(make(photo(), written(SHORT), Design(border=border)), ".svg")[0] for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": "20x20"}, "sides must be 70 to 420 mm"),
        ({"size": "400x100"}, "at most 2.5 times"),
        ({"size": "1000x900"}, "70 to 420"),
        ({"size": "poster"}, "no paper 'poster'"),
        ({"paper": "reddish"}, "'reddish' is no colour"),
        ({"border": "golden"}, "border must be white, deckle"),
        ({"cut": "half"}, "cut must be crop, whole"),
        ({"orientation": "usual"}, "orientation must be landscape"),
    ],
)
def test_cards_that_cannot_be_are_refused(wrong: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Design(**wrong)


def test_a_box_is_filled_with_the_largest_writing() -> None:
    measured = Measured(written(LONG))
    fit = measured.fit(100, 40, 9.0)
    assert fit is not None
    assert 0.8 * 40 < fit.height <= 40
    assert fit.width <= 100
    assert measured.fit(100, 20, 9.0).size < fit.size
    assert measured.fit(100, 4, 9.0) is None
    assert height_of(2, 1.0) > height_of(1, 1.0) > 2
