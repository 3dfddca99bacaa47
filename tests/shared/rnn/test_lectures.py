"""What the lectures behind this project print or derive, held against our own cells and autograd."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from shared.rnn.core import Core, map_state, unroll
from shared.rnn.elman import Elman
from shared.rnn.gradients import gradient_reach, step_jacobian
from shared.rnn.gru import GRU
from shared.rnn.lstm import LSTM
from shared.rnn.stack import Stack


def elman(input_size: int, hidden_size: int, **weights: Tensor) -> Elman:
    """In float64; weights that are not given are zero."""
    cell = Elman(input_size, hidden_size).double()
    with torch.no_grad():
        for name in ("input_weight", "recurrent_weight"):
            parameter = getattr(cell, name)
            parameter.copy_(weights[name]) if name in weights else parameter.zero_()
        cell.rnn.bias_ih_l0.zero_()
    return cell


def test_a_gradient_step_of_one_tanh_layer() -> None:
    """Gontier & Lagrange, "Neural Networks Backpropagation: Example", which prints four decimals."""
    x, y = torch.tensor([[0.1, 0.3, 0.2]]).double(), torch.tensor([[-0.5, 0.5]]).double()
    cell = elman(3, 2, input_weight=torch.tensor([[0.0, -0.1, 0.4], [0.3, -0.4, -0.2]]))
    output, _ = cell(x, cell.initial_state(1))
    ((y - output).square().sum() / 2).backward()
    weight = cell.input_weight
    after = weight.detach() - 0.1 * weight.grad
    assert_printed(output[0], [0.0500, -0.1293])
    assert_printed(weight.grad, [[0.0549, 0.1646, 0.1097], [-0.0619, -0.1856, -0.1238]])
    assert_printed(after, [[-0.0055, -0.1165, 0.3890], [0.3062, -0.3814, -0.1876]])


def assert_printed(value: Tensor, printed: list) -> None:
    torch.testing.assert_close(value.detach(), torch.tensor(printed).double(), rtol=0, atol=0.5001e-4)


def test_repeated_multiplication_vanishes_and_explodes() -> None:
    """Hosseini, "A numerical example": diag(0.5, 1.5)¹⁰ = diag(0.00098, 57.665039), as the gradient through ten steps."""
    cell = elman(1, 2, recurrent_weight=torch.diag(torch.tensor([0.5, 1.5])))
    still = torch.zeros(1, 10, 1, dtype=torch.float64)  # h stays 0, where tanh has slope 1
    state, product = cell.initial_state(1), torch.eye(2, dtype=torch.float64)
    for x in still.unbind(1):
        jacobian, state = step_jacobian(cell, x, state)
        product = jacobian[0] @ product
    assert product[0, 0].item() == pytest.approx(0.00098, abs=0.5e-5)
    assert product[1, 1].item() == pytest.approx(57.665039, abs=0.5e-6)
    assert product[0, 1] == product[1, 0] == 0
    assert gradient_reach(cell, still)[0, 0].item() == pytest.approx(57.665039, abs=0.5e-6)


def test_gradients_of_an_unrolled_tanh_network_by_hand() -> None:
    """Atanasov, eq. 10.22-10.28 (Goodfellow, Bengio & Courville 2016): h = tanh(U x + W h₋ + b), o = V h + c,
    L = -Σ_t ln softmax(o)[y]. Their U is our input weight, their W our recurrent one."""
    steps, features, hidden, classes = 6, 3, 4, 5
    cell = Elman(features, hidden).double()
    xs, targets = torch.randn(steps, features, dtype=torch.float64), torch.randint(classes, (steps,))
    v, c = torch.randn(classes, hidden).double().requires_grad_(), torch.randn(classes).double().requires_grad_()
    hs = unroll(cell, xs[None])[0][0]
    loss = F.cross_entropy(hs @ v.t() + c, targets, reduction="sum")
    parameters = {"c": c, "b": cell.rnn.bias_ih_l0, "V": v, "W": cell.recurrent_weight, "U": cell.input_weight}
    found = torch.autograd.grad(loss, list(parameters.values()))

    with torch.no_grad():
        of_o = torch.softmax(hs @ v.t() + c, -1) - F.one_hot(targets, classes)  # 10.18
        of_h, later = torch.zeros(steps, hidden, dtype=torch.float64), torch.zeros(hidden, dtype=torch.float64)
        for t in reversed(range(steps)):
            of_h[t] = v.t() @ of_o[t] + later  # 10.19-10.21
            later = cell.recurrent_weight.t() @ ((1 - hs[t] ** 2) * of_h[t])
        before = torch.cat([torch.zeros(1, hidden), hs[:-1]])
        slope = [torch.diag(1 - h**2) for h in hs]
        by_hand = {
            "c": sum(of_o[t] for t in range(steps)),  # 10.22
            "b": sum(slope[t] @ of_h[t] for t in range(steps)),  # 10.23
            "V": sum(torch.outer(of_o[t], hs[t]) for t in range(steps)),  # 10.24
            "W": sum(torch.outer(slope[t] @ of_h[t], before[t]) for t in range(steps)),  # 10.26
            "U": sum(torch.outer(slope[t] @ of_h[t], xs[t]) for t in range(steps)),  # 10.28
        }
    for (name, expected), gradient in zip(by_hand.items(), found, strict=True):
        torch.testing.assert_close(gradient, expected, msg=lambda text, name=name: f"{name}: {text}")


def test_the_gradient_is_the_sum_over_all_paths_through_time() -> None:
    """Hosseini, "Gradient Summation": ∂L/∂W = Σ_j Σ_{k≤j} ∂L_j/∂h_j (Π_{m=k+1}^{j} ∂h_m/∂h_{m-1}) ∂h_k/∂W,
    where the last factor is that of W's use at step k alone."""
    steps, features, hidden = 5, 2, 3
    cell = Elman(features, hidden).double()
    xs, weights = torch.randn(1, steps, features).double(), torch.randn(steps, hidden).double()
    loss = (unroll(cell, xs)[0][0] * weights).sum()
    (whole,) = torch.autograd.grad(loss, cell.recurrent_weight)

    state, hs, jacobians = cell.initial_state(1), [], []
    for x in xs.unbind(1):
        hs.append(state.h[0])
        jacobian, state = step_jacobian(cell, x, state)
        jacobians.append(jacobian[0])
    hs.append(state.h[0])
    paths = torch.zeros_like(whole)
    for j in range(1, steps + 1):
        carried = weights[j - 1]
        for k in range(j, 0, -1):
            paths += torch.outer(carried * (1 - hs[k] ** 2), hs[k - 1])
            carried = carried @ jacobians[k - 1]
    torch.testing.assert_close(whole, paths)


CORES = [Elman, LSTM, GRU, lambda features, hidden: Stack(features, [lambda size: LSTM(size, hidden)] * 2)]


@pytest.mark.parametrize("make", CORES)
def test_truncated_back_propagation_changes_the_gradient_and_not_the_loss(make) -> None:
    """Hosseini, "Truncated Backpropagation Through Time": carry hidden states forward forever, propagate back a few steps."""
    core: Core = make(2, 3).double()
    xs, lengths = torch.randn(3, 12, 2).double().requires_grad_(), torch.tensor([12, 5, 7])
    whole = unroll(core, xs, lengths=lengths)[0].square().sum()
    state, losses = core.initial_state(3), []
    for start in range(0, 12, 4):
        left = (lengths - start).clamp(0, 4)
        ys, state = unroll(core, xs[:, start : start + 4], state, left)
        state = map_state(Tensor.detach, state)
        losses.append(ys.square().sum())
    torch.testing.assert_close(sum(losses), whole)
    (through_chunks,) = torch.autograd.grad(losses[1], xs, retain_graph=True)
    assert through_chunks[0, 4:8].abs().min() > 0
    assert not through_chunks[:, :4].any()
    (through_all,) = torch.autograd.grad(whole, xs)
    (truncated,) = torch.autograd.grad(sum(losses), xs)
    torch.testing.assert_close(truncated[:, 8:], through_all[:, 8:])
    assert not torch.allclose(truncated[:, :8], through_all[:, :8])
