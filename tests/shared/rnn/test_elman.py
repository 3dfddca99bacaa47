"""Cells of one tanh against torch's own, and against their equations written out."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from shared.rnn import Cell, Elman, Leaky, MultiTimescale, Residual, unroll
from tests.shared.rnn.checks import BATCH, FEATURES, HIDDEN, STEPS, assert_same, exact, random_state, sequence


def like(cell: Cell, core: Cell) -> Cell:
    """A cell with the weights of another."""
    cell.double()
    with torch.no_grad():
        cell.input_weight.copy_(core.input_weight)
        cell.recurrent_weight.copy_(core.recurrent_weight)
        cell.bias.copy_(core.bias)
    return cell


def test_elman_is_torch_s_rnn() -> None:
    core, xs = exact(Elman(FEATURES, HIDDEN)), sequence()
    torch_s = nn.RNN(FEATURES, HIDDEN, batch_first=True).double()
    torch_s.load_state_dict(core.rnn.state_dict())
    state = random_state(core)
    ys, after = unroll(core, xs, state)
    expected, h = torch_s(xs, state.h[None])
    assert_same((ys, after.h), (expected, h[0]))


def test_residual_adds_to_what_was_there() -> None:
    core, xs = exact(Residual(FEATURES, HIDDEN)), sequence()
    h, outputs = torch.zeros(BATCH, HIDDEN, dtype=torch.float64), []
    for t in range(STEPS):
        h = h + torch.tanh(xs[:, t] @ core.input_weight.T + h @ core.recurrent_weight.T + core.bias)
        outputs.append(h)
    assert_same(unroll(core, xs)[0], torch.stack(outputs, 1))


def test_residual_has_the_identity_in_its_jacobian() -> None:
    core = exact(Residual(FEATURES, HIDDEN))
    nn.init.zeros_(core.recurrent_weight)
    x, h = torch.randn(1, FEATURES, dtype=torch.float64), torch.randn(1, HIDDEN, dtype=torch.float64)
    state = core.initial_state(1)
    jacobian = torch.autograd.functional.jacobian(lambda h: core(x, state._replace(h=h))[0], h)
    assert_same(jacobian.squeeze(), torch.eye(HIDDEN, dtype=torch.float64))


@pytest.mark.parametrize("learned", [False, True])
def test_leaky_units_forget_each_at_its_pace(learned: bool) -> None:
    constants = [1.5, 2.0, 4.0, 8.0, 100.0]
    core, xs = exact(Leaky(FEATURES, HIDDEN)), sequence()
    core = like(Leaky(FEATURES, HIDDEN, constants, learned), core)
    tau = core.time_constants
    torch.testing.assert_close(tau.detach(), torch.tensor(constants).double(), rtol=1e-5, atol=0)
    h, outputs = torch.zeros(BATCH, HIDDEN, dtype=torch.float64), []
    for t in range(STEPS):
        inner = torch.tanh(xs[:, t] @ core.input_weight.T + h @ core.recurrent_weight.T + core.bias)
        h = (1 - 1 / tau) * h + (1 / tau) * inner
        outputs.append(h)
    assert_same(unroll(core, xs)[0], torch.stack(outputs, 1))
    assert ("rate" in dict(core.named_parameters())) is learned


def test_a_leaky_unit_that_keeps_nothing_is_elman_s() -> None:
    core, xs = exact(Elman(FEATURES, HIDDEN)), sequence()
    leaky = like(Leaky(FEATURES, HIDDEN, time_constant=1.0), core)
    assert_same(unroll(leaky, xs)[0], unroll(core, xs)[0])


def test_multi_timescale_reads_all_its_delays() -> None:
    delays = (3, 1)
    core, xs = exact(MultiTimescale(FEATURES, HIDDEN, delays)), sequence()
    of_one, of_three = core.recurrent_weight.split(HIDDEN, 1)
    history = [torch.zeros(BATCH, HIDDEN, dtype=torch.float64)] * 3
    for t in range(STEPS):
        sums = xs[:, t] @ core.input_weight.T + history[-1] @ of_one.T + history[-3] @ of_three.T + core.bias
        history.append(torch.tanh(sums))
    assert_same(unroll(core, xs)[0], torch.stack(history[3:], 1))


def test_multi_timescale_of_delay_one_is_elman_s() -> None:
    core, xs = exact(Elman(FEATURES, HIDDEN)), sequence()
    assert_same(unroll(like(MultiTimescale(FEATURES, HIDDEN, (1,)), core), xs)[0], unroll(core, xs)[0])


def test_a_gradient_takes_the_longest_skip() -> None:
    """Over T steps, one delay of τ alone: nothing comes from steps between, and T/τ Jacobians lead to the first."""
    core = exact(MultiTimescale(FEATURES, HIDDEN, (3,)))
    xs = sequence()
    ys, _ = unroll(core, xs)
    gradient = torch.autograd.grad(ys[:, 6].sum(), xs)[0].abs().sum((0, 2))
    assert (gradient > 0).tolist() == [True, False, False, True, False, False, True]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Leaky(3, 5, 0.5), "at least 1, got 0.5"),
        (lambda: Leaky(3, 5, 1.0, learned=True), "above 1 to be learned, got 1"),
        (lambda: Leaky(3, 5, [2.0, 3.0]), "one for each of 5 units"),
        (lambda: MultiTimescale(3, 5, ()), r"got \(\)"),
        (lambda: MultiTimescale(3, 5, (0, 1)), r"at least 1, got \(0, 1\)"),
        (lambda: MultiTimescale(3, 5, (2, 2)), "different numbers"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(make, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()
