"""The page of postcards, with untrained models."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.ui.reading_pages import sent_to
from ui.settings import CAPTIONER, SCRIBE

PATIENCE_SECONDS = 60


@pytest.fixture
def page(studio: AppTest) -> AppTest:
    studio.run()
    return finished(studio.switch_page("views/postcard.py").run())


def finished(page: AppTest) -> AppTest:
    """The page when nothing is looked at or written any more."""
    until = time.monotonic() + PATIENCE_SECONDS
    while any(button.label == "Cancel" for button in page.button):
        assert time.monotonic() < until, "it never ended"
        page.run()
    return page


def card(page: AppTest) -> dict:
    assert not page.exception
    assert not page.error, page.error[0].value
    assert [button.label for button in page.get("download_button")] == ["PNG", "PDF", "SVG"]
    return sent_to(page, "desk")


def picture(size: tuple[int, int] = (120, 90), colour: str = "teal") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    page.file_uploader(key="card_photo").set_value((name, content, "image/png"))
    return finished(page.run())


def write(page: AppTest, words: str) -> AppTest:
    page.text_area(key="card_words").set_value(words)
    return finished(page.run())


def test_a_card_lies_there_on_first_opening(page: AppTest) -> None:
    shown = card(page)
    words = page.text_area(key="card_words").value
    assert words.endswith(".")
    assert shown["alt"] == f"A postcard. The photo: {words} Written by hand: {words}"
    assert shown["shape"] == pytest.approx(148 / 105)
    assert "@keyframes write" in shown["svg"]
    assert "data:image/jpeg;base64," in shown["svg"]


def test_a_photo_brings_its_caption_and_own_words_stay(page: AppTest) -> None:
    before = card(page)["svg"]
    proposed = page.text_area(key="card_words").value
    upload(page, "sea.png", picture())
    assert card(page)["svg"] != before
    write(page, "greetings")
    assert card(page)["alt"].endswith("Written by hand: greetings")
    upload(page, "other.png", picture(colour="olive"))
    assert page.text_area(key="card_words").value == "greetings"
    next(button for button in page.button if button.label == "Say what the photo shows").click()
    finished(page.run())
    assert page.text_area(key="card_words").value.endswith(".")
    assert proposed


def test_looks_change_the_card_and_not_its_ink(page: AppTest) -> None:
    before = card(page)
    page.segmented_control(key="card_paper").set_value("kraft")
    page.segmented_control(key="card_border").set_value("none")
    page.segmented_control(key="card_orientation").set_value("portrait")
    page.selectbox(key="card_ink").set_value("Red")
    shown = card(finished(page.run()))
    assert shown["words"] == before["words"]
    assert shown["shape"] == pytest.approx(105 / 148)
    assert "#dcc7a5" in shown["svg"]
    assert 'stroke="#a5262c"' in shown["svg"]
    assert shown["svg"].count("<image") == 1


def test_a_link_brings_words_and_looks_back(studio: AppTest) -> None:
    studio.query_params.update({"card_words": "again", "card_seed": "42", "card_paper": "Kraft"})
    studio.run()
    page = studio.switch_page("views/postcard.py")
    page.query_params.update({"card_words": "again", "card_seed": "42", "card_paper": "Kraft"})
    shown = card(finished(page.run()))
    assert shown["words"].startswith("42 ")
    assert shown["words"].endswith(" again")
    assert "#dcc7a5" in shown["svg"]


def test_text_that_looks_like_code_is_only_text(page: AppTest) -> None:
    svg = card(write(page, "</title><script>*x*</script>"))["svg"]
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_a_text_too_long_for_the_page_is_cut(page: AppTest) -> None:
    page.session_state["card_words"] = "ha " * 400
    shown = card(finished(page.run()))
    assert len(shown["alt"].partition("Written by hand: ")[2]) <= 400


@pytest.mark.parametrize("words", [" ", "漢字"])
def test_nothing_to_write_is_said_in_a_sentence(page: AppTest, words: str) -> None:
    write(page, words)
    if words.strip():
        assert "nothing to write" in page.error[0].value
    else:
        assert page.text_area(key="card_words").value.endswith(".")  # an empty card says what the photo shows


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.png", b"<html><script>alert(1)</script>"),
        ("half.png", picture((400, 400))[:300]),
        ("empty.png", b""),
        ("bomb.png", picture((12_000, 12_000))),
    ],
)
def test_a_file_that_is_no_photo_is_said_in_one_sentence(page: AppTest, name: str, content: bytes) -> None:
    upload(page, name, content)
    assert not page.exception
    assert "cannot be used" in page.error[0].value
    assert name in page.error[0].value.replace("\\", "")
    card(upload(page, "sea.png", picture()))


@pytest.mark.parametrize("variable", [SCRIBE, CAPTIONER])
def test_a_missing_model_is_said_in_a_sentence(variable: str, studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "no-such-model")
    studio.run()
    page = finished(studio.switch_page("views/postcard.py").run())
    assert not page.exception
    upload(page, "new.png", picture(colour="pink"))
    assert "no-such-model" in page.error[0].value.replace("\\", "")
