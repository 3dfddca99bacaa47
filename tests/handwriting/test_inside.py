"""Looking into a network along its ink: what is seen is what it did as it wrote."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from handwriting import mixture
from handwriting.config import ModelConfig
from handwriting.data import pad_texts
from handwriting.expectation import expectation
from handwriting.followers import interesting_cells, properties
from handwriting.inside import Inside, look_inside, watch, write_line
from handwriting.likelihood import score_points
from handwriting.model import Network, SynthesisNetwork
from handwriting.sample import Request, sample
from handwriting.scribe import Scribe
from handwriting.strokes import MM_PER_UNIT
from tests.handwriting.conftest import TINY

PREDICTION = replace(TINY, text=False)


@pytest.fixture(scope="module")
def network() -> SynthesisNetwork:
    torch.manual_seed(3)
    network = SynthesisNetwork(replace(TINY, points_per_character=6.0)).eval()
    network.mean.copy_(torch.tensor([9.0, 1.0]))
    network.scale.copy_(torch.tensor([30.0, 20.0]))
    return network


@pytest.fixture(scope="module")
def ink(network: SynthesisNetwork) -> np.ndarray:
    return sample(network, [Request("tea and cake", bias=0.5, seed=4)])[0].strokes


@pytest.fixture(scope="module")
def seen(network: SynthesisNetwork, ink: np.ndarray) -> Inside:
    return look_inside(network, ink, "tea and cake")


def test_the_window_stands_where_it_stood_as_the_ink_was_written(network, ink, seen) -> None:
    line = sample(network, [Request("tea and cake", bias=0.5, seed=4)])[0]
    np.testing.assert_array_equal(seen.reading, line.characters[1:])


def test_the_share_of_time_that_each_character_gets_adds_up_to_all_of_it(ink, seen) -> None:
    assert seen.phi.shape == (len(ink) - 1, len("tea and cake") + 1)
    assert (seen.phi >= 0).all()
    share = seen.phi / seen.phi.sum(1, keepdims=True)
    assert share.sum() == pytest.approx(seen.steps)
    assert (np.diff(seen.kappa, axis=0) > 0).all()


def test_what_it_expected_is_what_it_is_scored_by(network, ink, seen) -> None:
    text, lengths = pad_texts(["tea and cake"])
    points = network.normalise(torch.as_tensor(ink, dtype=torch.float32))
    points[0, :2] = network.normalise(torch.zeros(3))[:2]
    with torch.no_grad():
        raw, _ = network(points[None, :-1], text, lengths)
    scores = score_points(raw, points[None, 1:], torch.tensor([len(ink) - 1]), network.config.sigma_floor)
    mine = mixture.log_density(seen.expected, points[1:, :2])
    torch.testing.assert_close(mine, scores.offset[0], atol=1e-4, rtol=1e-4)


def test_the_output_is_a_weighing_of_the_cells(network, seen) -> None:
    hidden = np.concatenate(list(seen.cells.values()), 1)
    assert list(seen.cells) == ["layer 1", "layer 2"]
    pen = hidden @ network.head.weight[-1].detach().numpy() + network.head.bias[-1].item()
    np.testing.assert_allclose(pen, seen.expected.pen_logit.numpy(), atol=1e-4)


def test_a_line_is_the_one_that_the_scribe_writes(network) -> None:
    strokes, text, _ = write_line(Scribe(network), "tea", 0.5, 4)
    ink = Scribe(network).write("tea", bias=0.5, seed=4)
    assert text == "tea"
    assert len(strokes) == len(ink.strokes)
    lengths = np.hypot(*strokes[1:, :2].T) * MM_PER_UNIT
    np.testing.assert_allclose(lengths, np.hypot(*ink.strokes[1:, :2].T), atol=1e-6)  # the scribe's is turned level


def test_boundaries_of_a_hierarchy_are_yes_or_no_on_any_ink(ink) -> None:
    torch.manual_seed(0)
    hierarchy = Network(replace(PREDICTION, cell="hm-lstm", layers=3)).eval()
    seen = look_inside(hierarchy, ink)
    assert seen.boundaries.shape == (len(ink) - 1, 2)
    assert seen.boundaries.dtype == bool
    assert 0 < seen.boundaries[:, 0].mean() < 1
    assert list(seen.cells) == ["level 1", "level 2", "level 3"]
    # A level copies what it has unless it, or the one below, drew a boundary.
    still = ~seen.boundaries[1:, 0] & ~seen.boundaries[:-1, 1]
    changed = (np.diff(seen.cells["level 2"], axis=0) != 0).any(1)
    assert still.any()
    assert not changed[still].any()


def test_a_network_without_text_has_no_window(ink) -> None:
    seen = look_inside(Network(PREDICTION).eval(), ink, "nothing")
    assert seen.phi is None
    assert seen.boundaries is None
    assert seen.text == ""
    assert interesting_cells(seen)


@pytest.mark.parametrize("cell", ["gru", "tanh", "ntm", "multi-timescale", "leaky"])
def test_every_kind_of_cell_can_be_looked_into(cell: str, ink) -> None:
    seen = look_inside(Network(ModelConfig(False, cell, 8, 2, mixtures=2)).eval(), ink)
    assert all(cells.shape == (seen.steps, 8) for cells in seen.cells.values())


def test_it_says_how_far_it_is_and_refuses_what_it_cannot_read(network, ink) -> None:
    shares = list(watch(network, ink, "tea and cake"))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with pytest.raises(ValueError, match="ink of 1 points"):
        look_inside(network, ink[:1], "tea")
    with pytest.raises(ValueError, match="was given none"):
        look_inside(network, ink)


def test_as_many_points_are_expected_as_were_made(network, seen) -> None:
    mean, scale = network.mean.numpy(), network.scale.numpy()
    plane = expectation(seen, mean, scale, columns=300)
    total = plane.values.sum() * plane.cell**2
    assert 0.5 * seen.steps < total < 1.01 * seen.steps  # some of it lies beyond the plane's edge


def test_the_plane_shines_where_one_step_expected_the_pen(network, seen) -> None:
    sure = seen.expected._replace(
        log_weights=torch.tensor([[0.0, -50.0]]).expand(seen.steps, 2),
        means=torch.zeros(seen.steps, 2, 2),
        log_scales=torch.full((seen.steps, 2, 2), -2.0),
        atanh_correlation=torch.zeros(seen.steps, 2),
    )
    plane = expectation(seen._replace(expected=sure), network.mean.numpy(), network.scale.numpy(), columns=300)
    at = np.cumsum(seen.strokes[:, :2], 0)[:-1] + network.mean.numpy()
    columns, rows = ((at - [plane.left, plane.top]) / plane.cell).astype(int).T
    there = plane.values[rows.clip(0, len(plane.values) - 1), columns.clip(0, 299)]
    assert there.min() > 10 * plane.values.mean()


def test_cells_that_follow_the_pen_are_found(seen) -> None:
    traits = properties(seen)
    planted = seen.cells["layer 2"].copy()
    planted[:, 5] = 0.1 - 0.02 * traits["the way down"]
    found = interesting_cells(seen._replace(cells={**seen.cells, "layer 2": planted}))
    cell = next(cell for cell in found if cell.why == "follows the way down")
    assert (cell.layer, cell.unit) == ("layer 2", 5)
    assert cell.strength == pytest.approx(-1, abs=0.01)
    assert [cell.why for cell in found[-3:]] == ["varies most"] * 3


def test_properties_say_what_the_pen_does(seen) -> None:
    traits = properties(seen)
    assert all(len(values) == seen.steps for values in traits.values())
    np.testing.assert_array_equal(traits["the pen being lifted"], seen.strokes[1:, 2])
    at = list(seen.reading).index(4)
    assert traits["the place in the word"][at] == 1
    assert traits["the space between words"][list(seen.reading).index(3)] == 1
