"""Dropout and zoneout: the equations with the masks that were drawn, and what happens to masks on the way."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from shared.rnn.cell import Hidden
from shared.rnn.core import Core, loop, map_state, select_rows, unroll
from shared.rnn.dropout import VariationalDropout, Zoneout
from shared.rnn.elman import Elman, MultiTimescale
from shared.rnn.gru import GRU, GRUResetBefore
from shared.rnn.lstm import LSTM, LSTMState
from shared.rnn.stack import Stack

BATCH, STEPS, FEATURES, HIDDEN = 4, 6, 3, 5
LENGTHS = torch.tensor([6, 3, 1, 0])


def sequence() -> Tensor:
    return torch.randn(BATCH, STEPS, FEATURES, dtype=torch.float64, requires_grad=True)


def assert_same(one: object, other: object) -> None:
    torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


CELLS = [Elman, LSTM, GRU, GRUResetBefore, lambda features, hidden: MultiTimescale(features, hidden, (1, 3))]


@pytest.mark.parametrize("make", CELLS)
@pytest.mark.parametrize("recurrent", [0.0, 0.5])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_dropout_unrolled_is_its_step_again_and_again(make, recurrent, lengths) -> None:
    core = VariationalDropout(make(FEATURES, HIDDEN), 0.3, recurrent, 0.4).double()
    xs, state = sequence(), core.initial_state(BATCH)
    ys, after = unroll(core, xs, state, lengths)
    expected, expected_after = loop(core, xs.unbind(1), state, lengths)
    assert_same(ys, expected)
    assert_same(after.core, expected_after.core)
    weight, parameters = torch.randn_like(ys), [xs, *core.parameters()]
    assert_same(
        torch.autograd.grad((ys * weight).sum(), parameters), torch.autograd.grad((expected * weight).sum(), parameters)
    )


def test_dropout_is_gals_equations() -> None:
    cell = LSTM(FEATURES, HIDDEN).double()
    core = VariationalDropout(cell, 0.3, 0.5, 0.4)
    xs, state = sequence(), core.initial_state(BATCH)
    ys, _ = unroll(core, xs, state)
    h = c = torch.zeros(BATCH, HIDDEN, dtype=torch.float64)
    for t, x in enumerate(xs.unbind(1)):
        read = F.linear(x * state.inputs / 0.7, cell.input_weight, cell.bias)
        i, f, z, o = (read + (h * state.recurrent / 0.5) @ cell.recurrent_weight.t()).chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * z.tanh()
        h = o.sigmoid() * c.tanh()
        assert_same(ys[:, t], h * state.outputs / 0.6)


def test_a_mask_stays_with_its_sequence() -> None:
    """Through time, over chunks of it, and into any batch."""
    core, xs = VariationalDropout(LSTM(FEATURES, HIDDEN), 0.5, 0.5, 0.5).double(), sequence()
    state = core.initial_state(BATCH)
    ys, _ = unroll(core, xs, state)
    assert ((ys != 0) == state.outputs[:, None]).all()
    (gradient,) = torch.autograd.grad(ys.sum(), xs)
    assert ((gradient != 0) == state.inputs[:, None]).all()
    first, carried = unroll(core, xs[:, :2], state)
    second, _ = unroll(core, xs[:, 2:], map_state(Tensor.detach, carried))
    assert_same(torch.cat([first, second], 1), ys)
    rows = torch.tensor([2, 2, 0])
    assert_same(unroll(core, xs[rows], select_rows(state, rows))[0], ys[rows])


def test_a_padded_sequence_is_dropped_from_as_it_is_alone() -> None:
    core, xs = VariationalDropout(GRU(FEATURES, HIDDEN), 0.3, 0.3, 0.3).double(), sequence()
    state = core.initial_state(BATCH)
    ys, after = unroll(core, xs, state, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        assert not ys[row, length:].any()
        if length:
            mine = select_rows(state, torch.tensor([row]))
            alone, alone_after = unroll(core, xs[row : row + 1, :length], mine)
            assert_same(ys[row, :length], alone[0])
            assert_same(after.core.h[row], alone_after.core.h[0])


def test_masks_drop_as_often_as_they_should_and_differ() -> None:
    core = VariationalDropout(LSTM(200, 100), inputs=0.1, recurrent=0.5, outputs=0.3)
    state = core.initial_state(100)
    kept = [mask.double().mean().item() for mask in (state.inputs, state.recurrent, state.outputs)]
    assert kept == pytest.approx([0.9, 0.5, 0.7], abs=0.02)
    assert not torch.equal(state.outputs[0], state.outputs[1])
    assert not torch.equal(state.outputs, core.initial_state(100).outputs)


def test_evaluation_drops_nothing() -> None:
    cell = LSTM(FEATURES, HIDDEN).double()
    core, xs = VariationalDropout(cell, 0.5, 0.5, 0.5), sequence()
    of_training = core.initial_state(BATCH)
    core.eval()
    expected, end = unroll(cell, xs, lengths=LENGTHS)
    assert_same(unroll(core, xs, of_training, LENGTHS)[0], expected)
    ys, after = unroll(core, xs, lengths=LENGTHS)
    assert_same(ys, expected)
    assert_same(after.h, end.h)
    assert after.inputs.all()
    assert after.outputs.all()
    assert_same(core(xs[:, 0], of_training)[0], cell(xs[:, 0], cell.initial_state(BATCH))[0])


def test_zoneout_keeps_some_units_and_takes_the_others() -> None:
    cell = LSTM(FEATURES, HIDDEN).double()
    core, x = Zoneout(cell, LSTMState(h=0.3, c=0.6)), torch.randn(BATCH, FEATURES, dtype=torch.float64)
    state = LSTMState(*torch.randn(2, BATCH, HIDDEN, dtype=torch.float64).unbind(0))
    _, stepped = cell(x, state)
    kept = torch.zeros(2, dtype=torch.float64)
    for _ in range(300):
        y, after = core(x, state)
        assert y is after.h
        for part in range(2):
            old, new = after[part] == state[part], after[part] == stepped[part]
            assert (old ^ new).all()
            kept[part] += old.double().mean() / 300
    assert kept.tolist() == pytest.approx([0.3, 0.6], abs=0.03)


def test_zoneout_expects_in_evaluation() -> None:
    cell = LSTM(FEATURES, HIDDEN).double()
    core, xs = Zoneout(cell, LSTMState(h=0.3, c=0.6)).eval(), sequence()
    ys, _ = unroll(core, xs)
    state = cell.initial_state(BATCH)
    for t, x in enumerate(xs.unbind(1)):
        _, new = cell(x, state)
        state = LSTMState(0.3 * state.h + 0.7 * new.h, 0.6 * state.c + 0.4 * new.c)
        assert_same(ys[:, t], state.h)


@pytest.mark.parametrize("make", CELLS)
@pytest.mark.parametrize("training", [False, True])
def test_zoneout_unrolled_is_its_step_again_and_again(make, training) -> None:
    core, xs = Zoneout(make(FEATURES, HIDDEN), 0.4).double().train(training), sequence()
    torch.manual_seed(3)
    ys, after = unroll(core, xs, lengths=LENGTHS)
    torch.manual_seed(3)
    expected, expected_after = loop(core, xs.unbind(1), core.initial_state(BATCH), LENGTHS)
    assert_same(ys, expected)
    assert_same(after, expected_after)
    weight, parameters = torch.randn_like(ys), [xs, *core.parameters()]
    assert_same(
        torch.autograd.grad((ys * weight).sum(), parameters), torch.autograd.grad((expected * weight).sum(), parameters)
    )


def test_zoneout_of_nothing_is_the_core() -> None:
    cell, xs = LSTM(FEATURES, HIDDEN).double(), sequence()
    assert_same(unroll(Zoneout(cell, 0.0), xs, lengths=LENGTHS), unroll(cell, xs, lengths=LENGTHS))


def test_a_sequence_zones_out_in_evaluation_the_same_alone_and_padded() -> None:
    core, xs = Zoneout(LSTM(FEATURES, HIDDEN), 0.4).double().eval(), sequence()
    ys, after = unroll(core, xs, lengths=LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        assert not ys[row, length:].any()
        if length:
            alone, alone_after = unroll(core, xs[row : row + 1, :length])
            assert_same(ys[row, :length], alone[0])
            assert_same(after.c[row], alone_after.c[0])


class Counted(NamedTuple):
    h: Tensor
    inner: tuple[LSTMState, Tensor]


class Counting(Core):
    """A core with a state of states, one of which counts steps in whole numbers."""

    input_size, output_size = FEATURES, HIDDEN

    def __init__(self) -> None:
        self.cell = LSTM(FEATURES, HIDDEN).double()

    def initial_state(self, batch: int) -> Counted:
        inner = self.cell.initial_state(batch)
        return Counted(inner.h, (inner, torch.zeros(batch, 1, dtype=torch.long)))

    def forward(self, x: Tensor, state: Counted) -> tuple[Tensor, Counted]:
        y, inner = self.cell(x, state.inner[0])
        return y, Counted(y, (inner, state.inner[1] + 1))


@pytest.mark.parametrize("training", [False, True])
def test_states_of_states_are_noisy_too(training) -> None:
    core, xs = VariationalDropout(Zoneout(Counting(), 0.5), inputs=0.5, outputs=0.5).train(training), sequence()
    ys, after = unroll(core, xs, lengths=LENGTHS)
    assert ys.shape == (BATCH, STEPS, HIDDEN)
    assert isinstance(after.core, Counted)
    assert isinstance(after.core.inner[0], LSTMState)
    assert after.core.inner[1][:, 0].tolist() == LENGTHS.tolist(), "only real numbers zone out"


def test_zoneout_of_zoneout_hoists_what_the_cell_can() -> None:
    core, xs = Zoneout(Zoneout(Elman(FEATURES, HIDDEN), 0.4), 0.3).double().eval(), sequence()
    assert_same(unroll(core, xs), loop(core, xs.unbind(1), core.initial_state(BATCH)))


def test_nonsense_is_refused_with_a_sentence() -> None:
    cell = LSTM(FEATURES, HIDDEN)
    with pytest.raises(ValueError, match="dropout needs a probability from 0 to below 1, got 1"):
        VariationalDropout(cell, outputs=1.0)
    with pytest.raises(ValueError, match="recurrent dropout needs a Cell, whose products it enters, got a Stack"):
        VariationalDropout(Stack(FEATURES, [lambda size: LSTM(size, 2)]), recurrent=0.1)
    with pytest.raises(ValueError, match="zoneout needs a probability from 0 to below 1, got -0.1"):
        Zoneout(cell, LSTMState(0.1, -0.1))
    with pytest.raises(ValueError, match="one number or a LSTMState of numbers, got Hidden"):
        Zoneout(cell, Hidden(0.1))
    with pytest.raises(ValueError, match="output is the field h of its state, got a Stack"):
        Zoneout(Stack(FEATURES, [lambda size: LSTM(size, 2)]), 0.1)
    with pytest.raises(ValueError, match="output is the field h of its state, got a VariationalDropout"):
        Zoneout(VariationalDropout(cell, 0.1), 0.1)
