"""Cores round a core: the same step, with something done to the state before or after it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial

from jaxtyping import Float, Int
from torch import Tensor, nn

from shared.rnn.cell import Advance, Cell
from shared.rnn.core import Core, State, loop


class Wrapper(nn.Module, Core):
    """A core that takes the step of another, with the same inputs, outputs and states.

    A subclass says what it does in `around`. Whole sequences go through the plain loop, for between any two steps there is
    something to do; what a `Cell` inside can compute before the loop, it does.
    """

    def __init__(self, core: Core) -> None:
        super().__init__()
        self.core = core
        self.input_size, self.output_size = core.input_size, core.output_size

    @abstractmethod
    def around(self, advance: Advance, x: Tensor, state: State) -> tuple[Tensor, State]:
        """One step, of which `advance(x, state)` is the inner core's."""

    def initial_state(self, batch: int) -> State:
        return self.core.initial_state(batch)

    def forward(self, x: Float[Tensor, "B D"], state: State) -> tuple[Float[Tensor, "B O"], State]:
        return self.around(self.core, x, state)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: State, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], State]:
        advance, inputs = _steps(self, xs)
        return loop(advance, tuple(inputs), state, lengths)


def _steps(core: Core, xs: Float[Tensor, "B T D"]) -> tuple[Advance, Sequence[Tensor]]:
    """A core's step within one loop, and what it reads at each of them."""
    if isinstance(core, Wrapper):
        advance, inputs = _steps(core.core, xs)
        return partial(core.around, advance), inputs
    if isinstance(core, Cell):
        return core.looping(), core.project(xs.transpose(0, 1)).unbind(0)
    return core, xs.unbind(1)


def require_h(core: Core, who: str) -> None:
    """Refuses a core that does not show its output in its state, on behalf of `who`, which works there.

    Raises:
        ValueError: if the state has no field `h` as wide as the output.
    """
    state = core.initial_state(1)
    if "h" not in getattr(state, "_fields", ()) or state.h.shape[-1] != core.output_size:
        raise ValueError(
            f"{who} needs a core whose output is the field h of its state, got a {type(core).__name__}; "
            "in a stack it goes round each layer"
        )
