"""The optimisers: Graves' against its equations, and by name."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from shared.config import ConfigError, TrainingConfig
from shared.optimisers import GravesRMSprop, make_optimiser


def test_graves_rmsprop_is_equations_38_to_45() -> None:
    weights = [nn.Parameter(torch.randn(3, 2, dtype=torch.float64)), nn.Parameter(torch.randn(4, dtype=torch.float64))]
    expected = [weight.detach().clone() for weight in weights]
    optimiser = GravesRMSprop(weights, lr=0.01)
    n, g, delta = ([torch.zeros_like(weight) for weight in weights] for _ in range(3))
    for _ in range(5):
        gradients = [10 * torch.randn_like(weight) for weight in weights]
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient.clone()
        optimiser.step()
        for i, epsilon in enumerate(gradients):
            n[i] = 0.95 * n[i] + 0.05 * epsilon**2
            g[i] = 0.95 * g[i] + 0.05 * epsilon
            delta[i] = 0.9 * delta[i] - 0.01 * epsilon / torch.sqrt(n[i] - g[i] ** 2 + 0.0001)
            expected[i] = expected[i] + delta[i]
    for weight, other in zip(weights, expected, strict=True):
        torch.testing.assert_close(weight.detach(), other)


def test_large_gradients_that_do_not_change_stay_finite() -> None:
    """Then n and m² are alike, and their difference is rounding."""
    weight = nn.Parameter(torch.zeros(64))
    optimiser = GravesRMSprop([weight])
    for _ in range(300):
        weight.grad = torch.linspace(1e3, 1e7, 64)
        optimiser.step()
    assert weight.isfinite().all()


def test_a_weight_without_gradient_stays() -> None:
    weight = nn.Parameter(torch.ones(3))
    GravesRMSprop([weight]).step()
    assert weight.eq(1).all()


def test_it_is_asked_for_by_name() -> None:
    group = {"params": [nn.Parameter(torch.ones(1))], "lr": 1e-3}
    graves = make_optimiser([group], TrainingConfig(optimiser="rmsprop-graves"))
    assert isinstance(graves, GravesRMSprop)
    assert graves.param_groups[0]["lr"] == 1e-3
    assert isinstance(make_optimiser([group], TrainingConfig()), torch.optim.AdamW)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"decay and momentum from 0 to below 1 .* got 0.1, 1"):
        GravesRMSprop([nn.Parameter(torch.ones(1))], lr=0.1, decay=1.0)
    with pytest.raises(ConfigError, match="optimiser must be adamw or rmsprop-graves, got 'adam'"):
        TrainingConfig(optimiser="adam")
    with pytest.raises(ConfigError, match="by adamw alone, not by rmsprop-graves"):
        TrainingConfig(optimiser="rmsprop-graves", weight_decay=0.1)
    with pytest.raises(ConfigError, match="at most 1, got 2"):
        TrainingConfig(rate_at_end=2.0)
