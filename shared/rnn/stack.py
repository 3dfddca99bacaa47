"""Deep recurrence: cores on top of each other, with the skip connections of Graves 2013."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from shared.rnn.core import Core, State, unroll


class Stack(nn.Module, Core):
    """Layers in which each reads the outputs of the one below.

    With `skips`, every layer also reads the stack's own input, and the output is that of all layers side by side
    (Graves 2013, fig. 1: the input reaches every layer, and every layer reaches the output).

        h¹ = layer₁(x)      hⁿ = layerₙ([x, hⁿ⁻¹])      y = [h¹ … hᴺ]

    A whole sequence goes through the layers one after the other, so each may use its own fastest path.

    Args:
        input_size: features of x.
        layers: a constructor for each layer, called with the number of features that layer reads.
        skips: whether the skip connections are there.

    Raises:
        ValueError: for no layers at all.
    """

    def __init__(self, input_size: int, layers: Sequence[Callable[[int], Core]], skips: bool = True) -> None:
        super().__init__()
        if not layers:
            raise ValueError("a stack needs at least one layer")
        self.input_size, self.skips = input_size, skips
        cores: list[Core] = []
        for build in layers:
            below = cores[-1].output_size if cores else 0
            cores.append(build(input_size if not cores else below + input_size * skips))
        self.layers = nn.ModuleList(cores)  # type: ignore[arg-type]
        self.output_size = sum(core.output_size for core in cores) if skips else cores[-1].output_size

    def initial_state(self, batch: int) -> tuple[State, ...]:
        return tuple(layer.initial_state(batch) for layer in self.cores)

    @property
    def cores(self) -> list[Core]:
        return list(self.layers)  # type: ignore[arg-type]

    def forward(self, x: Float[Tensor, "B D"], state: tuple[State, ...]) -> tuple[Float[Tensor, "B O"], State]:
        return self._climb(x, state, lambda core, inputs, before: core(inputs, before))

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: tuple[State, ...], lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], State]:
        return self._climb(xs, state, lambda core, inputs, before: unroll(core, inputs, before, lengths))

    def _climb(
        self, x: Tensor, state: tuple[State, ...], run: Callable[[Core, Tensor, State], tuple[Tensor, State]]
    ) -> tuple[Tensor, State]:
        """The wiring, which is the same for one step and for a whole sequence."""
        outputs: list[Tensor] = []
        after = []
        for core, before in zip(self.cores, state, strict=True):
            read = x if not outputs else torch.cat([x, outputs[-1]], -1) if self.skips else outputs[-1]
            y, layer_state = run(core, read, before)
            outputs.append(y)
            after.append(layer_state)
        return (torch.cat(outputs, -1) if self.skips else outputs[-1]), tuple(after)
