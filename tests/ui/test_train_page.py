"""The page that shows trainings, on runs of every kind."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from shared.run_folder import RunFolder
from tests.shared.test_run_reports import make_run
from tests.ui.reading_pages import _elements
from ui import charts, runs
from ui.settings import RUNS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(RUNS, str(tmp_path))
    monkeypatch.setattr(runs, "SHIPPED", {})
    runs.found.clear()
    return tmp_path


def open_page(studio: AppTest, **query: list[str]) -> AppTest:
    studio.switch_page("views/train.py")
    for name, value in query.items():
        studio.query_params[name] = value
    studio.run()
    assert not studio.exception
    assert not studio.error, studio.error[0].value
    return studio


def old(run: Path, seconds: float = 86_400) -> Path:
    os.utime(run / "metrics.jsonl", (time.time() - seconds,) * 2)
    return run


def drawn(studio: AppTest) -> list[dict[str, Any]]:
    """The rows of each chart."""
    return [json.loads(element.proto.spec) for element in studio.get("vega_lite_chart")]


def test_where_there_is_no_run_it_says_how_to_begin_one(studio: AppTest, folder: Path) -> None:
    open_page(studio)
    assert "handwriting train --data" in studio.code[0].value
    assert "captioning train --data" in studio.code[0].value
    assert not studio.multiselect
    assert not studio.get("vega_lite_chart")


def test_the_newest_run_is_shown_at_once(studio: AppTest, folder: Path) -> None:
    old(make_run(folder / "older"))
    old(make_run(folder / "group" / "newer"), 3600)
    open_page(studio)
    assert not studio.code
    assert studio.multiselect(key="runs").options == ["group/newer", "older"]
    assert studio.multiselect(key="runs").value == ["group/newer"]
    assert [spec["title"]["text"] for spec in drawn(studio)] == ["loss", "log likelihood"]
    assert not any("looks again" in caption.value for caption in studio.caption)
    (bests,) = studio.dataframe
    assert bests.value[["run", "number", "best", "after updates"]].values.tolist() == [
        ["group/newer", "loss", 0.0, 150.0], ["group/newer", "log likelihood", 2.5, 150.0],
    ]  # fmt: skip


def test_several_runs_share_a_chart_and_tell_what_was_set_otherwise(studio: AppTest, folder: Path) -> None:
    for name, epochs in (("one", 3), ("two", 4)):
        old(make_run(folder / name, epochs=epochs))
    open_page(studio, runs=["one", "two"])
    assert set(studio.multiselect(key="runs").value) == {"one", "two"}
    table = runs.table({name: runs.curves_of(folder / name) for name in ("one", "two")}, "loss")
    assert set(table.run) == {"one", "two"}
    differences = studio.dataframe[-1].value
    assert differences.loc["training.epochs", ["one", "two"]].tolist() == ["3", "4"]
    assert list(differences.index) == ["training.epochs"]


def test_a_run_that_grows_is_looked_at_again(studio: AppTest, folder: Path) -> None:
    run = make_run(folder / "now")
    open_page(studio)
    assert any("looks again" in caption.value for caption in studio.caption)
    RunFolder(run).report({"kind": "train", "updates": 200, "epoch": 1, "loss": -5.0})
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "train", "upd')
    studio.run()
    assert studio.dataframe[0].value.best.tolist()[0] == -5.0


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b'{"kind": "train", "updates": ', b"[]\n{}\n3\n", b"{" * 50_000]
)
def test_broken_runs_break_nothing(studio: AppTest, folder: Path, content: bytes) -> None:
    (folder / "broken").mkdir()
    (folder / "broken" / "metrics.jsonl").write_bytes(content)
    (folder / "broken" / "run.json").write_bytes(content)
    (folder / "broken" / "samples").mkdir()
    (folder / "broken" / "samples" / "00000005.json").write_bytes(content)
    open_page(studio)
    assert "nothing that can be read" in studio.info[0].value


def test_a_run_that_is_nowhere_below_the_folder_cannot_be_asked_for(studio: AppTest, folder: Path) -> None:
    make_run(folder / "here")
    outside = make_run(folder.parent / f"{folder.name} outside")
    (folder / "link").symlink_to(outside)
    open_page(studio, runs=[str(outside)])
    assert studio.multiselect(key="runs").options == ["here"]
    assert set(studio.multiselect(key="runs").value) <= {"here"}


def test_samples_can_be_scrubbed_through(studio: AppTest, folder: Path) -> None:
    run = old(make_run(folder / "hand"))
    for updates in (50, 100):
        RunFolder(run).keep_samples(
            updates,
            [
                {"text": "tea", "strokes": [[0, 0, 0], [updates, 5, 1]]},
                {"file": "*1*.jpg", "caption": "a dog <b>runs</b>", "people": ["a dog"]},
                {"text": "ink", "read": "inh"},
            ],
        )
    open_page(studio)
    assert ink(studio)["x"] == [0, 100]
    assert any("dog \\<b\\>runs" in text.value for text in studio.markdown)
    assert any("inh" in text.value for text in studio.markdown)
    studio.select_slider(key="checkpoint of hand").set_value(50).run()
    assert ink(studio)["x"] == [0, 50]


def ink(studio: AppTest) -> dict[str, Any]:
    (proto,) = [element.proto for element in _elements(studio.main) if element.type == "bidi_component"]
    return json.loads(proto.json)["panels"][0]


def test_the_shipped_models_have_curves_to_look_at(
    studio: AppTest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(folder / "card")
    monkeypatch.setenv(RUNS, str(folder / "empty"))
    monkeypatch.setattr(runs, "SHIPPED", {"the one that came along": folder / "card", "none": folder / "nothing"})
    open_page(studio)
    assert studio.code
    assert studio.multiselect(key="runs").options == ["the one that came along"]
    assert len(drawn(studio)) == 2


def test_a_chart_draws_only_what_there_is(folder: Path) -> None:
    curves = {"a": runs.curves_of(make_run(folder / "a"))}
    trained = charts.curves(runs.table(curves, "loss"), "loss", "updates").to_dict()
    assert [layer["mark"]["type"] for layer in trained["layer"]] == ["line"]
    judged = charts.curves(runs.table(curves, "log_likelihood"), "log_likelihood", "minutes").to_dict()
    assert "point" in judged["layer"][0]["mark"]


def test_what_says_most_comes_first() -> None:
    curves = {"a": {name: {} for name in ("learning_rate", "sse_a_point", "CIDEr", "loss")}}
    assert runs.numbers(curves) == ["loss", "CIDEr", "sse_a_point", "learning_rate"]
    assert runs.first_numbers(runs.numbers(curves)) == ["loss", "CIDEr"]
    assert runs.first_numbers(["learning_rate", "x", "y"]) == ["learning_rate", "x"]
