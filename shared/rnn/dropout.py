"""Noise in what a recurrent network carries, so that it learns not to lean on any single unit.

Dropout drawn anew at every step would wear away what is to be remembered. One mask for a whole sequence does not
(`VariationalDropout`), nor does leaving units as they were (`Zoneout`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from shared.rnn.cell import Advance, Cell, MakeProduct, Product, plain_product
from shared.rnn.core import Core, State, leaves, loop, map_state, unroll, zip_states
from shared.rnn.deferred import DeferredLinear
from shared.rnn.wrapper import Wrapper, require_h


class VariationalState(NamedTuple):
    """A core's state, and what its sequence keeps: the masks go with the state through chunks, beams and batches."""

    core: State
    inputs: Bool[Tensor, "B D"]
    recurrent: Bool[Tensor, "B O"]
    outputs: Bool[Tensor, "B O"]

    @property
    def h(self) -> Float[Tensor, "B O"]:
        """What the core shows, nothing dropped from it."""
        return self.core.h


class VariationalDropout(nn.Module, Core):
    """Dropout with one mask a sequence, the same at every step (Gal & Ghahramani 2016).

        x ⊙ m_x / (1 - p_x)      U (h₋ ⊙ m_h / (1 - p_h))      y ⊙ m_y / (1 - p_y)

    In training `initial_state` draws the masks, and they stay with the sequence for as long as its state is carried on. In
    evaluation nothing is dropped, whatever the state says; a state that was begun there has masks that keep everything.

    With masks on inputs and outputs alone, a sequence goes the core's fastest way.

    Args:
        core: what is wrapped.
        inputs: probability p_x with which a feature of x is dropped.
        recurrent: p_h, that of a unit of h₋ where the cell multiplies it by U, and only there; for a `Cell`.
        outputs: p_y, that of a feature of y.

    Raises:
        ValueError: for a probability outside [0, 1), or one for `recurrent` with a core that is no `Cell`.
    """

    def __init__(self, core: Core, inputs: float = 0.0, recurrent: float = 0.0, outputs: float = 0.0) -> None:
        super().__init__()
        for probability in (inputs, recurrent, outputs):
            _check_probability("dropout", probability)
        if recurrent and not isinstance(core, Cell):
            raise ValueError(f"recurrent dropout needs a Cell, whose products it enters, got a {type(core).__name__}")
        self.core = core
        self.input_size, self.output_size = core.input_size, core.output_size
        self.inputs, self.recurrent, self.outputs = inputs, recurrent, outputs

    def initial_state(self, batch: int) -> VariationalState:
        state = self.core.initial_state(batch)
        device = leaves(state)[0].device

        def draw(size: int, probability: float) -> Bool[Tensor, "B size"]:
            if self.training and probability:
                return torch.rand(batch, size, device=device) >= probability
            return torch.ones(batch, size, device=device, dtype=torch.bool)

        of_output = draw(self.output_size, self.recurrent), draw(self.output_size, self.outputs)
        return VariationalState(state, draw(self.input_size, self.inputs), *of_output)

    def forward(
        self, x: Float[Tensor, "B D"], state: VariationalState
    ) -> tuple[Float[Tensor, "B O"], VariationalState]:
        x = self._drop(x, state.inputs, self.inputs)
        if cell := self._thinned:
            y, after = self._advance(cell, plain_product, state.recurrent)(cell.project(x), state.core)
        else:
            y, after = self.core(x, state.core)
        return self._drop(y, state.outputs, self.outputs), state._replace(core=after)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: VariationalState, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], VariationalState]:
        xs = self._drop(xs, state.inputs[:, None], self.inputs)
        if cell := self._thinned:
            step = self._advance(cell, DeferredLinear, state.recurrent)
            ys, after = loop(step, cell.project(xs.transpose(0, 1)).unbind(0), state.core, lengths)
        else:
            ys, after = unroll(self.core, xs, state.core, lengths)
        return self._drop(ys, state.outputs[:, None], self.outputs), state._replace(core=after)

    def looping(self, product: MakeProduct, state: VariationalState) -> Advance:
        """The step of a `Cell` from W x + b, for the steps of one loop that begins at this state, whose masks it keeps.

        Masks on inputs are not for it: they belong before W.
        """
        assert isinstance(self.core, Cell)
        assert not self.inputs
        cell = self._thinned
        advance = self._advance(cell, product, state.recurrent) if cell else self.core.looping(product)

        def step(projected: Tensor, before: VariationalState) -> tuple[Tensor, VariationalState]:
            y, after = advance(projected, before.core)
            return self._drop(y, before.outputs, self.outputs), before._replace(core=after)

        return step

    @property
    def _thinned(self) -> Cell | None:
        """The cell, if anything is dropped inside its step."""
        return self.core if self.training and self.recurrent and isinstance(self.core, Cell) else None

    def _advance(self, cell: Cell, product: MakeProduct, keep: Bool[Tensor, "B H"]) -> Advance:
        """The cell's step, every product of which reads what is left of h₋."""

        def thin(weight: Tensor, bias: Tensor | None) -> Product:
            multiply = product(weight, bias)
            # A cell may read h of several steps side by side.
            kept = keep.repeat(1, weight.shape[1] // self.output_size)
            return lambda h: multiply(self._drop(h, kept, self.recurrent))

        return cell.looping(thin)

    def _drop(self, x: Tensor, keep: Tensor, probability: float) -> Tensor:
        return x * keep / (1 - probability) if self.training and probability else x


class Zoneout(Wrapper):
    """Every unit keeps its old value now and then (Krueger et al. 2017).

        s = d ⊙ s₋ + (1 - d) ⊙ core(x, s₋)      d = 1 with probability z, else 0

    for each part s of the state by itself (h and c of an LSTM). In evaluation d is its expectation, z. The output is h.

    Args:
        core: what is wrapped; its state has its output as the field h.
        probability: z, one for all parts, or one for each in the shape of the state: `LSTMState(h=0.05, c=0.5)`.

    Raises:
        ValueError: for a probability outside [0, 1), probabilities in another shape than the state, or a core without h.
    """

    def __init__(self, core: Core, probability: float | State) -> None:
        super().__init__(core)
        require_h(core, "zoneout")
        state = core.initial_state(1)
        given: Any = probability
        self.probability = given if isinstance(given, tuple) else map_state(lambda _: given, state)
        if not _same_shape(state, self.probability):
            raise ValueError(f"zoneout takes one number or a {type(state).__name__} of numbers, got {probability}")
        for number in leaves(self.probability):
            _check_probability("zoneout", number)

    def around(self, advance: Advance, x: Tensor, state: State) -> tuple[Tensor, State]:
        after = zip_states(self._mix, state, advance(x, state)[1], self.probability)
        return after.h, after

    def _mix(self, old: Tensor, new: Tensor, probability: float) -> Tensor:
        if not probability or not new.is_floating_point():
            return new
        if not self.training:
            return torch.lerp(new, old, probability)
        return torch.where(torch.rand_like(new) < probability, old, new)


def _same_shape(state: State, numbers: Any) -> bool:
    if isinstance(state, Tensor):
        return isinstance(numbers, int | float)
    return isinstance(numbers, tuple) and len(numbers) == len(state) and all(map(_same_shape, state, numbers))


def _check_probability(what: str, probability: float) -> None:
    if not 0 <= probability < 1:
        raise ValueError(f"{what} needs a probability from 0 to below 1, got {probability:g}")
