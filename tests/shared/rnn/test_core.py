"""What holds of every core: however it is run, and in whatever company, a sequence gives the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from shared.cells import CELLS
from shared.rnn import LSTM, Core, LSTMState, Stack, loop, map_state, select_rows, unroll
from shared.rnn.choice import build
from tests.shared.rnn.checks import FEATURES, HIDDEN, LENGTHS, assert_same, exact, random_state, sequence


def stack(skips: bool = True) -> Core:
    return Stack(FEATURES, [lambda size: LSTM(size, HIDDEN)] * 3, skips=skips)


CORES: dict[str, Callable[[], Core]] = {
    **{name: lambda name=name: build(name, FEATURES, HIDDEN) for name in CELLS},  # type: ignore[misc]
    "stack": stack,
    "stack without skips": lambda: stack(skips=False),
    "stack of unlike cells": lambda: Stack(
        FEATURES, [lambda size: build("gru", size, 4), lambda size: build("tanh", size, HIDDEN)]
    ),
}
every_core = pytest.mark.parametrize("make", CORES.values(), ids=CORES)


@every_core
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "padded"])
def test_unroll_equals_the_plain_loop(make, lengths) -> None:
    core, xs = exact(make()), sequence()
    state = core.initial_state(len(xs))
    ys, after = unroll(core, xs, state, lengths)
    expected, expected_after = loop(core, xs.unbind(1), state, lengths)
    assert_same(ys, expected)
    assert_same(after, expected_after)
    weight = torch.randn_like(ys)
    parameters = [xs, *core.parameters()]
    assert_same(
        torch.autograd.grad((ys * weight).sum(), parameters, allow_unused=False),
        torch.autograd.grad((expected * weight).sum(), parameters),
    )


@every_core
def test_a_sequence_is_the_same_alone_and_padded_in_a_batch(make) -> None:
    core, xs = exact(make()), sequence()
    ys, after = unroll(core, xs, lengths=LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        if length == 0:
            assert_same(map_state(lambda t, row=row: t[row], after), map_state(lambda t: t[0], core.initial_state(1)))
            continue
        alone, alone_after = unroll(core, xs[row : row + 1, :length])
        assert_same(ys[row, :length], alone[0])
        assert not ys[row, length:].any()
        assert_same(map_state(lambda t, row=row: t[row], after), map_state(lambda t: t[0], alone_after))


@every_core
def test_state_carried_over_chunks_gives_the_whole(make) -> None:
    core, xs = exact(make()), sequence()
    whole, end = unroll(core, xs)
    first, state = unroll(core, xs[:, :4])
    second, carried = unroll(core, xs[:, 4:], map_state(Tensor.detach, state))
    assert_same(torch.cat([first, second], 1), whole)
    assert_same(carried, end)


@every_core
def test_autocast_keeps_the_state_in_full_precision(make) -> None:
    core = make()
    xs = torch.randn(2, 3, FEATURES)
    if any(isinstance(module, nn.RNNBase) for module in core.modules()):  # torch's own layers have no bf16 on this CPU
        return
    with torch.autocast("cpu", torch.bfloat16):
        ys, state = unroll(core, xs)
        loss = ys.float().square().sum()
    loss.backward()
    dtypes: list[torch.dtype] = []
    map_state(lambda part: dtypes.append(part.dtype) or part, state)
    assert set(dtypes) == {torch.float32}
    torch.testing.assert_close(ys.float(), unroll(core, xs)[0], rtol=0.1, atol=0.03)


def test_skips_reach_every_layer_and_the_output() -> None:
    core = Stack(FEATURES, [lambda size: LSTM(size, HIDDEN)] * 3)
    assert [layer.input_size for layer in core.cores] == [FEATURES, FEATURES + HIDDEN, FEATURES + HIDDEN]
    assert core.output_size == 3 * HIDDEN
    plain = Stack(FEATURES, [lambda size: LSTM(size, HIDDEN)] * 3, skips=False)
    assert [layer.input_size for layer in plain.cores] == [FEATURES, HIDDEN, HIDDEN]
    assert plain.output_size == HIDDEN


def test_state_rows_are_selected_through_any_nesting() -> None:
    class Pair(NamedTuple):
        left: LSTMState
        right: tuple[Tensor, ...]

    rows = torch.arange(8.0).reshape(4, 2)
    chosen = select_rows(Pair(LSTMState(rows, rows + 10), (rows + 20,)), torch.tensor([3, 3, 0]))
    assert isinstance(chosen, Pair)
    assert isinstance(chosen.left, LSTMState)
    assert chosen.right[0].tolist() == [[26, 27], [26, 27], [20, 21]]


@pytest.mark.parametrize("name", CELLS)
def test_sizes_below_one_are_refused(name) -> None:
    with pytest.raises(ValueError, match="sizes of at least 1, got input 3(,| and) hidden -2"):
        build(name, 3, -2)
    with pytest.raises(ValueError, match="sizes of at least 1, got input 0(,| and) hidden 5"):
        build(name, 0, 5)


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="at least one layer"):
        Stack(3, [])
    core = exact(LSTM(FEATURES, HIDDEN))
    with pytest.raises(ValueError, match="2 features a step, the core takes 3"):
        unroll(core, torch.zeros(1, 4, 2, dtype=torch.float64))
    with pytest.raises(ValueError, match="between 0 and 7"):
        unroll(core, sequence(), random_state(core), lengths=torch.tensor([8, 1, 1, 1]))
