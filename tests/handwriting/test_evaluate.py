"""Numbers that can be compared: in units that do not depend on the network, line by line, by protocol."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Categorical, MixtureSameFamily, MultivariateNormal

from handwriting import mixture
from handwriting.data import collate, load_lines, statistics
from handwriting.evaluate import evaluate, evaluate_by
from handwriting.model import Network, SynthesisNetwork
from tests.handwriting.conftest import TINY
from tests.handwriting.test_train import run


@pytest.fixture
def scored(lines_file: Path):
    """A network in the units of split 0, and the lines."""
    lines = load_lines(lines_file)
    network = Network(TINY).eval()
    mean, scale = statistics(lines, lines.of([0]))
    network.mean.copy_(torch.from_numpy(mean))
    network.scale.copy_(torch.from_numpy(scale))
    return network, lines


@torch.no_grad()
def test_it_is_the_likelihood_of_each_line_by_itself(scored) -> None:
    """Built from covariance matrices, in tablet units, a line at a time."""
    network, lines = scored
    chosen = lines.of([1])[:3]
    nats = pen_nats = squares = points = 0.0
    for line in chosen:
        batch = collate(lines, [line])
        raw, _ = network(network.normalise(batch.points)[:, :-1], batch.text, batch.text_lengths)
        density = mixture.parse(raw[0].double(), TINY.sigma_floor)
        spread = density.log_scales.exp() * network.scale
        off = torch.tanh(density.atanh_correlation) * spread.prod(-1)
        covariance = torch.stack([spread[..., 0] ** 2, off, off, spread[..., 1] ** 2], -1).unflatten(-1, (2, 2))
        normals = MultivariateNormal(density.means * network.scale + network.mean, covariance)
        offsets = MixtureSameFamily(Categorical(logits=density.log_weights), normals)
        target = batch.points[0, 1:].double()
        nats -= float(offsets.log_prob(target[:, :2]).sum())
        pen_nats -= float(Bernoulli(logits=density.pen_logit).log_prob(target[:, 2]).sum())
        squares += float(((offsets.mean - target[:, :2]) / network.scale).square().sum())
        points += len(target)
    scores = evaluate(network, lines, chosen, batch=2)
    assert scores["raw_nats_a_point"] == pytest.approx((nats + pen_nats) / points, rel=1e-5)
    assert scores["pen_up_nats"] == pytest.approx(pen_nats / 3, rel=1e-5)
    assert scores["sse_a_point"] == pytest.approx(squares / points, rel=1e-5)
    jacobian = float(network.scale.double().log().sum())
    assert scores["nats_a_line"] == pytest.approx((nats + pen_nats - points * jacobian) / 3, rel=1e-5)
    assert scores["nats_a_point"] * points == pytest.approx(scores["nats_a_line"] * 3)
    assert (scores["lines"], scores["points_a_line"]) == (3, points / 3)


def test_another_unit_changes_the_density_and_not_the_raw_one(scored) -> None:
    network, lines = scored
    chosen, own = lines.of([1]), network.scale.double().numpy()
    one, other = evaluate(network, lines, chosen), evaluate(network, lines, chosen, scale=own * [2.0, 1.0])
    assert other["raw_nats_a_point"] == one["raw_nats_a_point"]
    assert other["nats_a_point"] == pytest.approx(one["nats_a_point"] - np.log(2))
    assert other["pen_up_nats"] == one["pen_up_nats"]
    assert other["sse_a_point"] < one["sse_a_point"] < 4 * other["sse_a_point"]


def test_a_protocol_says_what_is_reported_and_in_what_unit(scored) -> None:
    network, lines = scored
    graves, strict = (evaluate_by(protocol, network, lines) for protocol in ("graves", "strict"))
    assert (graves["split"], graves["unit"]) == (1, "sd of split 0, 2, 3")
    assert (strict["split"], strict["unit"]) == (3, "sd of split 0")
    # This network was trained on split 0, so the strict unit is its own.
    assert strict["nats_a_line"] == pytest.approx(evaluate(network, lines, lines.of([3]))["nats_a_line"])
    assert strict["unit_in_tablet_units"] == pytest.approx(network.scale.tolist())
    assert evaluate_by("strict", network, lines, split=2)["split"] == 2


def test_every_line_is_scored_when_asked_for(scored) -> None:
    network, lines = scored
    some = replace(lines, usable=lines.usable & (np.arange(len(lines.usable)) % 8 == 1))
    assert evaluate_by("graves", network, some)["lines"] == 6
    assert evaluate_by("graves", network, some, every=True)["lines"] == 12


def test_ink_without_training_lines_is_scored_in_the_networks_own_unit(scored) -> None:
    network, lines = scored
    strangers = replace(lines, split=np.full_like(lines.split, 1))
    report = evaluate_by("graves", network, strangers)
    assert report["unit"] == "sd of the network's own training lines"
    assert report["nats_a_line"] == pytest.approx(evaluate(network, strangers, strangers.of([1]))["nats_a_line"])


@pytest.mark.parametrize("text", [True, False])
def test_the_command_reports_both_kinds_of_network(text, lines_file, tmp_path, monkeypatch, capsys) -> None:
    Network(replace(TINY, text=text)).save_pretrained(tmp_path)
    assert run(monkeypatch, "evaluate", "--data", lines_file, "--model", tmp_path, "--protocol", "strict") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["split"] == 3
    assert report["lines"] == 12
    assert {"nats_a_line", "raw_nats_a_point", "pen_up_nats", "sse_a_point", "points_a_line"} <= report.keys()
    assert run(monkeypatch, "evaluate", "--data", lines_file, "--model", tmp_path, "--protocol", "mine") == 2


def test_old_folders_are_read_as_they_were(tmp_path) -> None:
    """A configuration without the settings that came later is that of the network it always was."""
    SynthesisNetwork(TINY).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    for younger in ("text", "alphabet", "writers", "writer_size"):
        del config[younger]
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert SynthesisNetwork.from_pretrained(tmp_path).config == TINY
