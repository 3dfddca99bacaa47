"""Cores in a loop of their own: part of what they read is known beforehand, part comes out of the loop itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from shared.rnn.cell import Advance, Cell, MakeProduct, plain_product
from shared.rnn.core import Core, State
from shared.rnn.deferred import DeferredLinear
from shared.rnn.dropout import VariationalDropout
from shared.rnn.gradients import ClippedGradients

FeedbackStep = Callable[[Tensor, Tensor, State], tuple[Tensor, State]]
"""(what `project` gave for x_t, r_t, state) -> (y_t, state)"""


class Feedback:
    """A core whose input is [x_t, r_t], where all x are known and r_t is what the loop has just read: a window on a text,
    a context of a photo.

        W [x, r] + b = (W_x x + b) + W_r r

    Of that, `project` computes the bracket for any number of steps at once. A core that cannot be taken apart so gets its
    whole input at every step; the result is the same.

    A cell wrapped in `VariationalDropout` (whose inputs are whole) or `ClippedGradients` is taken apart too.

    Args:
        core: what reads [x, r].
        early: features of x.
    """

    def __init__(self, core: Core, early: int) -> None:
        self.core, self.early = core, early
        self.cell = _cell_within(core)

    def project(self, xs: Float[Tensor, "... D"]) -> Float[Tensor, "... _"]:
        """What can be known of a step before the loop."""
        return xs if self.cell is None else F.linear(xs, self.cell.input_weight[:, : self.early], self.cell.bias)

    def step(self, projected: Tensor, read: Tensor, state: State) -> tuple[Tensor, State]:
        """One step."""
        if self.cell is None:
            return self.core(torch.cat([projected, read], -1), state)
        return self._advance(plain_product, state)(projected + F.linear(read, self._late_weight(self.cell)), state)

    def looping(self, state: State = None) -> FeedbackStep:
        """`step` for the steps of one loop: the same, and the weights' gradients are taken once (`DeferredLinear`).

        Args:
            state: the one before the loop, which `VariationalDropout` keeps its masks in; other cores need none.
        """
        if self.cell is None:
            return self.step
        return partial(_advance, DeferredLinear(self._late_weight(self.cell)), self._advance(DeferredLinear, state))

    def _advance(self, product: MakeProduct, state: State) -> Advance:
        if isinstance(self.core, VariationalDropout):
            return self.core.looping(product, state)
        assert isinstance(self.core, Cell | ClippedGradients)
        return self.core.looping(product)

    def _late_weight(self, cell: Cell) -> Float[Tensor, "G R"]:
        """W_r."""
        return cell.input_weight[:, self.early :]


def _cell_within(core: Core) -> Cell | None:
    """The cell that does the work, if part of its input may come late."""
    if isinstance(core, ClippedGradients):
        core = core.cell
    elif isinstance(core, VariationalDropout) and not core.inputs:
        core = core.core
    return core if isinstance(core, Cell) and core.hoists_any_input else None


def _advance(
    late: DeferredLinear,
    advance: Advance,
    projected: Tensor,
    read: Tensor,
    state: State,
) -> tuple[Tensor, State]:
    return advance(projected + late(read), state)
