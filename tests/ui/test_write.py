"""The page that writes by hand, with an untrained pen."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from handwriting import cli
from handwriting.formats import WRITTEN, decode
from handwriting.sheet import Sheet
from tests.ui.reading_pages import sent_to
from ui.downloads import KINDS, pack
from ui.inks import INKS
from ui.settings import SCRIBE
from ui.takes import beginning
from ui.writing import pages_of


def finished(studio: AppTest) -> AppTest:
    """The page once the pen has all its ink."""
    if "job write" in studio.session_state:
        studio.session_state["job write"].wait(60)
    return studio.run()


def opened(studio: AppTest, **link: str) -> AppTest:
    studio.query_params.update(link)
    return finished(studio.run())


def sent(studio: AppTest) -> dict:
    assert not studio.exception
    assert not studio.error, studio.error[0].value
    return sent_to(studio, "pen")


def written(studio: AppTest) -> str:
    return "\n".join(line["text"] for page in sent(studio)["pages"] for line in page["lines"])


def ink(studio: AppTest) -> list:
    return [line["moves"] for page in sent(studio)["pages"] for line in page["lines"]]


def write(studio: AppTest, text: str) -> AppTest:
    studio.text_area(key="text").set_value(text)
    next(button for button in studio.button if button.label == "Write it").click()
    return finished(studio.run())


def test_a_greeting_is_written_on_first_opening(studio: AppTest) -> None:
    opened(studio)
    assert written(studio).startswith("Hello!")
    assert sent(studio)["over"]


def test_every_format_of_the_command_line_is_offered(studio: AppTest) -> None:
    opened(studio)
    labels = [button.label for button in studio.get("download_button")]
    assert labels == ["SVG", "PNG", "PDF", "Animated SVG", "GIF", "Xournal++", "InkML", "JSON", "HPGL", "G-code"]
    assert sorted(KINDS) == sorted(WRITTEN)


def test_the_text_that_was_typed_is_written_with_its_line_ends(studio: AppTest) -> None:
    assert written(write(studio.run(), "ink\non\n\npaper")) == "ink\non\npaper"


def test_a_link_brings_the_same_ink_back(studio: AppTest) -> None:
    opened(studio, text="again", bias="0.4", seed="42")
    first = ink(studio)
    studio.number_input(key="seed").set_value(43.0).run()
    assert ink(finished(studio)) != first
    studio.number_input(key="seed").set_value(42.0).run()
    assert ink(finished(studio)) == first


@pytest.mark.parametrize(
    ("link", "options"),
    [
        ({"text": "the same ink", "bias": "0.5", "seed": "11"}, ["--bias", "0.5", "--seed", "11"]),
        (
            {"text": "the same\nink", "seed": "3", "best_of": "2", "style": "calm", "ink": "Red", "line": "0.6"},
            ["--seed", "3", "--best-of", "2", "--style", "calm", "--colour", "#a5262c", "--pen-width", "0.6"],
        ),
        (
            {"text": "the same ink on paper", "seed": "5", "page": "a6", "ruling": "Ruled", "drift": "0.5"},
            ["--seed", "5", "--page", "a6", "--ruled", "--sheet.drift", "0.5"],
        ),
    ],
)
def test_studio_and_command_write_the_same_file(
    studio: AppTest,
    tiny_models: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    link: dict[str, str],
    options: list[str],
) -> None:
    opened(studio, **link)
    sent(studio)
    sheet = Sheet(paper="a6", ruling="ruled", drift=0.5) if "page" in link else None
    look = INKS[link.get("ink", "Blue-black")]._replace(width=float(link.get("line", 0.45)))
    ours = pack(pages_of(studio.session_state["job write"].result, look, sheet), ".json", "ink")
    file = tmp_path / "ink.json"
    monkeypatch.setattr(
        sys, "argv", ["handwriting", "write", link["text"], "-o", str(file), "--model", tiny_models[SCRIBE], *options]
    )
    assert cli.main() == 0
    assert ours == file.read_bytes()


def test_another_take_draws_another_seed(studio: AppTest) -> None:
    before = ink(write(studio.run(), "ink"))
    studio.button(key="another").click().run()
    assert studio.number_input(key="seed").value != 7
    assert ink(finished(studio)) != before


def test_colour_width_and_paper_do_not_write_again(studio: AppTest) -> None:
    opened(studio)
    job, name = studio.session_state["job write"], sent(studio)["name"]
    studio.selectbox(key="ink").set_value("Red").run()
    studio.slider(key="line").set_value(1.0).run()
    studio.selectbox(key="page").set_value("a5").run()
    found = sent(studio)
    assert studio.session_state["job write"] is job
    assert found["name"] == name
    assert (found["looks"]["width"], found["looks"]["colour"]) == (1.0, "#a5262c")
    assert found["pages"][0]["paper"]["width"] == 148.0


def test_a_text_flows_over_pages(studio: AppTest) -> None:
    opened(studio, text="many words " * 40, page="a6", spacing="30")
    assert len(sent(studio)["pages"]) > 1


def test_replaced_characters_are_named(studio: AppTest) -> None:
    write(studio.run(), "naïve Straße 5 € 😀 漢")
    assert written(studio) == "naïve Strasse 5 € ☺"
    assert "“ss” for “ß”" in studio.info[0].value
    assert "“ï”" not in studio.info[0].value
    assert "“☺” for “😀”" in studio.info[0].value
    assert "“€”" not in studio.info[0].value
    assert "left out “漢”" in studio.info[0].value


@pytest.mark.parametrize("text", ["", "   ", "漢字"])
def test_nothing_to_write_is_said_in_a_sentence(studio: AppTest, text: str) -> None:
    write(studio.run(), text)
    assert not studio.exception
    assert "nothing to write" in studio.error[0].value


def test_text_that_looks_like_code_is_only_text(studio: AppTest) -> None:
    text = "</script><b>*x*</b> $a$"
    assert written(write(studio.run(), text)) == text


def test_a_missing_model_is_said_in_a_sentence(studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCRIBE, "no-such-model")
    opened(studio, text="never written before")
    assert not studio.exception
    assert "no model 'no\\-such\\-model'" in studio.error[0].value


@pytest.mark.parametrize("link", [{"page": "a55"}, {"page": "a6", "margin": "70"}])
def test_paper_that_cannot_be_is_said_in_a_sentence(studio: AppTest, link: dict[str, str]) -> None:
    studio.query_params.update(link)
    studio.run()
    assert not studio.exception
    assert studio.error


def test_a_link_with_too_long_a_text_shows_the_greeting(studio: AppTest) -> None:
    assert len(written(opened(studio, text="ha " * 2000))) <= 5000


def test_takes_side_by_side_have_seeds_of_their_own_and_one_is_chosen(studio: AppTest) -> None:
    studio.query_params.update({"takes": "3", "seed": "20", "text": "take"})
    studio.run()
    for number in range(3):
        studio.session_state[f"job take {number}"].wait(60)
    studio.run()
    assert not studio.exception
    inks = [studio.session_state[f"job take {number}"].result for number in range(3)]
    assert [one.seed for one in inks] == [20, 21, 22]
    assert not np.array_equal(inks[0].strokes[:5], inks[1].strokes[:5])
    studio.button(key="take-1").click().run()
    finished(studio)
    assert studio.number_input(key="seed").value == 21
    np.testing.assert_array_equal(studio.session_state["job write"].result.strokes, inks[1].strokes)
    assert written(studio) == "take"


def test_of_a_long_text_the_beginning_is_compared() -> None:
    assert beginning("a short one") == "a short one"
    assert beginning("Dear Anna,\n" + "word " * 40) == "Dear Anna,\n" + " ".join(["word"] * 20)


def test_several_pages_are_packed_where_a_format_holds_one(studio: AppTest) -> None:
    opened(studio, text="many words " * 40, page="a6", spacing="30")
    pages = pages_of(studio.session_state["job write"].result, INKS["Red"], Sheet(paper="a6", spacing=30.0))
    with zipfile.ZipFile(io.BytesIO(pack(pages, ".svg", "letter"))) as folder:
        assert folder.namelist() == [f"letter-{number}.svg" for number in range(1, len(pages) + 1)]
        assert b"<svg" in folder.read("letter-1.svg")
    assert len(decode(pack(pages, ".json", "letter"), ".json", "letter")) == len(pages)
    assert json.loads(pack(pages, ".json", "letter"))["pages"][0]["lines"][0]["pen"]["colour"] == "#a5262c"
