"""What is done to the layers of a network while it learns, and never after."""

from __future__ import annotations

from typing import NamedTuple, cast

from shared.rnn import Cell, ClippedGradients, Core, VariationalDropout


class Practice(NamedTuple):
    """What wraps each layer (`Network.read`)."""

    recurrent_dropout: float = 0.0
    """probability for a unit of h to be hidden from its own layer for a whole line"""
    output_dropout: float = 0.0
    """probability for a unit of h to be hidden from everything else for a whole line"""
    sum_limit: float = 0.0
    """largest gradient of a sum inside a cell, as the loss has it; 0 leaves it alone"""

    def __call__(self, core: Core) -> Core:
        """The layer as it practises.

        Raises:
            ValueError: for recurrent dropout or a limit with a core that is no `Cell`.
        """
        if self.sum_limit:
            core = ClippedGradients(cast(Cell, core), self.sum_limit)
        if self.recurrent_dropout or self.output_dropout:
            core = VariationalDropout(core, recurrent=self.recurrent_dropout, outputs=self.output_dropout)
        return core
