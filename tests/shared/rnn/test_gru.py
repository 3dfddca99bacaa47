"""Both gated recurrent units: one against torch's own, one against its equations written out."""

from __future__ import annotations

import torch
from torch import nn

from shared.rnn import GRU, GRUResetBefore, unroll
from tests.shared.rnn.checks import BATCH, FEATURES, HIDDEN, STEPS, assert_same, exact, random_state, sequence


def test_reset_after_is_torch_s_gru() -> None:
    core, xs = exact(GRU(FEATURES, HIDDEN)), sequence()
    torch_s = nn.GRU(FEATURES, HIDDEN, batch_first=True).double()
    torch_s.load_state_dict(core.gru.state_dict())
    state = random_state(core)
    ys, after = unroll(core, xs, state)
    expected, h = torch_s(xs, state.h[None])
    assert_same((ys, after.h), (expected, h[0]))
    step = nn.GRUCell(FEATURES, HIDDEN).double()
    step.load_state_dict({name.removesuffix("_l0"): value for name, value in core.gru.state_dict().items()})
    assert_same(core(xs[:, 0], state)[0], step(xs[:, 0], state.h))


def test_reset_before_is_cho_s_equations() -> None:
    core, xs = exact(GRUResetBefore(FEATURES, HIDDEN)), sequence()
    (w_r, w_u, w_h), (u_r, u_u, u_h), (b_r, b_u, b_h) = (
        part.chunk(3) for part in (core.input_weight, core.recurrent_weight, core.bias)
    )
    h, outputs = torch.zeros(BATCH, HIDDEN, dtype=torch.float64), []
    for t in range(STEPS):
        x = xs[:, t]
        r = torch.sigmoid(x @ w_r.T + h @ u_r.T + b_r)
        u = torch.sigmoid(x @ w_u.T + h @ u_u.T + b_u)
        h = u * h + (1 - u) * torch.tanh(x @ w_h.T + (r * h) @ u_h.T + b_h)
        outputs.append(h)
    assert_same(unroll(core, xs)[0], torch.stack(outputs, 1))


def test_the_two_agree_where_the_reset_gate_is_open() -> None:
    before, xs = exact(GRUResetBefore(FEATURES, HIDDEN)), sequence()
    with torch.no_grad():
        before.bias[:HIDDEN] = 800.0
    after = GRU(FEATURES, HIDDEN).double()
    with torch.no_grad():
        after.gru.weight_ih_l0.copy_(before.input_weight)
        after.gru.weight_hh_l0.copy_(before.recurrent_weight)
        after.gru.bias_ih_l0.copy_(before.bias)
    assert_same(unroll(after, xs)[0], unroll(before, xs)[0])
