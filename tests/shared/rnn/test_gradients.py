from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.autograd.functional import jacobian as autograd_jacobian

from shared.rnn.core import Core, leaves, loop, map_state, unroll
from shared.rnn.dropout import VariationalDropout, Zoneout
from shared.rnn.elman import Elman, Leaky, MultiTimescale, Residual
from shared.rnn.gradients import (
    ClippedGradients,
    clip_gradient,
    gradient_reach,
    information_flow,
    step_jacobian,
)
from shared.rnn.gru import GRU, GRUResetBefore
from shared.rnn.initial import orthogonal_
from shared.rnn.lstm import LSTM, LayerNormLSTM, LSTMState, PeepholeLSTM
from shared.rnn.memory import NTM
from shared.rnn.multiscale import HMLSTM
from shared.rnn.stack import Stack

BATCH, STEPS, FEATURES, HIDDEN = 3, 5, 2, 4
LENGTHS = torch.tensor([5, 2, 0])
CELLS = [Elman, Residual, Leaky, MultiTimescale, LSTM, PeepholeLSTM, LayerNormLSTM, GRU, GRUResetBefore]


def sequence(batch: int = BATCH, steps: int = STEPS) -> Tensor:
    return torch.randn(batch, steps, FEATURES, dtype=torch.float64)


def assert_same(one: object, other: object) -> None:
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


# Clipping


def test_clipping_changes_nothing_forward_and_bounds_each_component_backward() -> None:
    x = torch.tensor([1.0, -20.0, 3.0], requires_grad=True)
    y = clip_gradient(x, 10.0)
    assert torch.equal(y, x)
    (gradient,) = torch.autograd.grad(y, x, torch.tensor([-100.0, 9.0, 11.0]))
    assert gradient.tolist() == [-10, 9, 10]


def test_within_its_limit_clipping_is_the_identity_twice_over() -> None:
    x = torch.randn(3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: clip_gradient(x, 100.0) ** 2, x)
    assert torch.autograd.gradgradcheck(lambda x: clip_gradient(x, 100.0) ** 2, x)


@pytest.mark.parametrize("make", CELLS)
def test_clipping_far_off_changes_no_gradient(make) -> None:
    cell, xs = make(FEATURES, HIDDEN).double(), sequence().requires_grad_()
    core = ClippedGradients(cell, 1e6)
    ys, after = unroll(core, xs, lengths=LENGTHS)
    expected, expected_after = unroll(cell, xs, lengths=LENGTHS)
    assert_same((ys, after), (expected, expected_after))
    weight, parameters = torch.randn_like(ys), [xs, *cell.parameters()]
    assert_same(
        torch.autograd.grad((ys * weight).sum(), parameters), torch.autograd.grad((expected * weight).sum(), parameters)
    )


def test_gradients_are_clamped_at_the_sums() -> None:
    """δ_t = clamp((own loss + Uᵀ δ_{t+1}) (1 - h²)), by hand; x, U and b get what is left."""
    cell, xs = Elman(FEATURES, HIDDEN).double(), sequence(steps=4).requires_grad_()
    torch.nn.init.normal_(cell.rnn.weight_hh_l0, std=3.0)
    limit = 0.5
    ys, _ = unroll(ClippedGradients(cell, limit), xs)
    weight = torch.randn_like(ys)
    found = torch.autograd.grad((ys * weight).sum(), [xs, cell.recurrent_weight, cell.rnn.bias_ih_l0])
    before = torch.cat([torch.zeros_like(ys[:, :1]), ys[:, :-1]], 1)
    from_later, deltas = torch.zeros(BATCH, HIDDEN, dtype=torch.float64), []
    for t in reversed(range(4)):
        deltas.insert(0, ((weight[:, t] + from_later) * (1 - ys[:, t] ** 2)).clamp(-limit, limit))
        from_later = deltas[0] @ cell.recurrent_weight
    delta = torch.stack(deltas, 1)
    assert int((delta.abs() == limit).sum()) > 3
    by_hand = (delta @ cell.input_weight, torch.einsum("btg,bth->gh", delta, before), delta.sum((0, 1)))
    for one, other in zip(found, by_hand, strict=True):
        assert_same(one, other)


# The flow of information


def by_hand(cell: Elman, xs: Tensor, weights: Tensor, lengths: list[int]) -> Tensor:
    """Ω of the loss Σ_t w_t · h_t, sequence by sequence, step by step."""
    omega = torch.zeros((), dtype=torch.float64)
    for row, length in enumerate(lengths):
        h, states = torch.zeros(HIDDEN, dtype=torch.float64), []
        for x in xs[row, :length]:
            h = torch.tanh(cell.input_weight @ x + cell.recurrent_weight @ h + cell.bias)
            states.append(h)
        delta = torch.zeros(HIDDEN, dtype=torch.float64)
        for t in reversed(range(length)):
            delta = delta + weights[row, t]
            if delta.any():
                passed = (delta * (1 - states[t] ** 2)) @ cell.recurrent_weight
                omega = omega + (passed.norm() / delta.norm() - 1) ** 2
                delta = passed
    return omega / len(lengths)


@pytest.mark.parametrize("last", [STEPS, 3])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_omega_is_that_of_the_paper_and_so_is_its_gradient(lengths, last) -> None:
    cell, xs, weights = Elman(FEATURES, HIDDEN).double(), sequence(), torch.randn(BATCH, STEPS, HIDDEN).double()
    weights[:, last:] = 0
    loss, omega = information_flow(cell, xs, lambda ys: (ys * weights).sum(), lengths=lengths)
    assert_same(loss, (unroll(cell, xs, lengths=lengths)[0] * weights).sum())
    expected = by_hand(cell, xs, weights, [STEPS] * BATCH if lengths is None else lengths.tolist())
    assert_same(omega, expected)
    parameters = [cell.rnn.weight_ih_l0, cell.rnn.weight_hh_l0, cell.rnn.bias_ih_l0]
    assert_same(torch.autograd.grad(omega, parameters), torch.autograd.grad(expected, parameters))


def test_omega_of_an_lstm_tells_h_from_c() -> None:
    """δ_t over h and c side by side, c's effect through h of the same step left to h."""
    cell, xs, weights = LSTM(FEATURES, HIDDEN).double(), sequence(1), torch.randn(STEPS, HIDDEN).double()
    _, omega = information_flow(cell, xs, lambda ys: (ys[0] * weights).sum())
    state, jacobians = cell.initial_state(1), []
    for x in xs.unbind(1):
        jacobian, state = step_jacobian(cell, x, state)
        jacobians.append(jacobian[0])
    delta, expected = torch.zeros(2 * HIDDEN, dtype=torch.float64), 0.0
    for t in reversed(range(STEPS)):
        delta = delta + torch.cat([weights[t], torch.zeros(HIDDEN)])
        passed = delta @ jacobians[t]
        expected += float((passed.norm() / delta.norm() - 1) ** 2)
        delta = passed
    assert omega.item() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("make", [*CELLS, lambda d, h: Zoneout(LSTM(d, h), 0.3).eval()])
def test_omega_can_be_trained_on(make) -> None:
    cell = make(FEATURES, HIDDEN).double()
    loss, omega = information_flow(cell, sequence(), lambda ys: ys[:, -1].square().sum())
    (loss + omega).backward()
    gradients = [parameter.grad for parameter in cell.parameters()]
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)
    assert any(gradient.any() for gradient in gradients)


def test_training_on_omega_makes_gradients_reach_back() -> None:
    cell, xs = Elman(FEATURES, 8), torch.randn(BATCH, 12, FEATURES)
    orthogonal_(cell.recurrent_weight, 0.5)
    optimiser, before = torch.optim.Adam(cell.parameters(), 0.02), gradient_reach(cell, xs)[:, 0]
    omegas = []
    for _ in range(30):
        _, omega = information_flow(cell, xs, lambda ys: ys[:, -1].sum())
        optimiser.zero_grad()
        omega.backward()
        optimiser.step()
        omegas.append(omega.item())
    assert omegas[-1] < omegas[0] / 4
    assert (gradient_reach(cell, xs)[:, 0] > 30 * before).all()


def test_a_recurrence_that_keeps_all_lengths_has_no_omega() -> None:
    cell = Elman(FEATURES, HIDDEN).double()
    torch.nn.init.orthogonal_(cell.rnn.weight_hh_l0)
    still = torch.zeros(BATCH, STEPS, FEATURES, dtype=torch.float64)
    torch.nn.init.zeros_(cell.rnn.bias_ih_l0)
    _, omega = information_flow(cell, still, lambda ys: ys[:, -1].sum())
    assert omega.item() == pytest.approx(0, abs=1e-20)
    torch.nn.init.zeros_(cell.rnn.weight_hh_l0)
    _, omega = information_flow(cell, still, lambda ys: ys[:, -1].sum())
    assert omega.item() == pytest.approx(1), "the one step that is reached passes nothing on"
    omega.backward()
    assert cell.rnn.weight_hh_l0.grad.isfinite().all()


# Reach


@pytest.mark.parametrize("make", CELLS)
def test_a_jacobian_is_that_of_the_step(make) -> None:
    cell, x = make(FEATURES, HIDDEN).double(), torch.randn(BATCH, FEATURES, dtype=torch.float64)
    state = map_state(torch.randn_like, cell.initial_state(BATCH))
    jacobian, after = step_jacobian(cell, x, state)
    assert_same(after, cell(x, state)[1])
    shapes = [part.shape[1] for part in leaves(state)]
    for row in range(BATCH):

        def step(vector: Tensor, row: int = row) -> Tensor:
            parts = iter(vector[None].split(shapes, 1))
            _, out = cell(x[row : row + 1], map_state(lambda _: next(parts), state))
            return torch.cat(leaves(out), 1)[0]

        vector = torch.cat(leaves(map_state(lambda part, row=row: part[row], state)))
        assert_same(jacobian[row], autograd_jacobian(step, vector))


def test_reach_of_a_tanh_layer_is_the_norm_of_its_product() -> None:
    cell, xs = Elman(FEATURES, HIDDEN).double(), sequence()
    reach = gradient_reach(cell, xs)
    ys, _ = unroll(cell, xs)
    product = torch.eye(HIDDEN, dtype=torch.float64).expand(BATCH, -1, -1)
    assert reach.shape == (BATCH, STEPS + 1)
    assert_same(reach[:, STEPS], torch.ones(BATCH, dtype=torch.float64))
    for t in reversed(range(STEPS)):
        product = product @ ((1 - ys[:, t] ** 2)[:, :, None] * cell.recurrent_weight)
        assert_same(reach[:, t], torch.linalg.svdvals(product)[:, 0].detach())


def test_reach_is_what_autograd_finds_through_all_steps() -> None:
    cell, xs, state = LSTM(FEATURES, HIDDEN).double(), sequence(1), torch.randn(2 * HIDDEN, dtype=torch.float64)

    def end(vector: Tensor) -> Tensor:
        before = LSTMState(*vector[None].split(HIDDEN, 1))
        return torch.cat(loop(cell, xs.unbind(1), before)[1], 1)[0]

    whole = torch.linalg.matrix_norm(autograd_jacobian(end, state), ord=2)
    assert_same(gradient_reach(cell, xs, LSTMState(*state[None].split(HIDDEN, 1)))[0, 0], whole)


@torch.no_grad()
def test_reach_needs_no_gradients_switched_on_and_takes_any_core() -> None:
    for core in (
        Stack(FEATURES, [lambda size: LSTM(size, 3)] * 2).double(),
        VariationalDropout(GRU(FEATURES, HIDDEN), 0.5, 0.5, 0.5).double(),
        HMLSTM(FEATURES, HIDDEN).double(),
        NTM(FEATURES, HIDDEN, slots=4, width=3).double(),
        Bound(),
    ):
        reach = gradient_reach(core, sequence())
        assert reach.isfinite().all()
        assert (reach > 0).all()


class Bound(Core):
    """A core that holds a context for each sequence of one batch, and so takes that batch only."""

    input_size, output_size = FEATURES, HIDDEN

    def __init__(self) -> None:
        self.cell, self.context = Elman(FEATURES, HIDDEN).double(), torch.randn(BATCH, FEATURES).double()

    def initial_state(self, batch: int) -> object:
        return self.cell.initial_state(batch)

    def forward(self, x: Tensor, state: object) -> tuple[Tensor, object]:
        return self.cell(x + self.context, state)


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="a limit above 0, got 0"):
        clip_gradient(torch.zeros(1), 0.0)
    with pytest.raises(ValueError, match="a limit above 0, got -1"):
        ClippedGradients(Elman(1, 1), -1.0)
    with pytest.raises(
        ValueError, match="information needs a core whose output is the field h of its state, got a Stack"
    ):
        information_flow(Stack(FEATURES, [lambda size: LSTM(size, 2)]), sequence(), Tensor.sum)
