"""The page that writes by hand, with an untrained pen."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.reading_pages import sent_to
from ui.settings import SCRIBE


def written(studio: AppTest) -> dict:
    assert not studio.exception
    assert not studio.error, studio.error[0].value
    return sent_to(studio, "pen")["ink"]


def write(studio: AppTest, text: str) -> AppTest:
    studio.text_area(key="text").set_value(text)
    studio.button[0].click()
    return studio.run()


def test_a_greeting_is_written_on_first_opening(studio: AppTest) -> None:
    studio.run()
    ink = written(studio)
    assert ink["text"].startswith("Hello!")
    assert len(ink["x"]) == len(ink["y"]) == len(ink["time"]) == len(ink["penUp"]) == len(ink["character"])
    assert [button.label for button in studio.get("download_button")] == ["SVG", "PNG"]


def test_the_text_that_was_typed_is_written(studio: AppTest) -> None:
    assert written(write(studio.run(), "ink"))["text"] == "ink"


def test_a_link_brings_the_same_ink_back(studio: AppTest) -> None:
    studio.query_params.update({"text": "again", "bias": "0.4", "seed": "42"})
    ink = written(studio.run())
    assert ink["name"] == "42 0.4 again"
    studio.number_input(key="seed").set_value(43).run()
    assert written(studio)["x"] != ink["x"]
    studio.number_input(key="seed").set_value(42).run()
    np.testing.assert_array_equal(written(studio)["x"], ink["x"])


def test_another_take_draws_another_seed(studio: AppTest) -> None:
    write(studio.run(), "ink")
    before = studio.number_input(key="seed").value
    next(button for button in studio.button if button.label == "Another take").click().run()
    assert studio.number_input(key="seed").value != before
    assert written(studio)["name"].startswith(f"{studio.number_input(key='seed').value} ")


def test_colour_and_width_change_the_looks_and_not_the_ink(studio: AppTest) -> None:
    before = written(studio.run())
    studio.selectbox(key="ink").set_value("Red").run()
    studio.slider(key="line").set_value(1.0).run()
    assert written(studio) == before
    looks = sent_to(studio, "pen")["looks"]
    assert looks["width"] == 1.0
    assert looks["colour"] == "#a5262c"


def test_replaced_characters_are_named(studio: AppTest) -> None:
    write(studio.run(), "naïve Straße 😀")
    assert written(studio)["text"] == "naïve Strasse"
    assert "“ss” for “ß”" in studio.info[0].value
    assert "“ï”" not in studio.info[0].value
    assert "left out “😀”" in studio.info[0].value


@pytest.mark.parametrize("text", ["", "   ", "漢字"])
def test_nothing_to_write_is_said_in_a_sentence(studio: AppTest, text: str) -> None:
    write(studio.run(), text)
    assert not studio.exception
    assert "nothing to write" in studio.error[0].value


def test_text_that_looks_like_code_is_only_text(studio: AppTest) -> None:
    text = "</script><b>*x*</b> $a$"
    assert written(write(studio.run(), text))["text"] == text


def test_a_missing_model_is_said_in_a_sentence(studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCRIBE, "no-such-model")
    studio.query_params["text"] = "never written before"
    studio.run()
    assert not studio.exception
    assert "no model 'no\\-such\\-model'" in studio.error[0].value


def test_a_link_with_a_very_long_text_is_cut(studio: AppTest) -> None:
    studio.query_params["text"] = "ha " * 2000
    assert len(written(studio.run())["text"]) <= 500
