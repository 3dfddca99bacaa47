"""A CUDA path for cells that loop: the kernels of a whole sequence, forward and backward, launched as one graph.

A looped cell on a GPU is a few small kernels a step, each over before the CPU has launched the next. A CUDA graph records the
launches of all steps once, and replays them without the CPU. It knows one shape only, so shapes that come rarely run plainly.
"""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from shared.rnn.core import Core, State, leaves, map_state

Shape = tuple[int, int, torch.dtype]


class Graphed(nn.Module, Core):
    """A core whose whole sequences run as CUDA graphs where they can, and plainly where not: on a CPU, step by step, under
    padding, under autocast, in evaluation, and for a shape not seen `after` times.

    Each graph is compared with the plain loop, outputs and gradients, before it is used; one that differs is never used, and a
    warning tells of it.

    Args:
        core: what runs; its weights stay its own.
        after: how often a shape must have come before it is worth a graph.
        tolerance: largest difference from the plain loop, relative to the largest value.
    """

    def __init__(self, core: Core, after: int = 2, tolerance: float = 1e-3) -> None:
        super().__init__()
        assert isinstance(core, nn.Module)
        self.core = core
        self.input_size, self.output_size = core.input_size, core.output_size
        self.after, self.tolerance = after, tolerance
        self.weights = len(list(core.parameters()))
        self.seen: Counter[Shape] = Counter()
        self.graphs: dict[Shape, Any] = {}

    def initial_state(self, batch: int) -> State:
        return self.core.initial_state(batch)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        return self.core(x, state)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: State, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], State]:
        graph = self._graph(xs, state) if self._may_graph(xs, lengths) else None
        if graph is None:
            return self.core.unroll(xs, state, lengths)
        ys, *after = graph(xs, *leaves(state))
        return ys, _fill(state, after)

    def _may_graph(self, xs: Tensor, lengths: Tensor | None) -> bool:
        learns = self.training and torch.is_grad_enabled()
        # Under weight noise other tensors stand in for the parameters: a graph would never see them.
        own = len(list(self.core.parameters())) == self.weights
        return learns and own and xs.is_cuda and lengths is None and not torch.is_autocast_enabled("cuda")

    def _graph(self, xs: Tensor, state: State) -> Any:
        """The graph for this shape, if it is worth one and right."""
        shape = (*xs.shape[:2], xs.dtype)
        self.seen[shape] += 1
        if shape not in self.graphs and self.seen[shape] > self.after:
            self.graphs[shape] = self._capture(xs, state)
        return self.graphs.get(shape)

    def _capture(self, xs: Tensor, state: State) -> Any:
        sequence = SequenceOfTensors(self.core, state).train()
        inputs = tuple(part.detach().clone().requires_grad_() for part in (xs, *leaves(state)))
        graph = torch.cuda.make_graphed_callables(sequence, inputs, allow_unused_input=True)
        difference = max(
            _difference(one, other)
            for one, other in zip(
                _gradients(graph, inputs), _gradients(SequenceOfTensors(self.core, state), inputs), strict=True
            )
        )
        if difference <= self.tolerance:
            return graph
        warnings.warn(
            f"a CUDA graph of {type(self.core).__name__} was {difference:.1e} off; it runs plainly", stacklevel=2
        )
        return None


class SequenceOfTensors(nn.Module):
    """A core's unroll from tensors to tensors, as graphs want it."""

    def __init__(self, core: Core, like: State) -> None:
        super().__init__()
        self.core, self.like = core, map_state(Tensor.detach, like)

    def forward(self, xs: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
        ys, state = self.core.unroll(xs, _fill(self.like, list(parts)))
        return (ys, *leaves(state))


def _gradients(function: Any, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    """The outputs, and the gradients of their squares."""
    outputs = function(*inputs)
    loss = torch.stack([output.square().sum() for output in outputs]).sum()
    gradients = torch.autograd.grad(loss, inputs, allow_unused=True)
    return [tensor.detach().clone() for tensor in (*outputs, *gradients) if tensor is not None]


def _difference(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / other.abs().max().clamp(min=1e-6))


def _fill(like: State, tensors: list[Tensor]) -> State:
    """A state of the same structure, made of these tensors."""
    rest = iter(tensors)
    return map_state(lambda _: next(rest), like)
