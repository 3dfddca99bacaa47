"""The one abstraction of the recurrent half of this house: a `Core` takes one step.

    y_t, state = core(x_t, state)

Training, beam search, sampling and priming are all made of that step. What unrolls it over a sequence stands outside the
cell (`unroll`), so a cell is as short as its equations. A state is a NamedTuple of tensors whose first dimension is the
batch; a state of states is a tuple of them.

A core that reads something which does not change from step to step (the grid of a photo, the characters of a text) is made
by binding: `decoder.look(grid)` and `window.read(text)` return a Core that holds the context and all that can be computed
from it once. So the context is no part of the state, and a beam never copies it.

Letters: B batch, T time, D input features, O output features, H hidden units.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

State = Any  # a Tensor, or a (named) tuple of States


class Core(ABC):
    """One step of a recurrence. `nn.Module`s and bound cores (plain objects) both inherit from it."""

    input_size: int
    output_size: int

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """The state before the first step, for `batch` sequences, on the core's own device."""

    @abstractmethod
    def forward(self, x: Float[Tensor, "B D"], state: State) -> tuple[Float[Tensor, "B O"], State]:
        """One step: the output at t and the state after it."""

    def __call__(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        return self.forward(x, state)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: State, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], State]:
        """All steps of a sequence. This is the plain loop; a core that knows a faster way to the same result overrides it."""
        # unbind, not xs[:, t]: the backward pass of an index writes a zero tensor as large as all of xs, at every step.
        return loop(self, xs.unbind(1), state, lengths)


def unroll(
    core: Core,
    xs: Float[Tensor, "B T D"],
    state: State | None = None,
    lengths: Int[Tensor, " B"] | None = None,
) -> tuple[Float[Tensor, "B T O"], State]:
    """Runs `core` over whole sequences, from `state` or from its initial state.

    With `lengths`, outputs past a sequence's end are zero and the state returned is the one each sequence had at its own end,
    so that a sequence gives the same result alone and padded in a batch. A sequence of length 0 keeps the state it came with.

    Raises:
        ValueError: for a sequence whose features are not the core's, or lengths that do not fit the batch.
    """
    batch, steps, features = xs.shape
    if features != core.input_size:
        raise ValueError(f"the sequence has {features} features a step, the core takes {core.input_size}")
    if lengths is not None and (lengths.shape != (batch,) or int(lengths.min()) < 0 or int(lengths.max()) > steps):
        raise ValueError(f"lengths must be {batch} numbers between 0 and {steps}, got {lengths.tolist()}")
    return core.unroll(xs, core.initial_state(batch) if state is None else state, lengths)


def loop(
    step: Callable[[Tensor, State], tuple[Tensor, State]],
    inputs: tuple[Tensor, ...],
    state: State,
    lengths: Int[Tensor, " B"] | None = None,
) -> tuple[Float[Tensor, "B T O"], State]:
    """Applies `step` to each input in turn; past a sequence's end its state stands still and its output is zero."""
    outputs = []
    for t, x in enumerate(inputs):
        y, after = step(x, state)
        if lengths is not None:
            alive = t < lengths
            y, after = where_rows(alive, y, torch.zeros_like(y)), where_rows(alive, after, state)
        outputs.append(y)
        state = after
    return torch.stack(outputs, 1), state


def map_state(function: Callable[[Tensor], Tensor], state: State) -> State:
    """The same structure with `function` applied to every tensor: detach, move, repeat, …"""
    return zip_states(function, state)


def leaves(state: State) -> list[Any]:
    """Every tensor of a state (or number of a state of numbers), in order."""
    return [state] if not isinstance(state, tuple) else [leaf for part in state for leaf in leaves(part)]


def select_rows(state: State, rows: Int[Tensor, " R"]) -> State:
    """The state of the given batch rows, in that order: how a beam keeps its survivors."""
    return map_state(lambda tensor: tensor.index_select(0, rows), state)


def where_rows(condition: Bool[Tensor, " B"], yes: State, no: State) -> State:
    """Row by row, `yes` where the condition holds and `no` elsewhere."""

    def choose(a: Tensor, b: Tensor) -> Tensor:
        return torch.where(condition.view(-1, *[1] * (a.dim() - 1)), a, b)

    return zip_states(choose, yes, no)


def zip_states(function: Callable[..., Tensor], *states: State) -> State:
    """Combines states of the same structure, tensor by tensor."""
    first = states[0]
    if isinstance(first, Tensor):
        return function(*states)
    parts = [zip_states(function, *columns) for columns in zip(*states, strict=True)]
    return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
