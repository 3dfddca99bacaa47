"""The mixture density against torch's distributions, autograd in float64 and the limits of floating point."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Bernoulli, Categorical, MixtureSameFamily, MultivariateNormal

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


def test_pen_equals_torch_distributions() -> None:
    density = mixture.parse(raw_outputs(50) * 10, 0.0)
    pen_up = torch.arange(50).remainder(2).double()
    expected = Bernoulli(logits=density.pen_logit).log_prob(pen_up)
    torch.testing.assert_close(mixture.pen_log_probability(density, pen_up), expected)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("closeness", [2.0, 5.0, 8.0])
def test_density_near_full_correlation_is_exact(sign: float, closeness: float) -> None:
    """1 - |ρ| down to 2e-7, against the eigenvectors of the covariance: (x ± y)/√2 are independent where both σ are alike."""
    rho_hat = sign * 8 * math.atanh(closeness / 8) if closeness < 8 else sign * 1e3
    raw = torch.tensor([[0.3, 0.2, -0.1, -0.5, -0.5, rho_hat, 0.0]], dtype=torch.float64)
    density = mixture.parse(raw, 0.0)
    assert density.atanh_correlation.item() == pytest.approx(sign * closeness)
    variance = math.exp(-1.0)
    rest = 2 / (1 + math.exp(2 * closeness))  # 1 - tanh(closeness), without cancellation
    wide, narrow = math.sqrt(variance * (2 - rest)), math.sqrt(variance * rest)
    for along, across in ((0.0, 0.0), (0.5, 0.0), (1.0, 3 * narrow), (-2.0, -20 * narrow)):
        p, q = (along, across) if sign > 0 else (across, along)
        offset = torch.tensor([[0.2 + (p + q) / math.sqrt(2), -0.1 + (p - q) / math.sqrt(2)]], dtype=torch.float64)
        expected = -math.log(2 * math.pi * wide * narrow) - (along / wide) ** 2 / 2 - (across / narrow) ** 2 / 2
        assert mixture.log_density(density, offset).item() == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("rho_hat", [-25.0, -8.0, -1.0, 0.0, 1.0, 8.0, 25.0])
@pytest.mark.parametrize("distance", [0.0, 1.0, 1e4])
def test_gradients_are_right_at_the_edges(rho_hat: float, distance: float) -> None:
    """Far out, and near full correlation, where 1 - ρ² is 5e-7."""
    raw = raw_outputs(2)
    raw[:, 5:-1:6] = rho_hat
    raw.requires_grad_()
    offset = torch.tensor([[0.3, -0.2], [-0.6, 0.1]], dtype=torch.float64) + distance
    # Nats grow to 1e15 at the farthest, so differences are taken of their logarithm.
    assert torch.autograd.gradcheck(
        lambda r: (mixture.log_density(mixture.parse(r, 0.01), offset) - 100).neg().log(), raw, rtol=1e-4
    )


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


@pytest.mark.parametrize("rho_hat", [-20.0, -8.0, 0.0, 8.0, 20.0])
@pytest.mark.parametrize("far", [1e2, 1e4])
def test_following_the_gradient_brings_an_outlier_nearer(far: float, rho_hat: float) -> None:
    """Useful, not only finite: a small step along it, in single precision, makes 10⁴ deviations less improbable, and each parameter
    of the component that is nearest moves the right way."""
    raw = torch.zeros(1, mixture.output_size(2))
    raw[:, 5:-1:6] = rho_hat
    raw[:, 7:9] = -far  # the other component lies on the other side
    raw.requires_grad_()
    offset = torch.tensor([[far, far / 2]])
    before = mixture.log_density(mixture.parse(raw, 0.0068), offset)
    (gradient,) = torch.autograd.grad(before.sum(), raw)
    towards = offset - raw[:, 1:3]
    assert (gradient[:, 1:3] * towards).sum() > 0
    assert gradient[:, 3:5].sum() > 0  # a wider component would have expected it sooner
    assert gradient[0, 0] > 0
    assert gradient[0, 6] < 0
    after = mixture.log_density(mixture.parse(raw + 0.1 * gradient / gradient.norm(), 0.0068), offset)
    assert after > before


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_no_limit(dtype: torch.dtype) -> None:
    """The density of a network's output in half precision is computed in single, where squares of 10⁴ deviations fit."""
    raw = raw_outputs(8).to(dtype).requires_grad_()
    offset = torch.full((8, 2), 1e4)
    value = mixture.log_density(mixture.parse(raw, 0.0068), offset)
    assert value.dtype == torch.float32
    assert value.isfinite().all()


def test_deviation_never_falls_below_the_floor() -> None:
    raw = torch.full((1, mixture.output_size(1)), -50.0, dtype=torch.float64)
    assert mixture.parse(raw, 0.01).log_scales.exp().min() >= 0.01
    far_above = torch.full((1, mixture.output_size(1)), 3.0, dtype=torch.float64)
    assert mixture.parse(far_above, 1e-4).log_scales.exp().max() == pytest.approx(math.exp(3), rel=1e-4)


def many_draws(raw: Tensor, bias: float, n: int = 200_000) -> Tensor:
    components = (raw.shape[-1] - 1) // 6
    uniform = torch.rand(n, components + 1, dtype=torch.float64)
    gumbel = -torch.log(-torch.log(uniform[:, :components]))
    noise = mixture.Noise(gumbel, uniform[:, components:], torch.randn(n, 2, dtype=torch.float64))
    return mixture.draw(raw.expand(n, -1), torch.full((n, 1), bias, dtype=torch.float64), noise, 0.0)


def test_samples_have_the_density_moments() -> None:
    raw = raw_outputs(components=2) * 0.5
    density = mixture.parse(raw, 0.0)
    points = many_draws(raw, 0.0)
    expected = oracle(density)
    torch.testing.assert_close(points[:, :2].mean(0), expected.mean, atol=0.02, rtol=0)
    torch.testing.assert_close(points[:, :2].var(0), expected.variance, atol=0.05, rtol=0.02)
    assert points[:, 2].mean().item() == pytest.approx(torch.sigmoid(density.pen_logit).item(), abs=0.01)
    single = torch.cat([raw[..., :6], raw[..., -1:]], -1)
    x, y = many_draws(single, 0.0)[:, :2].T
    rho = torch.tanh(density.atanh_correlation[..., 0]).item()
    assert torch.corrcoef(torch.stack([x, y]))[0, 1].item() == pytest.approx(rho, abs=0.01)


@pytest.mark.parametrize("bias", [0.5, 2.0])
def test_bias_sharpens_as_graves_says(bias: float) -> None:
    raw = raw_outputs(components=2) * 0.5
    density = mixture.parse(raw, 0.0)
    neat = density._replace(
        log_weights=torch.log_softmax(density.log_weights * (1 + bias), -1), log_scales=density.log_scales - bias
    )
    expected, points = oracle(neat), many_draws(raw, bias)
    torch.testing.assert_close(points[:, :2].mean(0), expected.mean, atol=0.02, rtol=0)
    torch.testing.assert_close(points[:, :2].var(0), expected.variance, atol=0.02, rtol=0.02)
    assert points[:, 2].mean().item() == pytest.approx(torch.sigmoid(density.pen_logit).item(), abs=0.01)
