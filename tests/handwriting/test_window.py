"""The soft window against equations 46 to 51 of Graves 2013, written out, and what padding may not do."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from handwriting.window import WindowLayer
from shared.rnn import LSTM, loop, unroll

SYMBOLS, HIDDEN, COMPONENTS = 6, 4, 2


def layer() -> WindowLayer:
    return WindowLayer(lambda size: LSTM(size, HIDDEN), 3, COMPONENTS, SYMBOLS, points_per_character=5.0).double()


def points(lines: int = 1, steps: int = 8) -> Tensor:
    return torch.randn(lines, steps, 3, dtype=torch.float64)


def test_window_is_the_equations_written_out() -> None:
    window, xs, text = layer(), points(), [3, 1, 5]
    ys, state = unroll(window.read(torch.tensor([text]), torch.tensor([3])), xs)
    weight, bias = window.steer.weight.tolist(), window.steer.bias.tolist()
    w, lstm, kappa = torch.zeros(1, SYMBOLS, dtype=torch.float64), window.core.initial_state(1), [-1.0] * COMPONENTS
    for t in range(xs.shape[1]):
        h, lstm = window.core(torch.cat([xs[:, t], w], 1), lstm)
        hat = [
            sum(a * b for a, b in zip(row, h[0].tolist(), strict=True)) + c for row, c in zip(weight, bias, strict=True)
        ]
        alpha, beta, step = ([math.exp(v) for v in hat[i * COMPONENTS : (i + 1) * COMPONENTS]] for i in range(3))
        kappa = [k + s for k, s in zip(kappa, step, strict=True)]
        w = torch.zeros(1, SYMBOLS, dtype=torch.float64)
        for u, character in enumerate(text):
            w[0, character] += sum(a * math.exp(-b * (k - u) ** 2) for a, b, k in zip(alpha, beta, kappa, strict=True))
        torch.testing.assert_close(ys[:, t], torch.cat([h, w], 1))
    beyond = sum(a * math.exp(-b * (k - 3) ** 2) for a, b, k in zip(alpha, beta, kappa, strict=True))
    assert math.isclose(state.phi[0, 3].item(), beyond)


def test_unroll_equals_single_steps() -> None:
    window, xs = layer(), points(2)
    core = window.read(torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2]))
    one, _ = unroll(core, xs)
    other, _ = loop(core, xs.unbind(1), core.initial_state(2))
    torch.testing.assert_close(one, other)


def test_padding_is_never_read() -> None:
    window, xs = layer(), points()
    short, _ = unroll(window.read(torch.tensor([[1, 2]]), torch.tensor([2])), xs)
    for rest in ([0, 0], [5, 4]):
        padded, state = unroll(window.read(torch.tensor([[1, 2, *rest]]), torch.tensor([2])), xs)
        torch.testing.assert_close(padded, short)
        assert not state.phi[0, 3:].any()


def test_a_fresh_window_moves_at_the_pace_of_the_pen() -> None:
    window = layer()
    core = window.read(torch.ones(1, 40, dtype=torch.long), torch.tensor([40]))
    _, state = unroll(core, points(steps=100))
    moved = state.kappa.mean().item() + 1
    assert 0.7 * 100 / 5 < moved < 1.4 * 100 / 5


def test_gradients_pass_through_the_window() -> None:
    window, xs = layer(), points(steps=3).requires_grad_()
    core = window.read(torch.tensor([[1, 2, 3]]), torch.tensor([3]))
    assert torch.autograd.gradcheck(lambda points: unroll(core, points)[0], xs)
