"""Cells for single steps: where each step waits for what came of the one before, and nothing is learnt (writing by hand).

A whole sequence is best hoisted (`cell`): most of its products do not wait. A single step can hoist nothing, and on a CPU what it
costs is calling: every product and every sum is over before the next one is asked for. So there are few of them.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from shared.rnn.cell import Summing
from shared.rnn.core import Core, State


class Fused(Core):
    """A cell with all that it multiplies in one product:

        W x + U h₋ + b = [W U] [x; h₋] + b

    It steps as the cell does, up to rounding, with the weights that the cell has when this is made, and without gradients.

    Args:
        cell: what steps.
    """

    def __init__(self, cell: Summing) -> None:
        self.cell = cell
        self.input_size, self.output_size = cell.input_size, cell.output_size
        self.weight = torch.cat([cell.input_weight, cell.recurrent_weight], 1).detach()
        self.bias = cell.bias.detach()

    def initial_state(self, batch: int) -> State:
        return self.cell.initial_state(batch)

    def forward(self, x: Float[Tensor, "B D"], state: State) -> tuple[Float[Tensor, "B H"], State]:
        sums = F.linear(torch.cat([x, state.h], -1), self.weight, self.bias)
        state = self.cell.settle(sums, state)
        return state.h, state


def fused(core: Core) -> Core:
    """The core for single steps without gradients: `Fused` if it can be, or else itself."""
    return Fused(core) if isinstance(core, Summing) else core
