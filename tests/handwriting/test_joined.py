"""Two lines of a hand as one: every line once, nobody's lines mixed, the second where a writer would have gone on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from handwriting.config import DataConfig
from handwriting.data import Lines, collate, load_lines
from handwriting.evaluate import evaluate, evaluate_by
from handwriting.joined import GAP, join, pair_up, shuffled_pairs
from handwriting.likelihood import score_points
from handwriting.model import Network
from handwriting.train import WritingTask
from shared.errors import UserError
from shared.processes import Part
from tests.handwriting.conftest import TINY
from tests.handwriting.test_train import metrics, run, train


def by(lines: Lines, writers: list[int]) -> Lines:
    return replace(lines, writer=np.resize(writers, len(lines.texts)))


@pytest.fixture
def ink(lines_file: Path) -> Lines:
    return by(load_lines(lines_file), [0, 0, 0, 0, 1, 1, 1, 1])  # two writers in each split


@pytest.fixture
def written_file(lines_file: Path, tmp_path: Path) -> Path:
    data = dict(np.load(lines_file).items())
    data["writer"] = np.resize([0, 0, 0, 0, 1, 1, 1, 1], len(data["writer"])).astype(np.int32)
    np.savez_compressed(tmp_path / "lines.npz", **data)
    return tmp_path / "lines.npz"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-1, 3), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
def test_each_line_is_there_once_with_its_own_writers(writers: list[int], seed: int) -> None:
    lines = Lines(np.zeros((0, 3)), np.zeros(1), [], np.zeros(0), np.zeros(0), np.zeros(0), np.array(writers))
    groups = shuffled_pairs(lines, range(len(writers)), np.random.default_rng(seed))
    assert sorted(line for group in groups for line in group) == list(range(len(writers)))
    for group in groups:
        assert len(group) == 1 or (len(group) == 2 and writers[group[0]] == writers[group[1]] >= 0)
    singles = [writers[group[0]] for group in groups if len(group) == 1]
    assert all(singles.count(writer) == writers.count(writer) % 2 for writer in range(4))


def test_a_line_to_be_scored_stands_behind_the_one_before_it(ink: Lines) -> None:
    lines = by(ink, [7, 8, 7, 9, -1, 7, -1])
    assert pair_up(lines, range(7)) == [(5, 0), (0, 2), (2, 5)]
    with pytest.raises(UserError, match="no two of these lines are known to be by the same writer"):
        join(ink, pair_up(by(ink, [-1]), range(7)))


def test_the_second_line_goes_on_a_words_space_to_the_right_at_the_same_height(ink: Lines) -> None:
    joined, starts = join(ink, [(0, 4), (8,)])
    assert joined.texts == [f"{ink.texts[0]} {ink.texts[4]}", ink.texts[8]]
    assert starts.tolist() == [ink.length(0) + 1, 1]
    assert joined.ends.tolist() == np.cumsum([0, ink.length(0) + ink.length(4), ink.length(8)]).tolist()
    assert np.array_equal(joined.strokes(1), ink.strokes(8))
    both, way = joined.strokes(0), ink.length(0)
    assert np.array_equal(both[:way], ink.strokes(0))
    assert np.array_equal(both[way + 1 :], ink.strokes(4)[1:])
    places = np.cumsum(both[:, :2], 0)
    first, second = places[:way], places[way:]
    assert second[:, 0].min() - first[:, 0].max() == pytest.approx(GAP, abs=0.1)
    # Arches all hang from one height and are 45 or 90 high.
    assert abs(second[:, 1].max() - first[:, 1].max()) < 25


def test_a_line_that_ends_with_a_dot_far_back_is_not_written_over(ink: Lines) -> None:
    """The pen's last point need not be the right end of the ink."""
    strokes = ink.strokes(0).copy()
    strokes[-1, 0] -= 700
    lines = replace(ink, points=np.concatenate([strokes, ink.points[len(strokes) :]]))
    places = np.cumsum(join(lines, [(0, 4)]).lines.strokes(0)[:, 0])
    assert places[len(strokes) :].min() > places[: len(strokes)].max()


@torch.no_grad()
def test_only_what_is_written_after_the_prime_is_scored(ink: Lines) -> None:
    network = Network(TINY).eval()
    pairs = pair_up(ink, ink.of([1]))
    joined, starts = join(ink, pairs)
    nats = 0.0
    for place, start in enumerate(starts):
        batch = collate(joined, [place])
        points = network.normalise(batch.points)
        raw, _ = network(points[:, :-1], batch.text, batch.text_lengths)
        scores = score_points(raw, points[:, 1:], batch.lengths - 1, TINY.sigma_floor)
        nats -= float((scores.offset + scores.pen)[0, start - 1 :].sum())
    report = evaluate(network, joined, range(len(pairs)), batch=5, given=starts)
    assert report["nats_a_line"] == pytest.approx(nats / len(pairs), rel=1e-5)
    # The very points that are scored where the second line stands alone.
    assert report["points_a_line"] == np.mean([ink.length(line) - 1 for _, line in pairs])


def test_an_epoch_joins_all_training_lines_anew(ink: Lines) -> None:
    task = WritingTask(ink, TINY, DataConfig(lines=4, chunk=90, scale=0.0, joined=True), seed=3)
    assert task.batches(1) == task.batches(1)
    texts = []
    for epoch in (0, 1):
        task.begin_epoch(epoch)
        assert sorted(line for batch in task.batches(epoch) for line in batch) == list(range(len(task.examples)))
        texts.append([task.read.texts[line] for line in task.examples])
        words = sorted(" ".join(texts[-1]).split())
        assert words == sorted(" ".join(ink.texts[line] for line in task.train).split())
    assert texts[0] != texts[1]
    losses = list(task.losses(task.model, Part(task.batches(1)[0])))
    longest = max(task.read.length(line) for line in task.batches(1)[0])
    assert len(losses) == -(-(longest - 1) // 90)


def test_the_command_learns_joined_lines_and_reports_both(written_file, tmp_path, monkeypatch, capsys) -> None:
    out = tmp_path / "run"
    assert run(monkeypatch, *train(written_file, out, "--lines.joined=true")) == 0
    scores = metrics(out, "validation")
    assert scores[-1]["primed_nats_a_line"] < scores[0]["primed_nats_a_line"]
    capsys.readouterr()
    assert run(monkeypatch, "evaluate", "--data", written_file, "--model", out / "best", "--primed") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["nats_a_line"] == pytest.approx(min(line["primed_nats_a_line"] for line in scores), rel=1e-4)
    assert report["unprimed_nats_a_line"] == pytest.approx(min(line["nats_a_line"] for line in scores), rel=1e-4)


def test_lines_of_nobody_known_cannot_be_read_after_another(lines_file, tmp_path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, *train(lines_file, tmp_path / "run", "--lines.joined=true")) == 2
    assert "by the same writer" in capsys.readouterr().err
    with pytest.raises(UserError, match="by the same writer"):
        evaluate_by("graves", Network(TINY), load_lines(lines_file), primed=True)
