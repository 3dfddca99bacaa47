"""The page that looks inside, with untrained networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from tests.ui.reading_pages import _elements
from tests.ui.test_postcard import picture
from ui import charts, looking
from ui.settings import SCRIBE, SEPARATOR


def open_page(studio: AppTest, **query: str) -> AppTest:
    studio.query_params.update(query)
    studio.run()
    settled(studio.switch_page("views/inside.py").run())
    assert not studio.exception
    assert not studio.error, studio.error[0].value
    return studio


def settled(page: AppTest) -> AppTest:
    """The page when its work is done."""
    for slot in ("job inside", "job hierarchy 0"):
        if slot in page.session_state:
            page.session_state[slot].wait(60)
            page.run()
    return page


def pictures(studio: AppTest) -> list[dict[str, Any]]:
    found = [element.proto for element in _elements(studio.main) if element.type == "bidi_component"]
    return [json.loads(proto.json) for proto in found if proto.component_name == "show_and_scribe.timeline"]


def test_there_is_something_to_see_on_first_opening(studio: AppTest) -> None:
    window, expectation, cell = pictures(open_page(studio))
    assert [panel["kind"] for panel in window["panels"]] == ["map", "ink"]
    assert window["panels"][0]["rows"] == [*"the␣pen␣knows␣where␣it␣is", "⏎"]
    assert window["count"] == len(window["letters"]) == len(window["panels"][1]["x"]) - 1
    assert expectation["panels"][0]["glow"]["values"]
    assert expectation["panels"][1]["count"] == 2  # components of the untrained network's guess
    assert [panel["kind"] for panel in cell["panels"]] == ["ink", "curve"]
    assert len({picture["of"] for picture in (window, expectation, cell)}) == 1
    assert all(panel["label"] for picture in (window, expectation, cell) for panel in picture["panels"])


def test_a_link_brings_a_line_and_another_cell_another_curve(studio: AppTest) -> None:
    open_page(studio, sentence="ink")
    before = pictures(studio)[2]
    assert pictures(studio)[0]["panels"][0]["rows"] == ["i", "n", "k", "⏎"]
    cells = studio.selectbox(key="cell")
    cells.set_value(cells.options.index("Another one")).run()
    studio.selectbox(key="layer").set_value("layer 2").run()
    studio.number_input(key="unit of 16").set_value(5).run()
    after = pictures(studio)[2]
    assert after["panels"][1]["values"] != before["panels"][1]["values"]
    assert after["panels"][1]["label"] == "The output of layer 2, cell 5 over time"


def test_text_that_looks_like_code_is_only_text(studio: AppTest) -> None:
    (window, *_) = pictures(open_page(studio, sentence="<b>*x*</b> :smile:"))
    # The network is at letters, and at what stands beside them; the other signs are drawn.
    assert window["panels"][0]["rows"] == [*"b␣x␣b␣:smile:", "⏎"]


@pytest.mark.parametrize(
    ("sentence", "message"), [("漢字", "nothing to write"), ("1 + 1 = 2", "none of them is written by the network")]
)
def test_nothing_to_write_is_said_in_a_sentence(studio: AppTest, sentence: str, message: str) -> None:
    studio.query_params["sentence"] = sentence
    studio.run()
    settled(studio.switch_page("views/inside.py").run())
    assert not studio.exception
    assert message in studio.error[0].value


def test_boundaries_are_shown_where_there_is_a_network_that_draws_them(
    studio: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_models: dict[str, str]
) -> None:
    from handwriting.config import ModelConfig
    from handwriting.model import Network

    torch.manual_seed(0)
    Network(ModelConfig(text=False, cell="hm-lstm", hidden_size=8, layers=3, mixtures=2)).save_pretrained(
        tmp_path / "parts"
    )
    monkeypatch.setenv(SCRIBE, SEPARATOR.join([tiny_models[SCRIBE], str(tmp_path / "parts")]))
    *_, boundaries = found = pictures(open_page(studio, sentence="parts"))
    assert len(found) == 4
    assert boundaries["panels"][1]["rows"] == ["1", "2"]
    assert boundaries["count"] == found[0]["count"]
    assert all(level in (0, 1) and 0 <= step < boundaries["count"] for step, level in boundaries["panels"][0]["marks"])


def test_the_cells_along_a_caption_are_shown(studio: AppTest) -> None:
    open_page(studio, part="The words")
    assert len(studio.get("vega_lite_chart")) == 2
    cell = studio.selectbox(key="word cell")
    cell.set_value(cell.options.index("Another one")).run()
    studio.number_input(key="word unit of 8").set_value(3).run()
    assert "cell 3 of 8" in " ".join(caption.value for caption in studio.caption)


@pytest.mark.parametrize("content", [b"", b"<html>", picture((12_000, 12_000))], ids=["empty", "page", "bomb"])
def test_a_file_that_is_no_photo_is_said_in_one_sentence(studio: AppTest, content: bytes, caplog) -> None:
    open_page(studio, part="The words")
    studio.file_uploader(key="inside photo").set_value(("odd.png", content, "image/png"))
    settled(studio.run())
    assert not studio.exception
    assert "odd.png cannot be used: " in studio.error[0].value.replace("\\", "")
    assert "refused the photo 'odd.png'" in caplog.text
    studio.file_uploader(key="inside photo").set_value(("sea.png", picture(), "image/png"))
    settled(studio.run())
    assert not studio.error


def test_the_reach_of_gradients_is_measured_on_demand(studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"UNITS": 3, "STEPS": 6, "SEQUENCES": 1}.items():
        monkeypatch.setattr(looking, name, value)
    open_page(studio, part="The memory")
    assert len(studio.get("vega_lite_chart")) == 1
    assert "python -m shared.lab reach" in studio.caption[0].value


def test_progress_ends_when_all_cells_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"UNITS": 2, "STEPS": 3, "SEQUENCES": 1}.items():
        monkeypatch.setattr(looking, name, value)
    shares = list(looking.measure_reach(None))
    assert shares[-1] == 1.0
    assert len(shares) == looking.CELLS_MEASURED


def test_small_work_is_done_in_one_thread_and_the_others_come_back() -> None:
    seen = []

    @looking.in_one_thread
    def work(shares: list[float]):
        for share in shares:
            seen.append(torch.get_num_threads())
            yield share
        return "done"

    torch.set_num_threads(2)
    try:
        going = work([0.5, 1.0])
        assert [next(going), torch.get_num_threads(), next(going)] == [0.5, 2, 1.0]
        with pytest.raises(StopIteration) as end:
            next(going)
        assert (end.value.value, torch.get_num_threads(), seen) == ("done", 2, [1, 1])
    finally:
        torch.set_num_threads(1)


def test_words_that_come_twice_keep_their_places() -> None:
    chart = charts.cell_by_word(["a", 'dog"]+alert(1)+["', "a"], np.array([0.1, -0.2, 0.3])).to_dict()
    assert chart["encoding"]["x"]["axis"]["labelExpr"] == json.dumps(["a", 'dog"]+alert(1)+["', "a"]) + "[datum.value]"
    assert [row["place"] for row in next(iter(chart["datasets"].values()))] == [0, 1, 2]


def test_what_is_lost_of_a_gradient_is_not_drawn() -> None:
    chart = charts.reach({"LSTM": [1.0, 0.5], "tanh": [1.0, 1e-9]}, 1e-6).to_dict()
    rows = max(chart["datasets"].values(), key=len)
    assert [(row["cell"], row["back"]) for row in rows] == [("LSTM", 0), ("LSTM", 1), ("tanh", 0)]
