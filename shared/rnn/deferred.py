"""Gradients of a weight that a loop uses at every step, as one product after the backward loop.

Autograd would multiply, and add up, a gradient as large as the weight at every step. Here every step only notes what it
multiplied, x_t, and the gradient of what came out, y_t = W x_t + b; when the backward loop is through,

    ∂L/∂W = Σ_t (∂L/∂y_t) x_tᵀ      ∂L/∂b = Σ_t ∂L/∂y_t

are one product and one sum over all steps at once.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

Step = tuple[Tensor, Tensor]  # x_t and ∂L/∂y_t, rows by features


class DeferredLinear:
    """W x + b for the steps of one loop. Make a new one for each loop: it holds what that loop's backward pass notes.

    Gradients are those of `F.linear`, once; for gradients of gradients use `F.linear` itself.

    Args:
        weight: W [G, D].
        bias: b [G], if there is one.
    """

    def __init__(self, weight: Float[Tensor, "G D"], bias: Float[Tensor, " G"] | None = None) -> None:
        device = weight.device.type
        # Under autocast the weight is cast here, once, and not at every step.
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype
        self.weight = weight.detach().to(dtype)
        self.bias = None if bias is None else bias.detach().to(dtype)
        self.steps: dict[int, Step] = {}
        self.calls = 0
        self.learns = torch.is_grad_enabled() and (weight.requires_grad or (bias is not None and bias.requires_grad))
        self.anchor = _Anchor.apply(weight, bias, self.steps) if self.learns else None

    def __call__(self, x: Float[Tensor, "... D"]) -> Float[Tensor, "... G"]:
        if not self.learns:
            return F.linear(x.to(self.weight.dtype), self.weight, self.bias)
        self.calls += 1
        return _Product.apply(x, self.anchor, self, self.calls)


class _Product(torch.autograd.Function):
    """One step. The anchor is what makes autograd wait with the weight's gradient until all steps have had theirs."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, anchor: Tensor, linear: DeferredLinear, step: int) -> Tensor:
        ctx.linear, ctx.step, ctx.dtype = linear, step, x.dtype
        x = x.to(linear.weight.dtype)
        ctx.save_for_backward(x)
        return F.linear(x, linear.weight, linear.bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, None, None]:
        (x,) = ctx.saved_tensors
        # By number, not in a list: a second backward pass through a kept graph takes the place of the first.
        ctx.linear.steps[ctx.step] = (x.flatten(0, -2), gradient.flatten(0, -2))
        before = (gradient @ ctx.linear.weight).to(ctx.dtype) if ctx.needs_input_grad[0] else None
        return before, None, None, None


class _Anchor(torch.autograd.Function):
    """Nothing, which every step depends on; so its backward pass comes when theirs are done."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, bias: Tensor | None, steps: dict[int, Step]) -> Tensor:
        ctx.set_materialize_grads(False)
        ctx.steps, ctx.dtype, ctx.has_bias = steps, weight.dtype, bias is not None
        return weight.new_empty(0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, _: Tensor | None) -> tuple[Tensor | None, Tensor | None, None]:
        if not ctx.steps:
            return None, None, None
        inputs, gradients = (torch.cat(column) for column in zip(*ctx.steps.values(), strict=True))
        ctx.steps.clear()
        return (
            (gradients.t() @ inputs).to(ctx.dtype),
            gradients.sum(0).to(ctx.dtype) if ctx.has_bias else None,
            None,
        )
