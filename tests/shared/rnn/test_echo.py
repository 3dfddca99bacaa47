from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from shared.lab.forecast import mackey_glass
from shared.rnn.cell import Hidden
from shared.rnn.core import loop, unroll
from shared.rnn.echo import EchoState, fit_readout

LENGTHS = torch.tensor([7, 3, 1, 0])


def reservoir(**options: float) -> EchoState:
    return EchoState(3, 40, **options).double()


def sequence(steps: int = 7) -> Tensor:
    return torch.randn(4, steps, 3, dtype=torch.float64)


def radius(core: EchoState) -> float:
    return torch.linalg.eigvals(core.recurrent_weight).abs().max().item()


@pytest.mark.parametrize("wanted", [0.3, 0.95, 2.0])
@pytest.mark.parametrize("density", [0.001, 0.1, 1.0])
def test_the_spectral_radius_is_the_one_asked_for(wanted: float, density: float) -> None:
    assert radius(reservoir(spectral_radius=wanted, density=density)) == pytest.approx(wanted, rel=1e-4)


def test_every_unit_hears_its_share_of_the_others() -> None:
    core = EchoState(3, 40, density=0.1, input_scale=0.5)
    assert (core.recurrent_weight != 0).sum(1).tolist() == [4] * 40
    assert 0.4 < core.input_weight.abs().max() <= 0.5
    assert (EchoState(3, 40, density=0.001).recurrent_weight != 0).sum(1).tolist() == [1] * 40


def test_nothing_of_it_is_learnt_and_all_of_it_is_saved() -> None:
    core = reservoir()
    assert not list(core.parameters())
    assert set(core.state_dict()) == {"input_weight", "recurrent_weight", "bias"}


def test_the_step_is_the_equations() -> None:
    core, x, h = reservoir(leak=0.3), sequence()[:, 0], torch.randn(4, 40, dtype=torch.float64)
    y, after = core(x, Hidden(h))
    for row in range(4):
        drive = core.input_weight @ x[row] + core.bias + core.recurrent_weight @ h[row]
        torch.testing.assert_close(after.h[row], 0.7 * h[row] + 0.3 * torch.tanh(drive))
    assert torch.equal(y, after.h)


@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_unroll_equals_the_plain_loop(lengths: Tensor | None) -> None:
    core, xs = reservoir(leak=0.5), sequence().requires_grad_()
    state = Hidden(torch.randn(4, 40, dtype=torch.float64))
    ys, after = unroll(core, xs, state, lengths)
    expected, expected_after = loop(core, xs.unbind(1), state, lengths)
    torch.testing.assert_close(ys, expected)
    torch.testing.assert_close(after.h, expected_after.h)
    torch.testing.assert_close(torch.autograd.grad((ys**2).sum(), xs), torch.autograd.grad((expected**2).sum(), xs))


def test_a_sequence_is_the_same_alone_and_padded_in_a_batch() -> None:
    core, xs = reservoir(), sequence()
    ys, after = unroll(core, xs, lengths=LENGTHS)
    for row, length in enumerate([7, 3, 1]):
        alone, alone_after = unroll(core, xs[row : row + 1, :length])
        torch.testing.assert_close(ys[row, :length], alone[0])
        torch.testing.assert_close(after.h[row], alone_after.h[0])
        assert not ys[row, length:].any()
    assert not after.h[3].any()


def test_the_start_is_forgotten_below_a_radius_of_one_and_not_far_above() -> None:
    def apart(core: EchoState) -> float:
        xs = 0.1 * sequence(300)
        ends = [unroll(core, xs, Hidden(torch.rand(4, 40, dtype=torch.float64)))[1].h for _ in range(2)]
        return (ends[0] - ends[1]).abs().max().item()

    assert apart(reservoir(spectral_radius=0.8)) < 1e-10
    assert apart(reservoir(spectral_radius=0.8, leak=0.5)) < 1e-10
    assert apart(reservoir(spectral_radius=3.0, input_scale=0.1)) > 0.1


def test_the_readout_solves_the_normal_equations() -> None:
    states, targets = torch.randn(2, 30, 5).double() + 3, torch.randn(2, 30, 2).double()
    readout = fit_readout(states, targets, ridge=0.7, washout=10)
    x, y = states[:, 10:].reshape(-1, 5), targets[:, 10:].reshape(-1, 2)
    ones = torch.cat([x, torch.ones(len(x), 1).double()], 1)
    price = torch.diag(torch.tensor([0.7] * 5 + [0.0])).double()  # the bias is free
    expected = torch.linalg.solve(ones.T @ ones + price, ones.T @ y).T
    torch.testing.assert_close(torch.cat([readout.weight, readout.bias[:, None]], 1), expected)


def test_the_readout_is_least_squares_without_ridge_and_the_mean_under_a_heavy_one() -> None:
    states, linear = torch.randn(1, 50, 4), nn.Linear(4, 3)
    targets = linear(states)
    readout = fit_readout(states, targets, ridge=0.0)
    torch.testing.assert_close(readout.weight, linear.weight)
    torch.testing.assert_close(readout.bias, linear.bias)
    assert not any(parameter.requires_grad for parameter in readout.parameters())
    torch.testing.assert_close(fit_readout(states, targets, ridge=1e12).bias, targets.mean((0, 1)))


def test_mackey_glass_is_forecast_ten_times_better_than_by_its_last_value() -> None:
    series = mackey_glass(801)[:, None].sub(1)
    core = EchoState(1, 100).double()
    states, _ = unroll(core, series[None, :-1])
    readout = fit_readout(states[:, :500], series[None, 1:501], washout=50)
    error = (readout(states[0, 500:]) - series[501:]).square().mean().sqrt()
    last_value = (series[500:-1] - series[501:]).square().mean().sqrt()
    assert error < last_value / 10


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="sizes of at least 1, got input 3 and hidden 0"):
        EchoState(3, 0)
    for name, values in {
        "spectral_radius": [0.0, -1.0, float("nan")],
        "input_scale": [0.0, float("inf")],
        "density": [0.0, 1.1],
        "leak": [0.0, 1.5],
    }.items():
        for value in values:
            with pytest.raises(
                ValueError, match=f"the {name.replace('_', ' ')} of a reservoir must be above 0.*{value}"
            ):
                EchoState(3, 4, **{name: value})
    states = torch.ones(1, 6, 2)
    with pytest.raises(ValueError, match=r"states \(1, 6, 2\) and targets \(1, 5, 1\) differ"):
        fit_readout(states, torch.ones(1, 5, 1))
    with pytest.raises(ValueError, match="at least one of 6 steps, got 6"):
        fit_readout(states, torch.ones(1, 6, 1), washout=6)
    with pytest.raises(ValueError, match="cannot be negative, got -1"):
        fit_readout(states, torch.ones(1, 6, 1), ridge=-1)
    with pytest.raises(ValueError, match="do not determine the readout at a ridge of 0"):
        fit_readout(states, torch.ones(1, 6, 1), ridge=0)
