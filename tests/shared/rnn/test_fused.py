"""A cell whose products are one steps as the cell itself."""

from __future__ import annotations

import pytest
import torch

from shared.cells import CELLS
from shared.rnn import LSTM, Cell, Elman, Fused, Leaky, PeepholeLSTM, Residual, fused
from shared.rnn.choice import build
from tests.shared.rnn.checks import BATCH, FEATURES, HIDDEN, STEPS, assert_same, exact, random_state

SUMMING = (Elman, Residual, Leaky, LSTM, PeepholeLSTM)


@pytest.mark.parametrize("name", CELLS)
def test_it_steps_as_its_cell_does(name: str) -> None:
    core = exact(build(name, FEATURES, HIDDEN))
    quick = fused(core)
    assert isinstance(quick, Fused) == isinstance(core, SUMMING)
    assert (quick is core) == (not isinstance(core, SUMMING))
    state = other = core.initial_state(BATCH)
    with torch.no_grad():
        for x in torch.randn(STEPS, BATCH, FEATURES, dtype=torch.float64):
            y, state = core(x, state)
            z, other = quick(x, other)
            assert_same((y, state), (z, other))
    assert_same(quick.initial_state(2), core.initial_state(2))


def test_it_keeps_the_weights_that_the_cell_had() -> None:
    cell = exact(LSTM(FEATURES, HIDDEN))
    assert isinstance(cell, Cell)
    quick, x, state = fused(cell), torch.randn(BATCH, FEATURES, dtype=torch.float64), random_state(cell)
    before, _ = quick(x, state)
    with torch.no_grad():
        cell.input_weight.zero_()
    assert_same(quick(x, state)[0], before)
    assert not before.requires_grad
