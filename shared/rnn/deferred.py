"""Gradients of a weight that a loop uses at every step, as one product after the backward loop.

Autograd would multiply, and add up, a gradient as large as the weight at every step. Here the loop uses the weight as a constant,
and its gradient comes from where all steps meet: with gates_t = projected_t + W input_t, the gradient of all gates is that of
`projected`, and

    ∂L/∂W = Σ_t (∂L/∂gates_t)ᵀ input_t
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


class DeferredWeight(torch.autograd.Function):
    """`DeferredWeight.apply(projected, weight, inputs)` is `projected`, with the gradient of `weight` hung onto it.

    Args:
        projected: [T, …, G], the part of the gates that is known before the loop.
        weight: [G, D], used in the loop as `weight.detach()`.
        inputs: a list that the loop fills with what it multiplies by the weight, detached: […, D] at step t. Where it is smaller
            than `projected` in a leading dimension, the rest took no part in that step, nor in steps after the list's end.
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Float[Tensor, "T *rows G"], weight: Float[Tensor, "G D"], inputs: list[Tensor]
    ) -> Float[Tensor, "T *rows G"]:
        ctx.inputs = inputs
        return projected.view_as(projected)

    @staticmethod
    def backward(ctx: Any, gradient: Float[Tensor, "T *rows G"]) -> tuple[Tensor, Float[Tensor, "G D"], None]:
        gates = [
            step[tuple(slice(size) for size in x.shape[:-1])].flatten(0, -2)
            for step, x in zip(gradient, ctx.inputs, strict=False)
        ]
        inputs = [x.flatten(0, -2) for x in ctx.inputs]
        return gradient, torch.cat(gates).t() @ torch.cat(inputs), None
