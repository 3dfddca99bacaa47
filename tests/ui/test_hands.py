"""Choosing a hand, on a page that does nothing else."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from handwriting.cli import main
from handwriting.recogniser.reader import Reader
from handwriting.strokes import split
from handwriting.styles import shelf
from handwriting.styles.style import Blend, Style
from shared.errors import UserError
from tests.handwriting.styles.test_normal import TEXT, ink
from tests.ui.reading_pages import sent_to
from ui import hands, samples
from ui.hands import Choice

LINE = "no two hands ever write alike"


def page() -> None:
    import streamlit as st

    from ui import hands

    st.session_state["chosen"] = hands.choose("")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own styles lie."""
    monkeypatch.setenv(shelf.FOLDER, str(tmp_path / "styles"))
    return tmp_path / "styles"


@pytest.fixture
def visit(studio: AppTest, folder: Path) -> AppTest:
    """A visitor, who has not come yet."""
    return AppTest.from_function(page, default_timeout=60)


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict]:
    """A visitor's memory without a page."""
    state: dict = {}
    monkeypatch.setattr(samples.st, "session_state", state)
    return state


def chosen(visit: AppTest) -> hands.Chosen:
    assert not visit.exception
    return visit.session_state["chosen"]


def style_in(visit: AppTest) -> str:
    """What the address bar says."""
    said = visit.query_params["style"]
    return said if isinstance(said, str) else said[0]


def own() -> Style:
    return Style("mine", LINE, shelf.read("calm").strokes)


def with_own(visit: AppTest, style: Style | None = None) -> str:
    """Lets the visitor have a hand of their own; returns its name."""
    style = style or own()
    name = samples.MARK + samples.digest(style)
    visit.session_state["own hands"] = {name: samples.Sample(name, "My hand", style, "")}
    return name


def test_at_first_the_pen_writes_its_own_hand(visit: AppTest) -> None:
    visit.run()
    assert chosen(visit) == ("", None)
    shown = sent_to(visit, "gallery")
    assert [hand["title"] for hand in shown["hands"]][:3] == ["The pen’s own", "Airy", "Brisk"]
    assert {hand["name"] for hand in shown["hands"]} == {"", *shelf.names()}
    assert shown["chosen"] == ""


@pytest.mark.parametrize("spelled", ["calm", "calm+wide:0.3"])
def test_a_link_brings_its_hand(visit: AppTest, spelled: str) -> None:
    visit.query_params["style"] = spelled
    found = chosen(visit.run())
    assert found.name == spelled
    assert sent_to(visit, "gallery")["chosen"] == "calm"
    assert found.hand.shape == shelf.load(spelled).shape
    assert style_in(visit) == spelled


@pytest.mark.parametrize(
    ("spelled", "sentence"),
    [
        ("nobody", "no hand “nobody” here"),
        ("calm+nobody:0.3", "no hand “nobody” here"),
        ("calm+wide:nan", "no hand “calm+wide:nan” here"),
        ("calm+wide:7", "no hand “calm+wide:7” here"),
        ("+wide", "no hand “+wide:0.5” here"),
        ("../../../etc/passwd", "no hand “../../../etc/passwd” here"),
        ("/etc/hosts.json", "no hand"),
        ("<script>alert(1)</script>", "no hand “<script>"),
        ("own-0123456789abcdef01234567", "somebody’s own and stays with them"),
    ],
)
def test_a_link_to_an_unknown_hand_is_a_sentence_and_the_pens_own(visit: AppTest, spelled: str, sentence: str) -> None:
    visit.query_params["style"] = spelled
    assert chosen(visit.run()) == ("", None)
    assert sentence in visit.info[0].value.replace("\\", "")
    assert "style" not in visit.query_params
    visit.run()
    assert visit.info  # as long as nothing else is chosen


def test_two_hands_can_be_mixed(visit: AppTest) -> None:
    visit.query_params["style"] = "calm"
    visit.run()
    visit.selectbox(key="mixed_with").set_value("wide").run()
    assert chosen(visit).name == "calm+wide:0.5"
    visit.slider(key="share").set_value(80).run()
    assert chosen(visit).name == "calm+wide:0.8"
    assert style_in(visit) == "calm+wide:0.8"
    mixed = chosen(visit).hand.shape
    assert mixed == Blend(shelf.find("calm"), shelf.find("wide"), 0.8).shape
    visit.selectbox(key="mixed_with").set_value("").run()
    assert chosen(visit).name == "calm"


def test_a_hand_mixed_with_itself_is_that_hand(visit: AppTest) -> None:
    visit.query_params["style"] = "calm+calm:0.3"
    assert chosen(visit.run()).name == "calm"


def test_a_hand_of_ones_own_can_be_taken_mixed_and_forgotten(visit: AppTest) -> None:
    name = with_own(visit)
    visit.query_params["style"] = name
    found = chosen(visit.run())
    assert found.name == name
    assert found.hand.shape == own().shape
    assert [button.label for button in visit.get("download_button")] == ["Save"]
    visit.selectbox(key="mixed_with").set_value("wide").run()
    assert chosen(visit).name == f"{name}+wide:0.5"
    visit.button(key="forget_hand").click().run()
    assert chosen(visit) == ("", None)
    assert not visit.session_state["own hands"]
    assert not visit.info


def test_nobody_gets_a_hand_of_another_visitor(visit: AppTest, folder: Path) -> None:
    name = with_own(visit)
    visit.query_params["style"] = name
    assert chosen(visit.run()).name == name
    other = AppTest.from_function(page, default_timeout=60)
    other.query_params["style"] = name
    assert chosen(other.run()) == ("", None)
    assert name not in json.dumps(sent_to(other, "gallery"))
    assert not folder.exists()


def test_hands_of_one_title_and_different_ink_are_different_questions(drawer: dict) -> None:
    one = samples.keep(own(), "My hand")
    other = samples.keep(Style("mine", LINE, shelf.read("wide").strokes), "My hand")
    assert one.name != other.name
    assert (one.title, other.title) == ("My hand", "My hand 2")
    assert samples.keep(own(), "My hand").name == one.name
    assert len(samples.mine()) == 2


def test_only_so_many_hands_are_kept(drawer: dict) -> None:
    for number in range(samples.MOST):
        strokes = shelf.read("calm").strokes.copy()
        strokes[5, 0] += number
        samples.keep(Style("", LINE, strokes), "Hand")
    strokes[9, 1] += 3
    with pytest.raises(UserError, match="forget one of them first"):
        samples.keep(Style("", LINE, strokes), "Hand")


def test_the_users_own_styles_are_shown_and_another_ink_is_another_question(visit: AppTest, folder: Path) -> None:
    shelf.add("aunt", own())
    (folder / "broken.json").write_text("{")
    visit.query_params["style"] = "aunt"
    first = chosen(visit.run()).name
    assert first.startswith("aunt ")
    assert style_in(visit) == "aunt"
    names = [hand["name"] for hand in sent_to(visit, "gallery")["hands"]]
    assert "aunt" in names
    assert "broken" not in names
    shelf.add("aunt", Style("", LINE, shelf.read("wide").strokes), replace=True)
    assert chosen(visit.run()).name != first


def test_a_saved_hand_is_taken_by_the_command_line_and_by_the_page(
    drawer: dict, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = samples.keep(own(), "Mý hand <1>")
    file = tmp_path / f"{samples.file_name(sample.title)}.json"
    assert file.name == "m-hand-1.json"
    file.write_bytes(sample.style.encode())
    monkeypatch.setattr(sys, "argv", ["handwriting", "style", "add", "mine", str(file)])
    assert main() == 0
    again = samples.from_file(file.read_bytes(), file.name, "")
    for style in (shelf.find("mine"), again):
        assert style.prime.text == LINE
        assert style.shape == pytest.approx(sample.style.shape, rel=0.02, abs=0.01)


def test_a_file_is_a_hand(visit: AppTest) -> None:
    visit.run()
    visit.button(key="file").click().run()
    content = json.dumps([stroke.tolist() for stroke in split(ink())]).encode()
    visit.file_uploader(key="ink_file").set_value(("mine.json", content, "application/json")).run()
    visit.button(key="use_file").click().run()
    assert "give the text" in visit.error[0].value
    visit.text_input(key="ink_text").set_value(TEXT)
    visit.button(key="use_file").click().run()
    visit.run()
    assert not visit.error
    assert chosen(visit).name.startswith(samples.MARK)
    assert [sample.title for sample in visit.session_state["own hands"].values()] == ["mine"]


def test_a_sample_that_says_something_else_is_doubted_kindly() -> None:
    reader = Reader.from_pretrained()
    strokes = shelf.read("upright").strokes
    assert samples.doubt(Style("", LINE, strokes), reader) == ""
    said = samples.doubt(Style("", "an entirely different text", strokes), reader)
    assert "this looks more like “no t" in said
    assert said.endswith("or just go on.")


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 40), "red").save(file, "PNG")
    return file.getvalue()


BOMB = b'<!DOCTYPE ink [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><ink><trace>&b;</trace></ink>'
MANY = json.dumps([[[number % 100, number % 7] for number in range(80_000)]]).encode()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bomb.inkml", BOMB, "it defines entities, as bombs do"),
        ("nan.json", b"[[[NaN, 1], [2, 3]]]", "NaN where a number should be"),
        ("far.json", b"[[[1e400, 1], [2, 3]]]", "not a number"),
        ("one.json", b"[[[1, 2]]]", "one point"),
        ("many.json", MANY, "80,000 points"),
        ("wrong.json", b'{"strokes": 7}', "not ink"),
        ("other.json", b'{"a": 1}', "is missing"),
        ("deep.json", b"[" * 100_000, "it is not JSON"),
        ("deep.inkml", b"<ink>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</ink>", "nested over 100 deep"),
        ("picture.json", png(), "it is not JSON"),
        ("picture.inkml", png(), "it is not InkML"),
        ("page.json", b"<html><script>alert(1)</script></html>", "it is not JSON"),
        ("large.json", b"[" + b" " * 30 * 2**20 + b"]", "larger than 1 MB"),
        (
            "long.json",
            json.dumps({"text": "a" * 900_000, "strokes": [[[x, x % 9] for x in range(99)]]}).encode(),
            "900000",
        ),
        ("program.exe", b"MZ", "ink is read from"),
        ("empty.json", b"", "empty"),
    ],
)
def test_a_hostile_file_is_one_sentence_and_one_line_in_the_log(
    name: str, content: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UserError) as refused:
        samples.from_file(content, name, "" if name == "long.json" else TEXT)
    with caplog.at_level(logging.WARNING):
        sentence = samples.refuse(refused.value)
    assert reason in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 300
    assert len(caplog.records) == 1
    assert "\n" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("spelled", ["", "a", "a+b:0.25", "own-1f+b:0"])
def test_choices_are_spelled_as_they_are_read(spelled: str) -> None:
    assert Choice.read(spelled).spell() == spelled
