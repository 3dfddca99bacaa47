"""The mixture density against torch's distributions, autograd in float64 and the limits of floating point."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from handwriting import mixture
from handwriting.mixture import Mixture


def raw_outputs(*shape: int, components: int = 3) -> torch.Tensor:
    return torch.randn(*shape, mixture.output_size(components), dtype=torch.float64)


def oracle(density: Mixture) -> MixtureSameFamily:
    """The same density, built from covariance matrices."""
    sigma, rho = density.log_scales.exp(), torch.tanh(density.atanh_correlation)
    off = rho * sigma.prod(-1)
    covariance = torch.stack([sigma[..., 0] ** 2, off, off, sigma[..., 1] ** 2], -1).unflatten(-1, (2, 2))
    return MixtureSameFamily(Categorical(logits=density.log_weights), MultivariateNormal(density.means, covariance))


@pytest.mark.parametrize("components", [1, 3, 20])
@pytest.mark.parametrize("floor", [0.0, 0.05])
def test_density_equals_torch_distributions(components: int, floor: float) -> None:
    density = mixture.parse(raw_outputs(50, components=components), floor)
    offset = torch.randn(50, 2, dtype=torch.float64)
    torch.testing.assert_close(mixture.log_density(density, offset), oracle(density).log_prob(offset))
    torch.testing.assert_close(mixture.mean(density), oracle(density).mean)


def test_gradients_are_right() -> None:
    raw = raw_outputs(4).requires_grad_()
    offset = torch.randn(4, 2, dtype=torch.float64)

    def total(raw: torch.Tensor) -> torch.Tensor:
        density = mixture.parse(raw, 0.01)
        return mixture.log_density(density, offset) + mixture.pen_log_probability(density, offset[:, 0].gt(0).double())

    assert torch.autograd.gradcheck(total, raw)


def test_gradient_is_graves_closed_form() -> None:
    """Equations 27-30 and 37 of Graves 2013: the derivative by responsibilities (his are of minus the log)."""
    raw = raw_outputs(components=2).requires_grad_()
    x, y = 0.3, -0.7
    point = torch.tensor([x, y], dtype=torch.float64)
    (gradient,) = torch.autograd.grad(mixture.log_density(mixture.parse(raw, 0.0), point), raw)
    density = mixture.parse(raw.detach(), 0.0)
    for k in range(2):
        (m1, m2), (s1, s2) = density.means[k].tolist(), density.log_scales[k].exp().tolist()
        rho = math.tanh(density.atanh_correlation[k])
        single = Mixture(torch.zeros(1), *(part[k : k + 1] for part in density[1:4]), density.pen_logit)
        log_normal = mixture.log_density(single, point)
        weight = math.exp(density.log_weights[k])
        whole = mixture.log_density(density, point)
        responsibility = weight * math.exp(log_normal - whole)
        c, u, v = 1 / (1 - rho**2), (x - m1) / s1, (y - m2) / s2
        assert gradient[6 * k].item() == pytest.approx(responsibility - weight)
        assert gradient[6 * k + 1].item() == pytest.approx(responsibility * c / s1 * (u - rho * v))
        assert gradient[6 * k + 2].item() == pytest.approx(responsibility * c / s2 * (v - rho * u))
        assert gradient[6 * k + 3].item() == pytest.approx(responsibility * (c * u * (u - rho * v) - 1))
        assert gradient[6 * k + 4].item() == pytest.approx(responsibility * (c * v * (v - rho * u) - 1))
        bounded = 1 - math.tanh(raw[6 * k + 5].item() / 8) ** 2  # our soft bound on ρ̂
        quadratic = c * (u * u + v * v - 2 * rho * u * v)
        assert gradient[6 * k + 5].item() == pytest.approx(bounded * responsibility * (u * v + rho * (1 - quadratic)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_outliers_and_extremes_stay_finite_with_useful_gradients(dtype: torch.dtype) -> None:
    raw = raw_outputs(6).to(dtype)
    raw[0, 3:5] = -200.0  # a deviation that would be zero
    raw[1, 5::6] = 1e4  # correlation 1
    raw[2, 5::6] = -1e4
    raw[3, 0] = -1e4  # a component without weight
    raw[4, -1] = 1e4
    raw.requires_grad_()
    offset = torch.full((6, 2), 1e4, dtype=dtype)
    density = mixture.parse(raw, 0.0068)
    value = mixture.log_density(density, offset) + mixture.pen_log_probability(density, torch.ones(6, dtype=dtype))
    value.sum().backward()
    assert value.isfinite().all()
    assert raw.grad is not None
    assert raw.grad.isfinite().all()
    means = raw.grad[:, :-1].unflatten(1, (3, 6))[:, :, 1:3]
    assert (means.abs().sum((1, 2)) > 0).all()  # an outlier still pulls a mean


def test_deviation_never_falls_below_the_floor() -> None:
    raw = torch.full((1, mixture.output_size(1)), -50.0, dtype=torch.float64)
    assert mixture.parse(raw, 0.01).log_scales.exp().min() >= 0.01
    far_above = torch.full((1, mixture.output_size(1)), 3.0, dtype=torch.float64)
    assert mixture.parse(far_above, 1e-4).log_scales.exp().max() == pytest.approx(math.exp(3), rel=1e-4)


def test_samples_have_the_density_moments() -> None:
    density = mixture.parse(raw_outputs(components=2) * 0.5, 0.0)
    n = 200_000
    many = Mixture(*(part.expand(n, *part.shape) for part in density))
    noise = torch.cat([torch.rand(n, 3, dtype=torch.float64), torch.randn(n, 2, dtype=torch.float64)], 1)
    points = mixture.draw(many, noise)
    expected = oracle(density)
    torch.testing.assert_close(points[:, :2].mean(0), expected.mean, atol=0.02, rtol=0)
    torch.testing.assert_close(points[:, :2].var(0), expected.variance, atol=0.05, rtol=0.02)
    assert points[:, 2].mean().item() == pytest.approx(torch.sigmoid(density.pen_logit).item(), abs=0.01)
    single = Mixture(torch.zeros(n, 1, dtype=torch.float64), *(p[:, :1] for p in many[1:4]), many.pen_logit)
    x, y = mixture.draw(single, noise[:, 1:])[:, :2].T
    rho = torch.tanh(density.atanh_correlation[0]).item()
    assert torch.corrcoef(torch.stack([x, y]))[0, 1].item() == pytest.approx(rho, abs=0.01)


def test_bias_sharpens_as_graves_says() -> None:
    density = mixture.parse(raw_outputs(5), 0.0)
    same = mixture.sharpen(density, torch.zeros(5, dtype=torch.float64))
    torch.testing.assert_close(same.log_weights, density.log_weights)
    bias = torch.tensor([0.0, 0.5, 1.0, 2.0, 5.0], dtype=torch.float64)
    neat = mixture.sharpen(density, bias)
    torch.testing.assert_close(neat.log_scales, density.log_scales - bias[:, None, None])
    expected = torch.softmax(density.log_weights * (1 + bias[:, None]), -1)
    torch.testing.assert_close(neat.log_weights.exp(), expected)
