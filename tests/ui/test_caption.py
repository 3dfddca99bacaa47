"""The page that describes photos, with an untrained network."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.ui.reading_pages import sent_to
from ui.settings import CAPTIONER


@pytest.fixture
def page(studio: AppTest) -> AppTest:
    studio.run()
    return studio.switch_page("views/caption.py").run()


def upload(page: AppTest, name: str, content: bytes) -> AppTest:
    page.file_uploader(key="photo").set_value((name, content, "image/png"))
    return page.run()


def picture(colour: str, size: tuple[int, int] = (64, 48), form: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


def looks_right(page: AppTest) -> dict:
    """What the page shows; the sentence, the words and the light all agree."""
    assert not page.exception
    assert not page.error, page.error[0].value
    shown = sent_to(page, "gaze")
    said = " ".join(word["word"] for word in shown["words"])
    assert shown["sentence"] == said
    assert page.header[0].value.replace("\\", "").lower() == (f"{said}." if said else "(nothing)")
    assert all(0 <= word["percent"] <= 100 and len(word["light"]) == 32 * 32 for word in shown["words"])
    return shown


def test_a_drawing_is_described_on_first_opening(page: AppTest) -> None:
    assert looks_right(page)["photo"].startswith("data:image/jpeg;base64,")
    assert [button.label for button in page.get("download_button")] == ["Text", "JSON"]


def test_an_uploaded_photo_is_described(page: AppTest) -> None:
    before = looks_right(page)["photo"]
    assert looks_right(upload(page, "red.png", picture("red")))["photo"] != before


def test_more_sentences_are_offered_and_one_can_be_taken(page: AppTest) -> None:
    page.slider(key="beam").set_value(5).run()
    looks_right(page)
    choices = page.radio[0].options
    assert 1 < len(choices) <= 5
    page.radio[0].set_value(len(choices) - 1).run()
    looks_right(page)
    assert page.header[0].value == choices[-1]
    page.slider(key="beam").set_value(1).run()
    looks_right(page)
    assert not page.radio


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("letter.png", b"not a photo at all", "not a photo"),
        ("half.png", picture("blue", (400, 400))[:300], "damaged"),
        ("empty.png", b"", "not a photo"),
        ("bomb.png", picture("white", (12_000, 12_000), "PNG"), "too large"),
    ],
)
def test_a_file_that_is_no_photo_is_said_in_one_sentence(page: AppTest, name: str, content: bytes, reason: str) -> None:
    upload(page, name, content)
    assert not page.exception
    assert reason in page.error[0].value.replace("\\", "")
    assert "\n" not in page.error[0].value
    upload(page, "red.png", picture("red"))
    looks_right(page)


def test_a_missing_model_is_said_in_a_sentence(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CAPTIONER, "no-such-model")
    upload(page, "new.png", picture("green"))
    assert not page.exception
    assert "no-such-model" in page.error[0].value.replace("\\", "")
