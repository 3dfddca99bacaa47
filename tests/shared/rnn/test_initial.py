from __future__ import annotations

import pytest
import torch
from torch import nn

from shared.rnn.choice import build
from shared.rnn.initial import chrono_, orthogonal_, scale_to_radius_, spectral_radius
from shared.rnn.lstm import LSTM


def test_each_gate_is_orthogonal() -> None:
    cell = LSTM(3, 5).double()
    assert orthogonal_(cell.recurrent_weight, gain=0.5) is cell.recurrent_weight
    gates = cell.recurrent_weight.detach().split(5)
    for gate in gates:
        torch.testing.assert_close(gate.t() @ gate, 0.25 * torch.eye(5, dtype=torch.float64))
        assert spectral_radius(gate) == pytest.approx(0.5)
    assert not torch.equal(gates[0], gates[1])
    assert isinstance(cell.recurrent_weight, nn.Parameter)
    assert cell.recurrent_weight.requires_grad


def test_an_orthogonal_recurrence_keeps_what_it_carries() -> None:
    matrix, h = orthogonal_(torch.empty(6, 6, dtype=torch.float64)), torch.randn(6, dtype=torch.float64)
    torch.testing.assert_close((torch.linalg.matrix_power(matrix, 100) @ h).norm(), h.norm())


def test_spectral_radius_sees_complex_eigenvalues_and_not_norms() -> None:
    turn = torch.tensor([[0.0, -2.0], [2.0, 0.0]])  # eigenvalues ±2i
    assert spectral_radius(turn) == pytest.approx(2)
    sheared = torch.tensor([[0.5, 100.0], [0.0, -0.7]])
    assert spectral_radius(sheared) == pytest.approx(0.7)


def test_a_matrix_is_scaled_in_place() -> None:
    matrix = nn.Parameter(torch.randn(20, 20, dtype=torch.float64))
    before = matrix.detach().clone()
    assert scale_to_radius_(matrix, 1.5) is matrix
    assert spectral_radius(matrix) == pytest.approx(1.5)
    ratio = matrix.detach() / before
    torch.testing.assert_close(ratio, torch.full_like(ratio, ratio[0, 0].item()))


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"square blocks below each other, got the shape \[7, 3\]"):
        orthogonal_(torch.empty(7, 3))
    with pytest.raises(ValueError, match=r"square blocks below each other, got the shape \[3\]"):
        orthogonal_(torch.empty(3))
    with pytest.raises(ValueError, match="gain must be above 0, got 0"):
        orthogonal_(torch.empty(3, 3), gain=0.0)
    with pytest.raises(ValueError, match=r"only a square matrix has a spectral radius, got the shape \[2, 3\]"):
        spectral_radius(torch.empty(2, 3))
    with pytest.raises(ValueError, match="infinite or undefined entries"):
        spectral_radius(torch.full((2, 2), float("nan")))
    with pytest.raises(ValueError, match="finite number of at least 0, got -1"):
        scale_to_radius_(torch.eye(2), -1.0)
    with pytest.raises(ValueError, match="eigenvalues are all 0"):
        scale_to_radius_(torch.tensor([[0.0, 1.0], [0.0, 0.0]]), 0.9)
    with pytest.raises(ValueError, match="at least 2 steps, got 1"):
        chrono_(LSTM(1, 1), 1)


@pytest.mark.parametrize("name", ["lstm", "peephole-lstm", "layer-norm-lstm", "gru", "gru-reset-before"])
def test_patience_is_a_memory_of_up_to_the_span(name: str) -> None:
    core = build(name, 2, 400)
    chrono_(core, 101)
    gate = core.bias.view(core.blocks, -1)[1]
    assert 0 <= gate.min() < 1
    steps = gate.exp()  # of memory: 1 / (1 - σ(b)) - 1
    assert steps.mean().item() == pytest.approx(50, rel=0.15)
    if core.blocks == 4:
        torch.testing.assert_close(core.bias.view(4, -1)[0], -gate)


def test_a_cell_without_gates_is_left_as_it_is() -> None:
    core = build("tanh", 2, 4)
    before = core.bias.clone()
    chrono_(core, 100)
    assert torch.equal(core.bias, before)
