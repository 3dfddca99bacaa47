"""Gradients of recurrent networks on their way back through time: measured, held to a size, kept from vanishing.

The gradient that reaches h_t from h_T is a product of T - t Jacobians, and shrinks or grows as a power of T - t:

    ∂h_T/∂h_t = ∂h_T/∂h_{T-1} … ∂h_{t+1}/∂h_t

Clipping what a whole network's parameters get, by norm (Pascanu, Mikolov & Bengio 2013) or by value, is torch's own:
`torch.nn.utils.clip_grad_norm_` and `clip_grad_value_`. Here is what happens inside the backward pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from shared.rnn.cell import Advance, Cell, MakeProduct, Product, plain_product
from shared.rnn.core import Core, State, leaves, loop, map_state
from shared.rnn.deferred import DeferredLinear
from shared.rnn.wrapper import require_h


def clip_gradient(x: Float[Tensor, "*shape"], limit: float) -> Float[Tensor, "*shape"]:
    """x itself, whose gradient is clamped to [-limit, limit] on its way back (Graves 2013, sec. 2.1).

    Graves takes 100 for the outputs of a network and 10 for the sums inside an LSTM, before their σ and tanh.

    Raises:
        ValueError: for a limit that is not above 0.
    """
    _check_limit(limit)
    return _ClipGradient.apply(x, limit)


class _ClipGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, limit: float) -> Tensor:
        ctx.limit = limit
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient.clamp(-ctx.limit, ctx.limit), None


class ClippedGradients(nn.Module, Core):
    """A cell into which gradients flow back clamped, at the sums before its σ and tanh (Graves 2013, sec. 2.1).

        δ = ∂L/∂(W x + U h₋ + b)  becomes  max(-limit, min(δ, limit))

    before it goes on to x, to h₋ and to the weights. (What a peephole carries back to c is left alone.) No library layer can do
    this, so the cell is looped.

    Args:
        cell: what is wrapped.
        limit: the largest absolute value of any component; Graves takes 10 for an LSTM.

    Raises:
        ValueError: for a limit that is not above 0.
    """

    def __init__(self, cell: Cell, limit: float) -> None:
        super().__init__()
        _check_limit(limit)
        self.cell, self.limit = cell, limit
        self.input_size, self.output_size = cell.input_size, cell.output_size

    def initial_state(self, batch: int) -> State:
        return self.cell.initial_state(batch)

    def forward(self, x: Float[Tensor, "B D"], state: State) -> tuple[Float[Tensor, "B O"], State]:
        return self.looping(plain_product)(self.cell.project(x), state)

    def looping(self, product: MakeProduct = DeferredLinear) -> Advance:
        """The clipped step from W x + b, for the steps of one loop, as `Cell.looping` has it."""
        advance = self._advance(product)
        return lambda projected, state: advance(clip_gradient(projected, self.limit), state)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: State, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], State]:
        projected = clip_gradient(self.cell.project(xs.transpose(0, 1)), self.limit)  # of all steps at once
        return loop(self._advance(DeferredLinear), projected.unbind(0), state, lengths)

    def _advance(self, product: MakeProduct) -> Advance:
        # Both shares of the sum have its gradient, so that clamping each clamps the sum's.
        def clipped(weight: Tensor, bias: Tensor | None) -> Product:
            multiply = product(weight, bias)
            return lambda h: clip_gradient(multiply(h), self.limit)

        return self.cell.looping(clipped)


def information_flow(
    core: Core,
    xs: Float[Tensor, "B T D"],
    loss: Callable[[Float[Tensor, "B T O"]], Float[Tensor, ""]],
    state: State | None = None,
    lengths: Int[Tensor, " B"] | None = None,
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """The loss of the outputs, and how far from even its gradient flows back (Pascanu, Mikolov & Bengio 2013, eq. 9).

        Ω = Σ_t (‖δ_t ∂s_t/∂s_{t-1}‖ / ‖δ_t‖ - 1)²      δ_t = ∂L/∂s_t

    Training on L + λ Ω keeps gradients from vanishing where there is one to carry: steps that the loss does not reach count
    nothing. s is h where that is all of the state (as in the paper), and for an LSTM h and c side by side. The norms are a
    sequence's own, and Ω is the mean over the batch.

    Both results can be differentiated: Ω in full, by a second backward pass through the plain steps, where the paper takes
    s and δ for constants.

    Args:
        core: its state has its output as the field h.
        xs: the sequences.
        loss: from the outputs (zero past a sequence's end) to a scalar, a sum or mean over sequences.
        state: where to begin; the core's initial state by default.
        lengths: of the sequences, if they are padded.

    Returns:
        L and Ω.

    Raises:
        ValueError: for a core that does not show its output in its state.
    """
    require_h(core, "the flow of information")
    entering: list[State] = []
    leaving: list[State] = []

    def step(x: Tensor, before: State) -> tuple[Tensor, State]:
        # A view of each part is a node of its own: so h and c are told apart, though c has its effect through h too.
        entering.append(map_state(_node, before))
        leaving.append(map_state(_node, core(x, entering[-1])[1]))
        return leaving[-1].h, leaving[-1]

    ys, _ = loop(step, xs.unbind(1), core.initial_state(len(xs)) if state is None else state, lengths)
    total = loss(ys)
    # All of L comes to step t by what leaves it, and goes on to the step before by what enters: δ_t and δ_t ∂s_t/∂s_{t-1}.
    gradients = torch.autograd.grad(total, _real((*leaving, *entering)), create_graph=True, materialize_grads=True)
    squares = torch.stack([gradient.flatten(1).square().sum(1) for gradient in gradients])
    arriving, passed_on = _root(squares.unflatten(0, (2, xs.shape[1], -1)).sum(2))
    reached = arriving > 0
    ratios = passed_on / torch.where(reached, arriving, 1)
    return total, ((ratios - 1).square() * reached).sum() / len(xs)


def gradient_reach(core: Core, xs: Float[Tensor, "B T D"], state: State | None = None) -> Float[Tensor, "B T+1"]:
    """How much of a gradient at the end of a sequence reaches back to each step: ‖∂s_T/∂s_t‖ for t from 0 to T.

    The norm is the spectral one, the most that a gradient of length 1 can have left; so it is 1 at T. s is everything that a
    step hands to the next: h of a tanh layer, h and c of an LSTM side by side. States of S numbers take T Jacobians of S x S.

    Returns:
        norms, detached. Column t belongs to the state after t steps, column 0 to the one before the first.
    """
    state = core.initial_state(len(xs)) if state is None else state
    jacobians = []
    for x in xs.unbind(1):
        jacobian, state = step_jacobian(core, x, state)
        jacobians.append(jacobian)
    size = jacobians[-1].shape[-1]
    product = torch.eye(size, dtype=xs.dtype, device=xs.device).expand(len(xs), size, size)
    norms = [product.new_ones(len(xs))]
    for jacobian in reversed(jacobians):
        product = product @ jacobian
        norms.append(torch.linalg.matrix_norm(product, ord=2))
    return torch.stack(norms[::-1], 1)


def step_jacobian(core: Core, x: Float[Tensor, "B D"], state: State) -> tuple[Float[Tensor, "B S S"], State]:
    """∂s_t/∂s_{t-1} of one step, and s_t, both detached. S are all real numbers of a state, part after part."""
    with torch.enable_grad():
        before = map_state(_node, map_state(Tensor.detach, state))
        _, after = core(x, before)
        out = torch.cat([part.flatten(1) for part in _real(after)], 1)
        unit = torch.eye(out.shape[1], dtype=out.dtype, device=out.device)[:, None].expand(-1, *out.shape)
        parts = _real(before)
        rows = torch.autograd.grad(out, parts, unit, is_grads_batched=True, allow_unused=True)
    # A part that is handed on but not read (an output, say) has no gradient.
    filled = [
        part.new_zeros(len(unit), *part.shape) if row is None else row for part, row in zip(parts, rows, strict=True)
    ]
    return torch.cat([row.flatten(2) for row in filled], 2).transpose(0, 1), map_state(Tensor.detach, after)


def _real(state: State) -> list[Tensor]:
    return [part for part in leaves(state) if part.is_floating_point()]


def _node(part: Tensor) -> Tensor:
    """The same tensor as a place of its own in the graph, where gradients can be asked for."""
    if not part.is_floating_point():
        return part
    return part.view_as(part) if part.requires_grad else part.detach().requires_grad_()


def _root(squares: Tensor) -> Tensor:
    """√ whose slope at 0 is 0."""
    positive = squares > 0
    return torch.where(positive, squares, 1).sqrt() * positive


def _check_limit(limit: float) -> None:
    if not limit > 0:
        raise ValueError(f"gradients are clipped to a limit above 0, got {limit:g}")
