"""The hierarchical multiscale LSTM against its equations, written out sample by sample."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from shared.rnn.core import unroll
from shared.rnn.multiscale import HMLSTM, HMLSTMState, LevelState, ink_slope, set_slope, text_slope

D, H, L = 3, 4, 3


@pytest.fixture(params=[False, True], ids=["as Chung wires it", "with skips"])
def core(request: pytest.FixtureRequest) -> HMLSTM:
    """A small one in float64, its weights large enough for lively boundaries."""
    core = HMLSTM(D, H, L, skips=request.param).double()
    with torch.no_grad():
        for parameter in core.parameters():
            parameter.copy_(torch.randn_like(parameter))
    return core


@pytest.fixture
def xs() -> Tensor:
    return torch.randn(5, 10, D, dtype=torch.double)


class Threshold(torch.autograd.Function):
    """z = 1 if z̃ > ½ else 0, and ∂z/∂z̃ = 1: the straight-through estimator by its definition."""

    @staticmethod
    def forward(ctx: object, soft: Tensor) -> Tensor:
        return (soft > 0.5).double()

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        return gradient


def level_weights(core: HMLSTM, level: int) -> dict[str, Tensor]:
    """U, U_top, W, V (what it reads of the input besides) and b of a level, taken out of the fused products."""
    fused = core.levels[level].weight
    weights = {"U": fused[:, :H]}
    rest = fused[:, H:]
    if level < L - 1:
        weights["U_top"], rest = rest[:, :H], rest[:, H:]
    inputs = list(zip(core.input.weight.split(core.reached), core.input.bias.split(core.reached), strict=True))
    weights["W"], weights["b"] = (rest, core.levels[level].bias) if level else inputs[0]
    if core.skips and level:
        weights["V"], weights["b"] = inputs[level]
    return weights


def written_out(core: HMLSTM, xs: Tensor) -> tuple[Tensor, Tensor, set[str]]:
    """Outputs [T, O] and boundaries [T, L-1] of one sequence [T, D], and which operations took place."""
    zero, none = torch.zeros(H, dtype=torch.double), torch.zeros((), dtype=torch.double)
    h, c, z = [zero] * L, [zero] * L, [none] * L
    ys, boundaries, seen = [], [], set()
    for x in xs:
        h_, c_, z_ = list(h), list(c), list(z)
        for level in range(L):
            weights = level_weights(core, level)
            z_below, below = (z[level - 1], h[level - 1]) if level else (none + 1, x)
            s = weights["U"] @ h_[level] + z_below * (weights["W"] @ below) + weights["b"]
            if level < L - 1:
                s = s + z_[level] * (weights["U_top"] @ h_[level + 1])
            if "V" in weights:
                s = s + weights["V"] @ x
            f, i, o = (torch.sigmoid(s[k * H : (k + 1) * H]) for k in range(3))
            g = torch.tanh(s[3 * H : 4 * H])
            # The three operations as a sum of which one term counts: only so do z₋ and z_b have a gradient.
            flush, update, copy = z_[level], (1 - z_[level]) * z_below, (1 - z_[level]) * (1 - z_below)
            seen.add(f"{level} " + ("FLUSH" if flush else "UPDATE" if update else "COPY"))
            c[level] = flush * (i * g) + update * (f * c_[level] + i * g) + copy * c_[level]
            h[level] = (flush + update) * (o * torch.tanh(c[level])) + copy * h_[level]
            if level < L - 1:
                z[level] = Threshold.apply(((core.slope * s[4 * H] + 1) / 2).clamp(0, 1))
        boundaries.append(torch.stack(z[:-1]))
        if core.skips:
            ys.append(torch.cat(h))
            continue
        gates = [torch.sigmoid(core.output_gates.weight[level] @ torch.cat(h)) for level in range(L)]
        parts = core.output.weight.split(H, 1)
        ys.append(torch.relu(sum(gates[level] * (parts[level] @ h[level]) for level in range(L))))
    return torch.stack(ys), torch.stack(boundaries), seen


def stepped(core: HMLSTM, xs: Tensor, state: HMLSTMState | None = None) -> tuple[Tensor, list[HMLSTMState]]:
    """Outputs and the state after every step."""
    state = core.initial_state(len(xs)) if state is None else state
    ys, states = [], []
    for x in xs.unbind(1):
        y, state = core(x, state)
        ys.append(y)
        states.append(state)
    return torch.stack(ys, 1), states


def flat(state: HMLSTMState) -> list[Tensor]:
    return [state.h, *(part for level in state.levels for part in level)]


def test_outputs_and_boundaries_are_those_of_the_equations(core: HMLSTM, xs: Tensor) -> None:
    ys, states = stepped(core, xs)
    boundaries = torch.stack([state.boundaries for state in states], 1)
    seen: set[str] = set()
    for row, sequence in enumerate(xs):
        expected, marks, operations = written_out(core, sequence)
        torch.testing.assert_close(ys[row], expected)
        assert torch.equal(boundaries[row], marks)
        seen |= operations
    assert seen == {"0 UPDATE", "0 FLUSH", "1 UPDATE", "1 COPY", "1 FLUSH", "2 UPDATE", "2 COPY"}


def test_the_gradient_is_the_straight_through_one(core: HMLSTM, xs: Tensor) -> None:
    core.slope = 0.3  # a wide window: many boundaries take part
    ys, _ = unroll(core, xs)
    by_hand = torch.stack([written_out(core, sequence)[0] for sequence in xs])
    weights = torch.randn_like(ys)
    actual = torch.autograd.grad((ys * weights).sum(), list(core.parameters()))
    expected = torch.autograd.grad((by_hand * weights).sum(), list(core.parameters()))
    torch.testing.assert_close(actual, expected)
    boundary_rows = [gradient[-1] for gradient, linear in zip(actual[2:4], core.levels[:2], strict=False)]
    assert all(row.abs().max() > 0 for row in boundary_rows)


def test_the_boundary_passes_half_the_slope_where_it_is_not_saturated(core: HMLSTM) -> None:
    x = torch.randn(40, D, dtype=torch.double, requires_grad=True)
    s = core.input(x)[:, 4 * H]
    for slope in (1.0, 0.5):
        core.slope = slope
        _, state = core(x, core.initial_state(len(x)))
        (gradient,) = torch.autograd.grad(state.levels[0].z.sum(), x)
        inside = (slope * s).abs() < 1
        assert 0 < inside.sum() < len(x)
        torch.testing.assert_close(gradient, inside[:, None] * slope / 2 * core.input.weight[4 * H])


def test_the_gradient_of_a_boundary_a_step_ago_is_the_difference_it_makes(core: HMLSTM, xs: Tensor) -> None:
    with torch.no_grad():
        core.levels[0].weight[:, H:] = 0  # without what comes from above c is linear in z₋
    _, states = stepped(core, xs)
    before = states[-1].levels

    def cell(z: Tensor) -> Tensor:
        changed = (before[0]._replace(z=z), *before[1:])
        return core(xs[:, 0], HMLSTMState(states[-1].h, changed))[1].levels[0].c.sum()

    z = torch.zeros(5, 1, dtype=torch.double, requires_grad=True)
    (gradient,) = torch.autograd.grad(cell(z), z)
    torch.testing.assert_close(gradient.sum(), cell(torch.ones_like(z)) - cell(torch.zeros_like(z)))


def test_a_boundary_is_exactly_0_or_1_and_the_slope_changes_nothing_forward(core: HMLSTM, xs: Tensor) -> None:
    core = core.float()
    before, _ = stepped(core, xs.float())
    core.slope = 5.0
    after, states = stepped(core, xs.float())
    assert torch.equal(after, before)
    assert torch.stack([state.boundaries for state in states]).unique().tolist() == [0, 1]


def test_copy_leaves_a_level_untouched_bit_for_bit(core: HMLSTM, xs: Tensor) -> None:
    core = core.float()
    _, states = stepped(core, xs.float())
    copies = 0
    for before, after in itertools.pairwise(states):
        for level in (1, 2):
            rows = ((before.levels[level].z == 0) & (after.levels[level - 1].z == 0)).squeeze(1)
            copies += int(rows.sum())
            assert torch.equal(after.levels[level].h[rows], before.levels[level].h[rows])
            assert torch.equal(after.levels[level].c[rows], before.levels[level].c[rows])
    assert copies


def test_flush_forgets_the_cell_and_nothing_else(core: HMLSTM, xs: Tensor) -> None:
    _, states = stepped(core, xs)
    levels = states[-1].levels

    def step(c: Tensor, z: float) -> LevelState:
        own = LevelState(levels[1].h, c, torch.full_like(levels[1].z, z))
        return core(xs[:, 0], HMLSTMState(states[-1].h, (levels[0], own, levels[2])))[1].levels[1]

    other = torch.randn_like(levels[1].c)
    assert torch.equal(step(levels[1].c, 1.0).c, step(other, 1.0).c)
    assert not torch.isclose(step(levels[1].c, 0.0).c, step(other, 0.0).c).any()


def test_with_boundaries_all_1_below_and_0_a_step_ago_it_is_a_stacked_lstm(xs: Tensor) -> None:
    core = HMLSTM(D, H, L, boundary_bias=1e3).double()
    lstm = torch.nn.LSTM(D, H, L, batch_first=True).double()
    order = [1, 0, 3, 2]  # i, f, g, o as f, i, o, g
    with torch.no_grad():
        for level in range(L):
            ours = level_weights(core, level)
            theirs = {"W": f"weight_ih_l{level}", "U": f"weight_hh_l{level}", "b": f"bias_ih_l{level}"}
            for name, their_name in theirs.items():
                chunks = getattr(lstm, their_name).chunk(4)
                ours[name][: 4 * H] = torch.cat([chunks[k] for k in order])
            getattr(lstm, f"bias_hh_l{level}").zero_()
    expected, (h, c) = lstm(xs)
    state = core.initial_state(len(xs))
    for t, x in enumerate(xs.unbind(1)):
        _, state = core(x, state)
        assert torch.equal(state.boundaries, torch.ones_like(state.boundaries))
        torch.testing.assert_close(state.levels[-1].h, expected[:, t])
        # Each level has told the one above; now its own segment goes on, for UPDATE and never FLUSH.
        state = state._replace(levels=tuple(level._replace(z=torch.zeros_like(level.z)) for level in state.levels))
    torch.testing.assert_close(torch.stack([level.h for level in state.levels]), h)
    torch.testing.assert_close(torch.stack([level.c for level in state.levels]), c)


def test_without_boundaries_the_upper_levels_never_move(xs: Tensor) -> None:
    core = HMLSTM(D, H, L, boundary_bias=-1e3).double()
    _, state = unroll(core, xs)
    assert not torch.cat([level.c for level in state.levels[1:]]).any()
    assert state.levels[0].c.all()


def test_a_whole_sequence_is_its_steps(core: HMLSTM, xs: Tensor) -> None:
    expected, states = stepped(core, xs)
    ys, state = unroll(core, xs)
    torch.testing.assert_close(ys, expected)
    torch.testing.assert_close(flat(state), flat(states[-1]))
    first, middle = unroll(core, xs[:, :5])
    second, end = unroll(core, xs[:, 5:], middle)
    torch.testing.assert_close(torch.cat([first, second], 1), ys)
    torch.testing.assert_close(flat(end), flat(state))


def test_a_sequence_alone_is_the_same_padded_in_a_batch(core: HMLSTM, xs: Tensor) -> None:
    lengths = torch.tensor([10, 1, 7, 0, 3])
    _, start = unroll(core, torch.randn_like(xs))
    ys, state = unroll(core, xs, start, lengths)
    for row, length in enumerate(lengths.tolist()):
        own = HMLSTMState(start.h[[row]], tuple(LevelState(*(p[[row]] for p in level)) for level in start.levels))
        assert not ys[row, length:].any()
        if length:
            alone, own = unroll(core, xs[[row], :length], own)
            torch.testing.assert_close(ys[[row], :length], alone)
        torch.testing.assert_close([part[[row]] for part in flat(state)], flat(own))


def test_under_autocast_the_states_stay_in_full_precision() -> None:
    core = HMLSTM(D, H)
    with torch.autocast("cpu", torch.bfloat16):
        ys, state = unroll(core, torch.randn(2, 4, D))
    ys.sum().backward()
    assert {part.dtype for part in [ys, *flat(state)]} == {torch.float32}
    assert core.input.weight.grad is not None


@pytest.mark.parametrize("skips", [False, True])
def test_a_fresh_one_remembers(skips: bool) -> None:
    core = HMLSTM(D, H, skips=skips, forget_bias=2.0, boundary_bias=-1.0)
    for level in range(L):
        bias = level_weights(core, level)["b"]
        assert (bias[:H] == 2).all()
        assert not bias[H : 4 * H].any()
        assert bias[4 * H :].tolist() == [-1] * (level < L - 1)


def test_of_a_fresh_one_no_level_lies_idle() -> None:
    core = HMLSTM(16, 64, levels=4)
    _, states = stepped(core, torch.randn(8, 30, 16))
    marks = torch.stack([state.boundaries for state in states])
    assert (marks.mean((0, 1)) > 0.5).all()
    assert marks.mean() < 1


def test_the_slope_rises_to_its_end() -> None:
    assert [text_slope(epoch) for epoch in (0, 50, 100, 500)] == [1, 3, 5, 5]
    assert [ink_slope(epoch) for epoch in (0, 250, 500, 9000)] == [1, 2, 3, 3]


def test_the_slope_of_a_network_is_that_of_every_hm_lstm_in_it() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sequential(HMLSTM(D, H), HMLSTM(D, H)))
    set_slope(network, 2.5)
    assert [module.slope for module in network[1]] == [2.5, 2.5]


@pytest.mark.parametrize("arguments", [(0, 4), (4, 0), (4, 4, 1)])
def test_refuses_what_cannot_be(arguments: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"at least .* got .*{min(arguments)}"):
        HMLSTM(*arguments)
