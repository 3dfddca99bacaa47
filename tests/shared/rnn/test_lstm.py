"""The LSTMs against torch's own, and against their equations written out gate by gate."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from shared.rnn import LSTM, Cell, LayerNormLSTM, LSTMState, PeepholeLSTM, Stack, unroll
from shared.rnn.choice import build
from tests.shared.rnn.checks import BATCH, FEATURES, HIDDEN, STEPS, assert_same, exact, random_state, sequence


def blocks(cell: Cell) -> list[tuple[Tensor, Tensor, Tensor]]:
    """W, U and b of i, f, z and o."""
    return list(zip(*(part.chunk(4) for part in (cell.input_weight, cell.recurrent_weight, cell.bias)), strict=True))


def test_lstm_is_torch_s_lstm() -> None:
    core, xs = exact(LSTM(FEATURES, HIDDEN)), sequence()
    torch_s = nn.LSTM(FEATURES, HIDDEN, batch_first=True).double()
    torch_s.load_state_dict(core.lstm.state_dict())
    state = random_state(core)
    ys, after = unroll(core, xs, state)
    expected, (h, c) = torch_s(xs, (state.h[None], state.c[None]))
    assert_same((ys, after), (expected, (h[0], c[0])))


def test_a_step_is_torch_s_lstm_cell() -> None:
    core = exact(LSTM(FEATURES, HIDDEN))
    cell = nn.LSTMCell(FEATURES, HIDDEN).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in core.lstm.state_dict().items()})
    x, state = torch.randn(BATCH, FEATURES, dtype=torch.float64), random_state(core)
    h, (h_again, c) = core(x, state)
    expected = cell(x, (state.h, state.c))
    assert_same((h, h_again, c), (expected[0], *expected))


def test_peepholes_are_graves_equations_7_to_11() -> None:
    core, xs = exact(PeepholeLSTM(FEATURES, HIDDEN)), sequence()
    (w_i, u_i, b_i), (w_f, u_f, b_f), (w_z, u_z, b_z), (w_o, u_o, b_o) = blocks(core)
    p_i, p_f, p_o = core.peepholes
    h = c = torch.zeros(BATCH, HIDDEN, dtype=torch.float64)
    outputs = []
    for t in range(STEPS):
        x = xs[:, t]
        i = torch.sigmoid(x @ w_i.T + h @ u_i.T + p_i * c + b_i)
        f = torch.sigmoid(x @ w_f.T + h @ u_f.T + p_f * c + b_f)
        c = f * c + i * torch.tanh(x @ w_z.T + h @ u_z.T + b_z)
        o = torch.sigmoid(x @ w_o.T + h @ u_o.T + p_o * c + b_o)
        h = o * torch.tanh(c)
        outputs.append(h)
    assert_same(unroll(core, xs), (torch.stack(outputs, 1), (h, c)))


def test_without_peepholes_it_is_an_lstm() -> None:
    core, xs = exact(PeepholeLSTM(FEATURES, HIDDEN)), sequence()
    nn.init.zeros_(core.peepholes)
    lstm = LSTM(FEATURES, HIDDEN).double()
    with torch.no_grad():
        lstm.lstm.weight_ih_l0.copy_(core.input_weight)
        lstm.lstm.weight_hh_l0.copy_(core.recurrent_weight)
        lstm.lstm.bias_ih_l0.copy_(core.bias)
    assert_same(unroll(core, xs), unroll(lstm, xs))


def test_layer_norm_lstm_is_ba_s_equations_20_to_22() -> None:
    core, xs = exact(LayerNormLSTM(FEATURES, HIDDEN)), sequence()

    def normalised(row: Tensor, gain: Tensor) -> Tensor:
        mean = row.mean(-1, keepdim=True)
        return gain * (row - mean) / ((row - mean).square().mean(-1, keepdim=True) + 1e-5).sqrt()

    h = c = torch.zeros(BATCH, HIDDEN, dtype=torch.float64)
    outputs = []
    for t in range(STEPS):
        sums = normalised(xs[:, t] @ core.input_weight.T, core.of_input.weight) + core.bias
        sums = sums + normalised(h @ core.recurrent_weight.T, core.of_hidden.weight)
        i, f, z, o = sums.unflatten(1, (4, HIDDEN)).unbind(1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(z)
        h = torch.sigmoid(o) * torch.tanh(normalised(c, core.of_cell.weight) + core.of_cell.bias)
        outputs.append(h)
    assert_same(unroll(core, xs), (torch.stack(outputs, 1), (h, c)))


def test_each_norm_is_as_wide_as_what_it_normalises() -> None:
    core = LayerNormLSTM(FEATURES, HIDDEN)
    widths = [norm.normalized_shape for norm in (core.of_input, core.of_hidden, core.of_cell)]
    assert widths == [(4 * HIDDEN,), (4 * HIDDEN,), (HIDDEN,)]


def test_without_affine_only_weights_and_bias_are_learned() -> None:
    core = LayerNormLSTM(FEATURES, HIDDEN, affine=False)
    assert {name for name, _ in core.named_parameters()} == {"input_weight", "recurrent_weight", "bias"}
    twice = exact(core)
    xs = sequence()
    before = unroll(twice, xs)
    with torch.no_grad():
        twice.input_weight.mul_(1e3), twice.recurrent_weight.mul_(1e3)
    one, other = before[0], unroll(twice, xs)[0]
    # Normalised sums do not know how large the weights are, but for the epsilon in the square root.
    torch.testing.assert_close(other, one, rtol=1e-3, atol=1e-3)


def test_the_forget_gate_starts_open_and_nothing_else_does() -> None:
    for core in (LSTM(FEATURES, HIDDEN), PeepholeLSTM(FEATURES, HIDDEN), LayerNormLSTM(FEATURES, HIDDEN)):
        assert (core.bias[HIDDEN : 2 * HIDDEN] == 1).all()
    assert not PeepholeLSTM(FEATURES, HIDDEN, forget_bias=0.0).bias.any()


def test_projecting_first_is_the_step() -> None:
    for name in ("lstm", "peephole-lstm", "layer-norm-lstm", "gru", "gru-reset-before", "tanh"):
        core, xs = exact(build(name, FEATURES, HIDDEN)), sequence()
        assert isinstance(core, Cell)
        state, outputs = core.initial_state(BATCH), []
        for projected in core.project(xs).unbind(1):
            y, state = core.advance(projected, state)
            outputs.append(y)
        assert_same(torch.stack(outputs, 1), unroll(core, xs)[0])


def test_a_deep_lstm_is_torch_s() -> None:
    core = exact(Stack(FEATURES, [lambda size: LSTM(size, HIDDEN)] * 2, skips=False))
    torch_s = nn.LSTM(FEATURES, HIDDEN, num_layers=2, batch_first=True).double()
    for layer, cell in enumerate(core.cores):
        for name, value in cell.lstm.state_dict().items():  # type: ignore[attr-defined]
            getattr(torch_s, name.replace("l0", f"l{layer}")).data.copy_(value)
    xs = sequence()
    assert_same(unroll(core, xs)[0], torch_s(xs)[0])


def test_graves_networks_have_as_many_weights_as_he_says() -> None:
    """Graves 2013, sec. 4.2: peepholes, one bias, skips, 121 outputs. (Of the synthesis network see handwriting.)"""

    def weights(layers: int, units: int) -> int:
        core = Stack(3, [lambda size: PeepholeLSTM(size, units)] * layers)
        head = nn.Linear(core.output_size, 121)
        return sum(parameter.numel() for module in (core, head) for parameter in module.parameters())

    assert weights(1, 900) == 3_366_121
    assert weights(3, 400) == 3_368_121


def test_the_cell_remembers_what_its_gates_let_it() -> None:
    core = exact(LSTM(FEATURES, HIDDEN))
    with torch.no_grad():
        for parameter in core.parameters():
            parameter.zero_()
        core.lstm.bias_ih_l0[: 2 * HIDDEN] = torch.tensor([-800.0, 800.0]).repeat_interleave(HIDDEN)
    state = LSTMState(*(F.normalize(part) for part in random_state(core)))
    _, after = unroll(core, sequence(), state)
    assert_same(after.c, state.c)
