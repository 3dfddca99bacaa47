"""The mixture density over the next point (Graves 2013, sec. 4.1), entirely in log space.

A point is an offset (x, y) and whether the pen leaves the paper after it. The network's raw output ŷ describes K bivariate
Gaussians and one Bernoulli:

    π = softmax(π̂)    μ = μ̂    σ = exp(σ̂)    ρ = tanh(ρ̂)    Pr(pen up) = 1 / (1 + exp(-ê))

(Graves writes the Bernoulli with the other sign.) With a = ρ̂, u = (x-μ_x)/σ_x and v = (y-μ_y)/σ_y the density needs neither
an epsilon nor a clamp, for these are exact:

    1/(1+ρ) = (1 + exp(-2a))/2     1/(1-ρ) = (1 + exp(2a))/2     log(1-ρ²) = 2 (log 2 - |a| - log1p(exp(-2|a|)))
    log N = -log 2π - log σ_x - log σ_y - ½ log(1-ρ²) - ¼ ((u+v)²/(1+ρ) + (u-v)²/(1-ρ))
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


class Mixture(NamedTuple):
    """The parameters of the density, each for any leading dimensions."""

    log_weights: Float[Tensor, "... K"]
    """log π"""
    means: Float[Tensor, "... K 2"]
    """μ, in sd of the data"""
    log_scales: Float[Tensor, "... K 2"]
    """log σ"""
    atanh_correlation: Float[Tensor, "... K"]
    """a = artanh ρ"""
    pen_logit: Float[Tensor, " ..."]
    """log odds of the pen leaving the paper"""


def output_size(mixtures: int) -> int:
    """How many raw outputs describe a density of that many components: 121 for 20."""
    return 6 * mixtures + 1


def parse(raw: Float[Tensor, "... N"], sigma_floor: float) -> Mixture:
    """Reads the network's raw outputs, in float32 or better.

    The deviation is bounded from below by `sigma_floor`, softly: σ = floor + (a function that is exp far above the floor),
    namely log σ = log f + softplus(σ̂ - log f), so the gradient never stops. |ρ̂| is bounded by 8 (1 - |ρ| > 2e-7) in the
    same way, which keeps exp(2a) far from overflow.
    """
    raw = raw.float() if raw.dtype in (torch.bfloat16, torch.float16) else raw
    components = (raw.shape[-1] - 1) // 6
    parts = raw[..., :-1].unflatten(-1, (components, 6))
    log_weights = F.log_softmax(parts[..., 0], -1)
    return Mixture(log_weights, parts[..., 1:3], *_bounded(parts, sigma_floor), raw[..., -1])


def _bounded(parts: Float[Tensor, "... 6"], sigma_floor: float) -> tuple[Float[Tensor, "... 2"], Float[Tensor, " ..."]]:
    """log σ and artanh ρ of components."""
    log_scales = parts[..., 3:5]
    if sigma_floor > 0:
        floor = math.log(sigma_floor)
        log_scales = floor + F.softplus(log_scales - floor)
    return log_scales, 8 * torch.tanh(parts[..., 5] / 8)


def log_density(mixture: Mixture, offset: Float[Tensor, "... 2"]) -> Float[Tensor, " ..."]:
    """log Pr(x, y), in nats (Graves 2013, eq. 23-25)."""
    u, v = ((offset[..., None, :] - mixture.means) * torch.exp(-mixture.log_scales)).unbind(-1)
    a = mixture.atanh_correlation
    log_one_less_square = 2 * (math.log(2) - a.abs() - torch.log1p(torch.exp(-2 * a.abs())))
    distance = ((u + v).square() * (1 + torch.exp(-2 * a)) + (u - v).square() * (1 + torch.exp(2 * a))) / 8
    log_normal = -math.log(2 * math.pi) - mixture.log_scales.sum(-1) - 0.5 * log_one_less_square - distance
    return torch.logsumexp(mixture.log_weights + log_normal, -1)


def pen_log_probability(mixture: Mixture, pen_up: Float[Tensor, " ..."]) -> Float[Tensor, " ..."]:
    """log Pr(pen), in nats, for pen_up 0 or 1."""
    return -F.binary_cross_entropy_with_logits(mixture.pen_logit, pen_up, reduction="none")


def mean(mixture: Mixture) -> Float[Tensor, "... 2"]:
    """The expected offset, Σ π μ."""
    return (mixture.log_weights.exp()[..., None] * mixture.means).sum(-2)


class Noise(NamedTuple):
    """The chance in a point, drawn beforehand, so that a seed gives the same point whatever else is in the batch."""

    gumbel: Float[Tensor, "... K"]
    """standard Gumbel numbers, one for each component"""
    uniform: Float[Tensor, "... 1"]
    """in (0, 1)"""
    normal: Float[Tensor, "... 2"]
    """standard normal numbers"""


def draw(
    raw: Float[Tensor, "B N"], bias: Float[Tensor, "B 1"], noise: Noise, sigma_floor: float
) -> Float[Tensor, "B 3"]:
    """One point (x, y, pen_up) from each density, with bias b towards its likeliest parts (Graves 2013, eq. 61-62):

        π = softmax(π̂ (1 + b))      σ = exp(σ̂ - b)

    b = 0 changes nothing; the larger b, the neater and the more alike the writing. Only the component that is chosen, by the
    largest of π̂ (1 + b) + Gumbel noise, is read.

    Args:
        raw: the network's raw outputs, as `parse` reads them.
    """
    parts = raw[:, :-1].unflatten(-1, (-1, 6))
    weights = parts[..., 0]
    chosen = torch.addcmul(noise.gumbel + weights, weights, bias).argmax(-1)
    one = parts.gather(1, chosen[:, None, None].expand(-1, 1, 6))[:, 0]
    log_scales, a = _bounded(one, sigma_floor)
    own, other = noise.normal.unbind(-1)
    # The Cholesky factor of the covariance: y takes ρ of x's noise and √(1-ρ²) = sech a of its own.
    standard = torch.stack([own, torch.tanh(a) * own + other / torch.cosh(a)], -1)
    offset = torch.addcmul(one[:, 1:3], (log_scales - bias).exp(), standard)
    return torch.cat([offset, (noise.uniform < torch.sigmoid(raw[:, -1:])).to(offset.dtype)], -1)
