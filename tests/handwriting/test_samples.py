"""What a network in training writes to show where it stands."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from handwriting.config import DataConfig, LessonConfig
from handwriting.data import load_lines
from handwriting.model import Network
from handwriting.samples import POINTS, TEXTS, write_samples
from handwriting.train import WritingTask
from shared.config import TrainingConfig
from shared.training import fit
from tests.handwriting.conftest import TINY

PREDICTION = replace(TINY, text=False)
QUICK = replace(TINY, points_per_character=2.0)


def test_the_same_texts_are_written_each_time() -> None:
    network = Network(QUICK).eval()
    lines = write_samples(network, 4, seed=5)
    assert [line["text"] for line in lines] == [*TEXTS, TEXTS[0]]
    assert lines == write_samples(network, 4, seed=5)
    assert lines[0]["strokes"] != lines[3]["strokes"]
    assert all(len(point) == 3 and point[2] in (0, 1) for line in lines for point in line["strokes"])
    json.dumps(lines, allow_nan=False)


def test_a_network_without_text_writes_of_its_own_accord() -> None:
    lines = write_samples(Network(PREDICTION).eval(), 2, seed=5)
    assert [(line["text"], len(line["strokes"])) for line in lines] == [("", POINTS)] * 2
    assert lines[0] != lines[1]


def test_of_a_network_that_ran_wild_what_is_left_is_kept() -> None:
    network = Network(PREDICTION).eval()
    with torch.no_grad():
        network.head.weight.fill_(float("nan"))
    assert all(len(line["strokes"]) == 1 or line["strokes"] == [] for line in write_samples(network, 2, seed=0))


@pytest.mark.parametrize("model", [QUICK, replace(PREDICTION, cell="hm-lstm")])
def test_samples_change_nothing_of_the_training(lines_file: Path, tmp_path: Path, model) -> None:
    lesson = LessonConfig() if model.text else LessonConfig(loss="line")
    for samples in (0, 2):
        torch.manual_seed(9)
        task = WritingTask(load_lines(lines_file), model, DataConfig(lines=12, chunk=100), 1, lesson)
        fit(task, TrainingConfig(epochs=1, samples=samples, validate_every=0.5, seed=1), tmp_path / str(samples))
    without, with_them = (load_file(tmp_path / str(n) / "state" / "model.safetensors") for n in (0, 2))
    assert all(torch.equal(without[name], with_them[name]) for name in without)
    files = sorted((tmp_path / "2" / "samples").iterdir())
    rows = [json.loads(line) for line in (tmp_path / "2" / "metrics.jsonl").read_text().splitlines()]
    assert [int(file.stem) for file in files] == [row["updates"] for row in rows if row["kind"] == "validation"]
    assert len(json.loads(files[0].read_text())["samples"]) == 2
