"""Samples are read whatever state their files are in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.run_folder import RunFolder
from shared.run_samples import MOST_SAMPLES, Read, Said, Written, read_samples, sample_files


def keep(run: Path, updates: int, *samples: Any) -> Path:
    run.mkdir(exist_ok=True)
    RunFolder(run).keep_samples(updates, list(samples))
    return run / "samples" / f"{updates:08d}.json"


def test_files_come_in_the_order_of_their_updates(tmp_path: Path) -> None:
    for updates in (300, 20, 123_456_789):
        keep(tmp_path, updates, {"read": "x"})
    (tmp_path / "samples" / "notes.json").write_text("{}")
    assert list(sample_files(tmp_path)) == [20, 300, 123_456_789]
    assert sample_files(tmp_path / "none") == {}


def test_links_lead_nowhere(tmp_path: Path) -> None:
    file = keep(tmp_path / "one", 5, {"text": "a", "read": "b"})
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "samples").symlink_to(tmp_path / "one" / "samples")
    assert sample_files(tmp_path / "two") == {}
    link = tmp_path / "one" / "samples" / "00000006.json"
    link.symlink_to(file)
    assert read_samples(link) == []
    assert read_samples(file) == [Read("a", "b")]


def test_each_kind_is_known(tmp_path: Path) -> None:
    ink, said, read = read_samples(
        keep(
            tmp_path, 7,
            {"text": "tea", "strokes": [[0, 0, 0], [1.5, -2, 1]]},
            {"file": "1.jpg", "caption": "a dog", "people": ["a dog runs", 3]},
            {"text": "ink", "read": "inh"},
        )
    )  # fmt: skip
    assert isinstance(ink, Written)
    assert ink.text == "tea"
    np.testing.assert_array_equal(ink.strokes, [[0, 0, 0], [1.5, -2, 1]])
    assert said == Said("1.jpg", "a dog", ["a dog runs", ""])
    assert read == Read("ink", "inh")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"samples": 5}', '{"samples": [5, {}, {"strokes": 7}, {"strokes": [[1, 2]]}]}', "[" * 100_000,
     '{"samples": [{"strokes": [[NaN, 1, 0], ["a", 1, 0], [1e300, 1, 0], [1, 2, 3]]}]}'],
)  # fmt: skip
def test_what_is_no_sample_is_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "1.json").write_text(text)
    assert read_samples(tmp_path / "1.json") == []


def test_very_many_and_very_long_ones_are_cut(tmp_path: Path) -> None:
    file = keep(tmp_path, 1, *[{"text": "x" * 10_000, "strokes": [[1, 1, 0]] * 10_000}] * 40)
    samples = read_samples(file)
    assert len(samples) == MOST_SAMPLES
    assert len(samples[0].text) < 1000
    assert len(samples[0].strokes) < 5000
    assert json.loads(file.read_text())["samples"][0]["text"] == "x" * 10_000
