"""Runs are read whatever state they are in, and nothing is read that is no run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from shared import run_reports
from shared.run_reports import aim, best, curves, differences, find_runs, read_rows, read_settings, thinned


def make_run(folder: Path, rows: int = 3, **training: object) -> Path:
    folder.mkdir(parents=True)
    lines = [{"kind": "train", "epoch": 0, "updates": 50 * n, "minutes": n, "loss": 3 - n} for n in range(1, rows + 1)]
    lines.append({"kind": "validation", "epoch": 0, "updates": 50 * rows, "minutes": rows, "log_likelihood": 2.5})
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "run.json").write_text(json.dumps({"task": {"model": {"size": 3}}, "training": {"seed": 0, **training}}))
    return folder


def test_runs_are_found_three_levels_down_and_no_deeper(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "a/two", "a/b/three", "a/b/c/four", ".hidden")):
        run = make_run(tmp_path / name)
        os.utime(run / "metrics.jsonl", (1000 + number, 1000 + number))
    make_run(tmp_path / "one" / "state" / "inner")  # a run's own folders are not searched
    assert list(find_runs(tmp_path)) == ["a/b/three", "a/two", "one"]
    assert list(find_runs(tmp_path / "one")) == ["."]
    assert find_runs(tmp_path / "nothing") == {}


def test_links_lead_nowhere(tmp_path: Path) -> None:
    outside = make_run(tmp_path / "outside")
    inside = tmp_path / "inside"
    (inside / "odd").mkdir(parents=True)
    (inside / "folder").symlink_to(outside)
    (inside / "odd" / "metrics.jsonl").symlink_to(outside / "metrics.jsonl")
    (inside / "odd" / "run.json").symlink_to(outside / "run.json")
    assert find_runs(inside) == {}
    assert read_rows(inside / "odd") == []
    assert read_settings(inside / "odd") == {}


def test_a_pipe_does_not_hold_anybody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metrics.jsonl")
    assert find_runs(tmp_path) == {}
    assert read_rows(tmp_path) == []


def test_what_can_be_read_of_a_broken_file_is_read(tmp_path: Path) -> None:
    lines = [
        b'{"kind": "train", "updates": 50, "loss": 1.5, "notes": "fine", "flag": true, "list": [1]}',
        b'{"kind": "train", "updates": 100, "loss": NaN}',
        b'{"updates": 1' + b"0" * 400 + b"}",
        b'["no", "row"]',
        b"\xff\xfe\x00 binary",
        b"[" * 100_000,
        b'{"loss": 3}',
        b'{"kind": "train", "updates": 150, "lo',
    ]
    (tmp_path / "metrics.jsonl").write_bytes(b"\n".join(lines))
    assert read_rows(tmp_path) == [
        {"kind": "train", "updates": 50.0, "loss": 1.5, "notes": "fine"},
        {"kind": "train", "updates": 100.0},
    ]
    (tmp_path / "run.json").write_text('{"task": [1], "training"')
    assert read_settings(tmp_path) == {}


def test_of_a_huge_file_both_ends_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_reports, "MOST_BYTES", 2_000)
    run = make_run(tmp_path / "run", rows=5_000)
    rows = read_rows(run)
    assert 10 < len(rows) < 40
    assert rows[0]["updates"] == 50
    assert rows[-1] == {
        "kind": "validation",
        "epoch": 0.0,
        "updates": 250_000.0,
        "minutes": 5_000.0,
        "log_likelihood": 2.5,
    }


def test_each_number_has_a_curve_for_each_kind_of_row(tmp_path: Path) -> None:
    found = curves(read_rows(make_run(tmp_path / "run")))
    assert list(found) == ["loss", "log_likelihood"]
    assert [(point.updates, point.minutes, point.value) for point in found["loss"]["train"]] == [
        (50, 1, 2), (100, 2, 1), (150, 3, 0),
    ]  # fmt: skip
    assert best(found["loss"]["train"], "loss").updates == 150
    assert best(found["log_likelihood"]["validation"], "log_likelihood").value == 2.5
    assert best([], "loss") is None


@pytest.mark.parametrize(
    ("name", "way"),
    [("nats_a_line", "min"), ("CIDEr", "max"), ("Bleu_4", "max"), ("character_error_rate", "min"), ("characters_right", "max"),
     ("log_likelihood", "max"), ("learning_rate", None), ("gradient_norm", None)],
)  # fmt: skip
def test_it_is_known_which_way_a_number_should_go(name: str, way: str | None) -> None:
    assert aim(name) == way


def test_only_the_settings_that_differ_are_told(tmp_path: Path) -> None:
    runs = {
        "a": read_settings(make_run(tmp_path / "a", epochs=3)),
        "b": read_settings(make_run(tmp_path / "b", epochs=4, ema=0.9)),
    }
    assert runs["a"] == {"model.size": "3", "training.seed": "0", "training.epochs": "3"}
    assert differences(runs) == {"training.epochs": {"a": "3", "b": "4"}, "training.ema": {"a": "", "b": "0.9"}}


def test_a_thinned_curve_keeps_its_ends(tmp_path: Path) -> None:
    points = curves(read_rows(make_run(tmp_path / "run", rows=1000)))["loss"]["train"]
    few = thinned(points, 100)
    assert len(few) <= 101
    assert (few[0], few[-1]) == (points[0], points[-1])
    assert thinned(points, 1000) == points
    assert thinned([], 5) == []
