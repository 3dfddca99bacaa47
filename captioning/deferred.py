"""Gradients of a weight that a loop uses at every step, as one product after the backward loop.

Autograd would multiply and add a gradient as large as the weight at every step of the loop. Here the loop uses the weight as a
constant, and the gradient comes from where all steps meet: with gates_t = projected_t + W input_t, the gradient of all gates is
that of `projected`, and

    ∂L/∂W = Σ_t ∂L/∂gates_tᵀ input_t
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


class DeferredWeight(torch.autograd.Function):
    """`DeferredWeight.apply(projected, weight, inputs)` is `projected`, with the gradient of `weight` hung onto it.

    Args:
        projected: [T, B, K, G], the part of the gates that is known before the loop.
        weight: [G, D], used in the loop as `weight.detach()`.
        inputs: a list that the loop fills with what it multiplies with the weight: [B, k, D] at step t, for the first k <= K
            columns of rows; the others take no part in that step, nor in steps after the list's end.
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Float[Tensor, "T B K G"], weight: Float[Tensor, "G D"], inputs: list[Tensor]
    ) -> Float[Tensor, "T B K G"]:
        ctx.inputs = inputs
        return projected.view_as(projected)

    @staticmethod
    def backward(ctx: Any, gradient: Float[Tensor, "T B K G"]) -> tuple[Tensor, Tensor, None]:  # type: ignore[override]
        gates = torch.cat([step[:, : x.shape[1]].flatten(0, 1) for step, x in zip(gradient, ctx.inputs, strict=False)])
        inputs = torch.cat([x.flatten(0, 1) for x in ctx.inputs])
        return gradient, gates.t() @ inputs, None
