from __future__ import annotations

import pytest
import torch
from torch import Tensor

from shared.rnn.cell import Advance
from shared.rnn.core import State, leaves, loop, unroll
from shared.rnn.elman import Elman
from shared.rnn.lstm import LSTM, LSTMState
from shared.rnn.memory import NTM
from shared.rnn.stack import Stack
from shared.rnn.wrapper import Wrapper, require_h

FEATURES, HIDDEN = 3, 5
LENGTHS = torch.tensor([6, 2, 0])


class Halving(Wrapper):
    """Forgets half of everything before each step."""

    def around(self, advance: Advance, x: Tensor, state: State) -> tuple[Tensor, State]:
        return advance(x, type(state)(*(part / 2 for part in state)))


@pytest.mark.parametrize("make", [Elman, LSTM, lambda d, h: Halving(LSTM(d, h))])
def test_what_a_cell_computes_before_the_loop_is_the_same_step_by_step(make) -> None:
    core, xs = Halving(make(FEATURES, HIDDEN)).double(), torch.randn(3, 6, FEATURES).double().requires_grad_()
    ys, after = unroll(core, xs, lengths=LENGTHS)
    expected, expected_after = loop(core, xs.unbind(1), core.initial_state(3), LENGTHS)
    torch.testing.assert_close((ys, after), (expected, expected_after))
    weight, parameters = torch.randn_like(ys), [xs, *core.parameters()]
    torch.testing.assert_close(
        torch.autograd.grad((ys * weight).sum(), parameters), torch.autograd.grad((expected * weight).sum(), parameters)
    )
    assert not torch.allclose(ys, unroll(core.core, xs, lengths=LENGTHS)[0]), "the wrapper did nothing"


def test_inputs_are_multiplied_once_for_all_steps(monkeypatch) -> None:
    cell, shapes, project = LSTM(FEATURES, HIDDEN), [], LSTM.project
    monkeypatch.setattr(LSTM, "project", lambda self, xs: shapes.append(tuple(xs.shape)) or project(self, xs))
    unroll(Halving(Halving(cell)), torch.randn(3, 6, FEATURES))
    assert shapes == [(6, 3, FEATURES)]


def test_a_wrapper_is_as_wide_as_its_core_and_begins_like_it() -> None:
    core = Halving(LSTM(FEATURES, HIDDEN))
    assert (core.input_size, core.output_size) == (FEATURES, HIDDEN)
    assert isinstance(core.initial_state(2), LSTMState)
    assert {name for name, _ in core.named_parameters()} == {f"core.{name}" for name, _ in core.core.named_parameters()}


def test_leaves_of_a_state() -> None:
    one, two, three = torch.zeros(3, 1).unbind(0)
    assert [id(leaf) for leaf in leaves(((one,), LSTMState(two, three), ()))] == [id(one), id(two), id(three)]
    assert leaves(LSTMState(0.1, 0.2)) == [0.1, 0.2]


def test_who_needs_h_says_so() -> None:
    require_h(LSTM(FEATURES, HIDDEN), "zoneout")
    for core in (Stack(FEATURES, [lambda size: LSTM(size, 2)]), NTM(FEATURES, HIDDEN)):
        with pytest.raises(ValueError, match="zoneout needs a core whose output is the field h of its state, got a "):
            require_h(core, "zoneout")
