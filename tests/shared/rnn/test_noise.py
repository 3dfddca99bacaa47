from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence

from shared.rnn.core import unroll
from shared.rnn.gru import GRU
from shared.rnn.lstm import LSTM, PeepholeLSTM
from shared.rnn.noise import AdaptiveWeightNoise, WeightNoise

CORES = [LSTM, PeepholeLSTM, GRU]


class Reader(nn.Module):
    """A network round a core: what it makes of a sequence."""

    def __init__(self, make=LSTM) -> None:
        super().__init__()
        self.core = make(3, 5)
        self.head = nn.Linear(5, 2)
        self.tied = self.head  # a module under two names
        self.head.again = self.head.bias  # and a weight
        self.double()

    def forward(self, xs: Tensor) -> Tensor:
        return self.head(unroll(self.core, xs)[0])


def sequence() -> Tensor:
    return torch.randn(4, 6, 3, dtype=torch.float64)


@pytest.mark.parametrize("make", CORES)
@pytest.mark.parametrize("wrap", [WeightNoise, AdaptiveWeightNoise])
def test_a_call_is_that_of_a_network_with_the_drawn_weights(make, wrap) -> None:
    """On the core's fastest path too, with the gradients of the drawn weights."""
    network, other, xs = Reader(make), Reader(make), sequence()
    noise = wrap(network, 0.3)
    torch.manual_seed(5)
    drawn = noise.draw()
    with torch.no_grad():
        for weight, value in zip(other.parameters(), drawn, strict=True):
            weight.copy_(value)
    torch.manual_seed(5)
    ys = noise(xs)
    torch.testing.assert_close(ys, other(xs))
    assert not torch.allclose(ys, network(xs))
    ys.square().sum().backward()
    other(xs).square().sum().backward()
    for mine, theirs in zip(network.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)


@pytest.mark.parametrize("make", CORES)
def test_the_network_stays_what_it_is(make) -> None:
    network = Reader(make)
    network.core.requires_grad_(False)
    network.head.weight.requires_grad_(False)
    parameters = dict(network.named_parameters(remove_duplicate=False))
    values = {name: weight.detach().clone() for name, weight in parameters.items()}
    noise, expected, xs = WeightNoise(network, 1.0), network(sequence()), sequence()
    with pytest.raises(RuntimeError, match="on the way"), noise.drawn():  # noqa: PT012
        assert not torch.equal(network.tied.bias, values["head.bias"])
        assert network.head.again is network.head.bias
        assert torch.equal(network.head.weight, values["head.weight"]), "what does not learn has no noise"
        assert torch.equal(network.core.recurrent_weight, values["core" + _recurrent(parameters)])
        raise RuntimeError("on the way")
    assert list(network.named_parameters(remove_duplicate=False)) == list(parameters.items())
    assert all(network.get_parameter(name) is weight for name, weight in parameters.items())
    assert all(torch.equal(weight, values[name]) for name, weight in parameters.items())
    assert not torch.equal(noise(xs), noise(xs)), "every call draws"
    assert expected.shape == noise(xs).shape


def _recurrent(parameters: dict[str, nn.Parameter]) -> str:
    (name,) = [name for name in parameters if name.endswith(("recurrent_weight", "weight_hh_l0"))]
    return name.removeprefix("core")


def test_a_core_is_unrolled_with_one_draw_and_learns_later() -> None:
    core, xs = LSTM(3, 5).double(), sequence()
    noise = WeightNoise(core, 0.2)
    with noise.drawn():
        whole, _ = unroll(core, xs)
        first, state = unroll(core, xs[:, :2])
        second, _ = unroll(core, xs[:, 2:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    whole.sum().backward()
    assert all(weight.grad is not None for weight in core.parameters())


@pytest.mark.parametrize("wrap", [WeightNoise, AdaptiveWeightNoise])
def test_evaluation_has_no_noise(wrap) -> None:
    network, xs = Reader(), sequence()
    noise = wrap(network, 1.0).eval()
    assert torch.equal(noise(xs), network(xs))


def test_noise_has_the_size_it_should() -> None:
    network = nn.Linear(100, 100)
    (weight, _), before = WeightNoise(network, 0.1).draw(), network.weight
    assert (weight - before).std().item() == pytest.approx(0.1, rel=0.05)
    assert (weight - before).mean().item() == pytest.approx(0, abs=0.005)


def test_complexity_is_the_divergence_from_the_best_prior() -> None:
    noise = AdaptiveWeightNoise(Reader(), 0.1)
    for log_deviation in noise.log_deviations:
        nn.init.normal_(log_deviation, mean=-2.0)
    means = torch.cat([weight.detach().flatten() for weight in noise.weights])
    deviations = torch.cat([log.detach().exp().flatten() for log in noise.log_deviations])

    def divergence(mean: float, deviation: float) -> float:
        prior = Normal(means.new_tensor(mean), means.new_tensor(deviation))
        return float(kl_divergence(Normal(means, deviations), prior).sum())

    m = means.mean().item()
    s = (deviations**2 + (means - m) ** 2).mean().sqrt().item()
    best = noise.complexity().item()
    assert best == pytest.approx(divergence(m, s), rel=1e-10)
    for worse in ((m + 0.01, s), (m - 0.01, s), (m, 1.02 * s), (m, 0.98 * s)):
        assert divergence(*worse) > best


def test_a_deviation_learns_from_the_curvature(monkeypatch) -> None:
    """E over ε of k w²/2 is k (μ² + σ²)/2; for a square, ε = ±1 gives that expectation exactly."""
    network = nn.Linear(1, 1, bias=False).double()
    noise, k = AdaptiveWeightNoise(network, 0.5), 3.0
    for sign in (1.0, -1.0):
        monkeypatch.setattr(torch, "randn_like", lambda weight, sign=sign: torch.full_like(weight, sign))
        (k / 2 * noise(torch.ones(1, 1, dtype=torch.float64)).square().sum() / 2).backward()
    assert network.weight.grad.item() == pytest.approx(k * network.weight.item())
    assert noise.log_deviations[0].grad.item() == pytest.approx(k * 0.5**2)  # by ln σ: σ times k σ


def test_weights_that_the_data_say_nothing_about_are_told_with_no_care() -> None:
    """Of three weights the data tell two, as 2 and -2, by 100 observations of deviation 1 each."""
    network = nn.Linear(3, 1, bias=False)
    noise = AdaptiveWeightNoise(network, 0.1)
    optimiser = torch.optim.Adam(noise.parameters(), 0.05)
    xs, targets = torch.eye(3)[:2], torch.tensor([[2.0], [-2.0]])
    for _ in range(200):
        optimiser.zero_grad()
        (100 * (noise(xs) - targets).square().sum() / 2 + noise.complexity()).backward()
        optimiser.step()
    plus, minus, free = noise.log_deviations[0].exp()[0].tolist()
    assert (plus, minus) == pytest.approx((0.1, 0.1), rel=0.4)
    assert free > 1, "as wide as the prior"
    assert network.weight[0].tolist() == pytest.approx([2, -2, 0], abs=0.3)


def test_what_is_learnt_is_found_by_an_optimiser() -> None:
    noise = AdaptiveWeightNoise(Reader(), 0.1)
    names = {name.split(".")[0] for name, _ in noise.named_parameters()}
    assert names == {"network", "log_deviations"}
    assert sum(p.numel() for p in noise.parameters()) == 2 * sum(p.numel() for p in noise.network.parameters())
    assert noise.log_deviations[0].exp().mean().item() == pytest.approx(0.1)


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="standard deviation above 0, got 0"):
        WeightNoise(nn.Linear(1, 1), 0.0)
    with pytest.raises(ValueError, match="weights that learn, and the Linear has none"):
        AdaptiveWeightNoise(nn.Linear(1, 1).requires_grad_(False))
