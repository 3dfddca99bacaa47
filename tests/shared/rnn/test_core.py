"""The recurrent core against its oracles: torch's own layers, and the same thing done step by step."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from shared.rnn import LSTM, Core, LSTMState, Stack, loop, map_state, select_rows, unroll

BATCH, STEPS, FEATURES, HIDDEN = 4, 7, 3, 5
LENGTHS = torch.tensor([7, 3, 1, 0])


def lstm() -> LSTM:
    core = LSTM(FEATURES, HIDDEN).double()
    nn.init.normal_(core.lstm.bias_ih_l0)
    return core


def stack(skips: bool = True) -> Stack:
    return Stack(FEATURES, [lambda size: LSTM(size, HIDDEN)] * 3, skips=skips).double()


def random_state(core: Core) -> object:
    return map_state(lambda tensor: torch.randn_like(tensor), core.initial_state(BATCH))


def sequence() -> Tensor:
    return torch.randn(BATCH, STEPS, FEATURES, dtype=torch.float64, requires_grad=True)


def assert_same(one: object, other: object) -> None:
    if isinstance(one, Tensor):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)
    else:
        for a, b in zip(one, other, strict=True):  # type: ignore[call-overload]
            assert_same(a, b)


@pytest.mark.parametrize("make", [lstm, stack, lambda: stack(skips=False)])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_unroll_equals_the_plain_loop(make, lengths) -> None:
    core, xs = make(), sequence()
    state = random_state(core)
    ys, after = unroll(core, xs, state, lengths)
    expected, expected_after = loop(core, xs.unbind(1), state, lengths)
    assert_same(ys, expected)
    assert_same(after, expected_after)
    weight = torch.randn_like(ys)
    parameters = [xs, *core.parameters()]
    assert_same(
        torch.autograd.grad((ys * weight).sum(), parameters),
        torch.autograd.grad((expected * weight).sum(), parameters),
    )


def test_step_equals_lstm_cell() -> None:
    core = lstm()
    cell = nn.LSTMCell(FEATURES, HIDDEN).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in core.lstm.state_dict().items()})
    x, state = torch.randn(BATCH, FEATURES, dtype=torch.float64), random_state(core)
    h, (h_again, c) = core(x, state)
    expected = cell(x, (state.h, state.c))
    assert_same((h, h_again, c), (expected[0], *expected))


def test_project_and_advance_are_the_step() -> None:
    core, xs = lstm(), sequence()
    projected, state, outputs = core.project(xs), core.initial_state(BATCH), []
    for gates in projected.unbind(1):
        y, state = core.advance(gates, state)
        outputs.append(y)
    assert_same(torch.stack(outputs, 1), unroll(core, xs)[0])


@pytest.mark.parametrize("make", [lstm, stack])
def test_a_sequence_is_the_same_alone_and_padded_in_a_batch(make) -> None:
    core, xs = make(), sequence()
    ys, after = unroll(core, xs, lengths=LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        if length == 0:
            assert_same(map_state(lambda t, row=row: t[row], after), map_state(lambda t: t[0], core.initial_state(1)))
            continue
        alone, alone_after = unroll(core, xs[row : row + 1, :length])
        assert_same(ys[row, :length], alone[0])
        assert not ys[row, length:].any()
        assert_same(map_state(lambda t, row=row: t[row], after), map_state(lambda t: t[0], alone_after))


@pytest.mark.parametrize("make", [lstm, stack])
def test_state_carried_over_chunks_gives_the_whole(make) -> None:
    core, xs = make(), sequence()
    whole, end = unroll(core, xs)
    first, state = unroll(core, xs[:, :4])
    second, carried = unroll(core, xs[:, 4:], state)
    assert_same(torch.cat([first, second], 1), whole)
    assert_same(carried, end)


def test_skips_reach_every_layer_and_the_output() -> None:
    core = stack()
    assert [layer.input_size for layer in core.cores] == [FEATURES, FEATURES + HIDDEN, FEATURES + HIDDEN]
    assert core.output_size == 3 * HIDDEN
    plain = stack(skips=False)
    assert [layer.input_size for layer in plain.cores] == [FEATURES, HIDDEN, HIDDEN]
    assert plain.output_size == HIDDEN


def test_forget_gate_starts_open() -> None:
    core = LSTM(FEATURES, HIDDEN, forget_bias=1.0)
    bias = core.lstm.bias_ih_l0 + core.lstm.bias_hh_l0
    assert (bias[HIDDEN : 2 * HIDDEN] == 1).all()


def test_state_rows_are_selected_through_any_nesting() -> None:
    class Pair(NamedTuple):
        left: LSTMState
        right: tuple[Tensor, ...]

    rows = torch.arange(8.0).reshape(4, 2)
    chosen = select_rows(Pair(LSTMState(rows, rows + 10), (rows + 20,)), torch.tensor([3, 3, 0]))
    assert isinstance(chosen, Pair)
    assert isinstance(chosen.left, LSTMState)
    assert chosen.right[0].tolist() == [[26, 27], [26, 27], [20, 21]]


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="sizes of at least 1, got input 3 and hidden 0"):
        LSTM(3, 0)
    with pytest.raises(ValueError, match="at least one layer"):
        Stack(3, [])
    core = lstm()
    with pytest.raises(ValueError, match="2 features a step, the core takes 3"):
        unroll(core, torch.zeros(1, 4, 2, dtype=torch.float64))
    with pytest.raises(ValueError, match="between 0 and 7"):
        unroll(core, sequence(), lengths=torch.tensor([8, 1, 1, 1]))
