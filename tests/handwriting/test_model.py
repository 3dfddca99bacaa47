"""The synthesis network, made of any cell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from handwriting import alphabet
from handwriting.model import SynthesisNetwork
from handwriting.sample import sample
from handwriting.window import WindowLayer
from shared.cells import CELLS
from shared.rnn import PeepholeLSTM, loop, unroll
from tests.handwriting.conftest import TINY
from tests.handwriting.test_train import run, train

every_cell = pytest.mark.parametrize("cell", CELLS)


def network_of(cell: str) -> SynthesisNetwork:
    torch.manual_seed(0)
    return SynthesisNetwork(replace(TINY, cell=cell, points_per_character=2.0))


@every_cell
def test_a_whole_line_is_its_points_one_by_one(cell: str) -> None:
    network = network_of(cell).double()
    texts, lengths = torch.tensor([alphabet.encode("abc"), [*alphabet.encode("no"), 0]]), torch.tensor([3, 2])
    core, points = network.read(texts, lengths), torch.randn(2, 9, 3, dtype=torch.float64)
    whole, _ = unroll(core, points)
    stepped, _ = loop(core, points.unbind(1), core.initial_state(2))
    torch.testing.assert_close(whole, stepped)
    parameters = list(network.parameters())
    for one, other in zip(
        *(torch.autograd.grad(ys.square().sum(), parameters, allow_unused=True) for ys in (whole, stepped)), strict=True
    ):
        torch.testing.assert_close(one, other)


@every_cell
def test_it_writes_and_comes_back_from_its_folder(cell: str, tmp_path: Path) -> None:
    network = network_of(cell).eval()
    network.save_pretrained(tmp_path)
    again = SynthesisNetwork.from_pretrained(tmp_path)
    first, second = (sample(net, ["abc"], [1.0], [3])[0].strokes for net in (network, again))
    assert len(first) > 0
    assert (first == second).all()


def test_a_hierarchical_cell_is_all_layers_at_once() -> None:
    network = SynthesisNetwork(replace(TINY, cell="hm-lstm", layers=3))
    assert len(network.above) == 0
    assert len(network.window.core.levels) == 3


def test_graves_network_has_as_many_weights_as_he_says() -> None:
    """Graves 2013, sec. 5: three layers of 400 with peepholes, 10 window components, 57 symbols, 121 outputs."""
    symbols, units = 57, 400
    window = WindowLayer(lambda size: PeepholeLSTM(size, units), 3, 10, symbols, points_per_character=25.0)
    above = [PeepholeLSTM(3 + symbols + units, units) for _ in range(2)]
    head = nn.Linear(3 * units, 121)
    assert sum(p.numel() for module in (window, *above, head) for p in module.parameters()) == 3_653_751


@pytest.mark.parametrize("cell", ["gru", "peephole-lstm", "hm-lstm"])
def test_one_word_trains_another_network(cell, lines_file, tmp_path, monkeypatch) -> None:
    command = [*train(lines_file, tmp_path / "run"), "--training.epochs=0.5", f"--model.cell={cell}"]
    assert run(monkeypatch, *command) == 0
    assert SynthesisNetwork.from_pretrained(tmp_path / "run" / "best").config.cell == cell


def test_a_wrong_word_is_answered_with_the_near_ones(lines_file, tmp_path, monkeypatch, capsys) -> None:
    for word, answer in (("lstn", "did you mean lstm"), ("echo-state", "nothing to train")):
        assert run(monkeypatch, *train(lines_file, tmp_path / "run"), f"--model.cell={word}") == 2
        message = capsys.readouterr().err
        assert answer in message
        assert "Traceback" not in message
    assert not (tmp_path / "run").exists()
