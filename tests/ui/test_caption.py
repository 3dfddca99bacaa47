"""The page that describes photos, with an untrained network."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.ui.reading_pages import sent_to
from ui.settings import CAPTIONER, SEPARATOR

Upload = tuple[str, bytes]


@pytest.fixture
def page(studio: AppTest) -> AppTest:
    studio.run()
    return settled(studio.switch_page("views/caption.py").run())


def settled(page: AppTest) -> AppTest:
    """The page when its work is done."""
    for slot in ("job look", "job album"):
        if slot in page.session_state:
            page.session_state[slot].wait(60)
    return page.run()


def upload(page: AppTest, *photos: Upload) -> AppTest:
    page.file_uploader(key="photos").set_value([(name, content, "image/png") for name, content in photos])
    return settled(page.run())


def picture(colour: str, size: tuple[int, int] = (64, 48), form: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


def looks_right(page: AppTest) -> dict:
    """What the page shows; the sentence, the words and the light all agree."""
    assert not page.exception
    assert not page.error, page.error[0].value
    shown = sent_to(page, "gaze")
    words = [word["word"] for word in shown["words"]]
    assert shown["said"] == " ".join(words)
    assert shown["sentence"].lower() == f"{shown['said']}."
    assert [part.lower().removesuffix(".") for part in shown["parts"]] == words
    assert all(0 <= word["chance"] <= 1 and len(word["light"]) == 32 * 32 for word in shown["words"])
    for word in shown["words"]:
        assert len(word["others"]) == 6
        assert word["word"] not in dict(word["others"])
    return shown


def cards(page: AppTest) -> list[dict]:
    return sent_to(page, "album")["cards"]


def test_a_drawing_is_described_on_first_opening(page: AppTest) -> None:
    assert looks_right(page)["photo"].startswith("data:image/jpeg;base64,")
    assert [button.label for button in page.get("download_button")] == ["CSV", "JSONL", "COCO results", "Text"]
    assert "drawing" in page.caption[0].value


def test_an_uploaded_photo_is_described(page: AppTest) -> None:
    before = looks_right(page)["photo"]
    assert looks_right(upload(page, ("red.png", picture("red"))))["photo"] != before


def test_more_sentences_are_offered_and_one_can_be_taken(page: AppTest) -> None:
    page.slider(key="search.beam").set_value(5)
    page.slider(key="search.n_best").set_value(5)
    settled(page.run())
    first = looks_right(page)
    choices = page.radio[0].options
    assert 1 < len(choices) <= 5
    page.radio[0].set_value(len(choices) - 1).run()
    assert looks_right(page)["said"] != first["said"]
    assert page.text_input(key="wording").value == looks_right(page)["said"]
    page.segmented_control(key="search.way").set_value("greedy")
    settled(page.run())
    looks_right(page)
    assert not page.radio


def test_words_are_drawn_by_chance_and_the_seed_says_which(page: AppTest) -> None:
    page.segmented_control(key="search.way").set_value("sampling")
    settled(page.run())
    page.slider(key="search.temperature").set_value(2.0)
    drawn = looks_right(settled(page.run()))["said"]
    page.number_input(key="search.seed").set_value(5.0)
    assert looks_right(settled(page.run()))["said"] != drawn
    page.number_input(key="search.seed").set_value(0.0)
    assert looks_right(settled(page.run()))["said"] == drawn


def test_settings_reach_the_search(page: AppTest) -> None:
    page.text_input(key="search.required").set_value("boat, two dogs")
    said = looks_right(settled(page.run()))["said"]
    assert "boat" in said
    assert "two dogs" in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda page: page.slider(key="search.n_best").set_value(9), "n_best must be at most beam"),
        (lambda page: page.slider(key="search.groups").set_value(2), "beam must be a multiple of groups"),
        (lambda page: page.text_input(key="search.banned").set_value("zebras"), "no word 'zebras'"),
    ],
)
def test_settings_that_cannot_be_are_said_in_a_sentence(
    page: AppTest, change: Callable[[AppTest], object], reason: str
) -> None:
    change(page)
    settled(page.run())
    assert not page.exception
    assert reason in page.error[0].value.replace("\\", "")
    assert page.slider(key="search.beam").value == 3  # the settings are still there to be mended


def test_own_words_take_the_place_of_the_networks(page: AppTest) -> None:
    upload(page, ("red.png", picture("red")))
    said = looks_right(page)["said"]
    page.text_input(key="wording").set_value("My <b>red</b> wall").run()
    shown = sent_to(page, "gaze")
    assert (shown["sentence"], shown["said"], shown["parts"]) == ("My <b>red</b> wall", said, [])
    page.text_input(key="wording").set_value("").run()
    assert looks_right(page)["said"] == said
    assert page.text_input(key="wording").value == said


def test_many_photos_become_an_album(page: AppTest) -> None:
    colours = ("red", "green", "blue", "white", "black", "yellow")
    upload(page, *((f"{colour}.png", picture(colour)) for colour in colours))
    looks_right(page)
    assert [card["name"] for card in cards(page)] == [f"{colour}.png" for colour in colours]
    assert all(card["sentence"] and card["picture"].startswith("data:image/jpeg") for card in cards(page))
    assert sent_to(page, "album")["chosen"] == cards(page)[0]["key"]
    page.session_state["chosen photo"] = cards(page)[2]["key"]
    settled(page.run())
    assert sent_to(page, "album")["chosen"] == cards(page)[2]["key"]
    assert looks_right(page)["sentence"] == cards(page)[2]["sentence"]


def test_a_photo_that_is_added_leaves_the_others_as_they_are(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from captioning import batch

    described: list[str] = []
    caption_batch = batch.caption_batch

    def noted(captioner, wanted, search):
        described.extend(photo.name for photo in wanted)
        return caption_batch(captioner, wanted, search)

    monkeypatch.setattr(batch, "caption_batch", noted)
    two = [("one.png", picture("orange")), ("two.png", picture("purple"))]
    upload(page, *two)
    # A page gives the widget new files each time it is driven so; by their content they are the same photos.
    upload(page, *two, ("three.png", picture("pink")))
    assert described == ["one.png", "two.png", "three.png"]
    assert len(cards(page)) == 3


def test_a_bad_photo_among_many_is_a_sentence_beside_its_name(page: AppTest, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        upload(page, ("bad.png", b"<html>no photo</html>"), ("good.png", picture("red")), ("empty.png", b""))
    looks_right(page)  # of the first that is one
    bad, good, empty = cards(page)
    assert "not a photo" in bad["problem"]
    assert "empty" in empty["problem"]
    assert good["sentence"]
    assert not good["problem"]
    assert "refused the photo 'bad.png'" in caplog.text


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("page.png", b"<!DOCTYPE html><html><script>alert(1)</script></html>", "not a photo"),
        ("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "not a photo"),
        ("letter.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a photo"),
        ("half.png", picture("blue", (400, 400))[:300], "damaged"),
        ("half.jpg", picture("blue", (400, 400), "JPEG")[:900], "damaged"),
        ("empty.png", b"", "empty"),
        ("huge.png", picture("white", (10_000, 10_000), "PNG"), "10000×10000 pixels"),
        (f"<script>alert('{'long' * 75}')</script>.png", b"no photo", "not a photo"),
    ],
)
def test_a_file_that_is_no_photo_is_said_in_one_sentence(
    page: AppTest, caplog: pytest.LogCaptureFixture, name: str, content: bytes, reason: str
) -> None:
    with caplog.at_level(logging.WARNING):
        upload(page, (name, content))
    assert not page.exception
    said = page.error[0].value.replace("\\", "")
    assert reason in said
    assert "\n" not in said
    assert len(said) < 250
    assert "refused the photo" in caplog.text
    assert len(caplog.text.splitlines()) == 1
    upload(page, ("red.png", picture("red")))
    looks_right(page)


def test_the_first_frame_of_a_film_is_described(page: AppTest) -> None:
    file = BytesIO()
    frames = [Image.new("P", (40, 30), number % 256) for number in range(3000)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    upload(page, ("film.gif", file.getvalue()))
    looks_right(page)


def test_a_missing_model_is_said_in_a_sentence(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CAPTIONER, "no-such-model")
    upload(page, ("new.png", picture("green")))
    assert not page.exception
    assert "no-such-model" in page.error[0].value.replace("\\", "")


def test_of_several_models_one_is_chosen(
    studio: AppTest, tiny_models: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny_models[CAPTIONER]
    monkeypatch.setenv(CAPTIONER, SEPARATOR.join([path, f"{path},{path}"]))
    studio.run()
    page = settled(studio.switch_page("views/caption.py").run())
    looks_right(page)
    page.selectbox(key="captioner").set_value(f"{path},{path}")
    looks_right(settled(page.run()))
    assert page.session_state["job look"].question[1] == f"{path},{path}"


def test_downloads_say_what_the_page_says(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: dict[str, bytes] = {}
    from ui import wordings

    monkeypatch.setattr(wordings, "offer_downloads", lambda records: offered.update(files(records)))

    def files(records):
        return {form: wordings.as_file(form, records) for form in wordings.DOWNLOADS}

    upload(page, ("red.png", picture("red")), ("bad.png", b""), ("blue_12.png", picture("blue")))
    rows = list(csv.DictReader(io.StringIO(offered["csv"].decode())))
    assert [row["photo"] for row in rows] == ["red.png", "bad.png", "blue_12.png"]
    assert "empty" in rows[1]["error"]
    sentences = [card["sentence"].lower().removesuffix(".") for card in cards(page)]
    assert [row["caption"] for row in rows] == sentences
    assert json.loads(offered["coco"]) == [
        {"image_id": "red", "caption": sentences[0]},
        {"image_id": 12, "caption": sentences[2]},
    ]
    lines = [json.loads(line) for line in offered["jsonl"].decode().splitlines()]
    assert lines[0]["caption"] == sentences[0]
    assert len(lines[0]["others"]) == 2
