"""What the cells of this house have in common: of a step, only one product has to wait for the step before.

    p_t = W x_t + b                 hoisted: all steps in one product
    r_t = U h_{t-1}                 one product a step, its weight's gradient one product after the loop
    s_t = step(p_t, r_t, s_{t-1})   elementwise: what makes one cell differ from another

So a cell is written as its `step` alone, beside its equations, and is fast without a word about speed. One that only looks at
p_t + r_t (`Summing`) is written as what it makes of that sum.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from shared.rnn.core import Core, State, loop, where_rows
from shared.rnn.deferred import DeferredLinear

Product = Callable[[Tensor], Tensor]
"""U ·"""
MakeProduct = Callable[[Tensor, Tensor | None], Product]
"""(weight, bias) -> product"""
Advance = Callable[[Tensor, State], tuple[Tensor, State]]
"""One step from what is hoisted: (W x + b, state) -> (h, state)"""


def plain_product(weight: Tensor, bias: Tensor | None) -> Product:
    """`F.linear` with this weight and bias."""
    return partial(F.linear, weight=weight, bias=bias)


class Hidden(NamedTuple):
    """The state of a cell that carries nothing but its output."""

    h: Float[Tensor, "B H"]


class Cell(nn.Module, Core):
    """A recurrent cell with output h, whose feedback goes through `recurrences` alone.

    Those who loop with feedback of their own (attention, a window) hoist what has none with `project`, add what the
    feedback says, and go on with what `looping` gives.

    Args:
        input_size: features of x.
        hidden_size: units H.
        blocks: the rows of W and U are so many blocks of H (gates and candidates).
        owned: whether W, U and b are made here, as parameters; a cell on torch's own layer has them already.

    Raises:
        ValueError: for a size below 1.
    """

    input_weight: Float[Tensor, "G D"]
    """W: G rows, H for each block"""
    recurrent_weight: Float[Tensor, "G H"]
    """U"""
    bias: Float[Tensor, " G"]
    """b"""
    step: Callable[..., State]
    """step(p, state, *products) -> state: the cell's equations, with a product for each of `recurrences`"""
    hoists_any_input = True
    """whether W x is a plain sum over the features of x, so that some may come later than others"""

    def __init__(self, input_size: int, hidden_size: int, blocks: int, owned: bool = True) -> None:
        super().__init__()
        if input_size < 1 or hidden_size < 1:
            name = type(self).__name__
            raise ValueError(f"{name} needs sizes of at least 1, got input {input_size} and hidden {hidden_size}")
        self.input_size = input_size
        self.hidden_size = self.output_size = hidden_size
        self.blocks = blocks
        if owned:
            self.input_weight = nn.Parameter(self.fresh(blocks * hidden_size, input_size))
            self.recurrent_weight = nn.Parameter(self.fresh(blocks * hidden_size, hidden_size))
            self.bias = nn.Parameter(torch.zeros(blocks * hidden_size))

    def fresh(self, *shape: int) -> Tensor:
        """A new weight, drawn as torch's own layers draw theirs: uniform within ±1/√H."""
        return torch.empty(*shape).uniform_(-(self.hidden_size**-0.5), self.hidden_size**-0.5)

    def initial_state(self, batch: int) -> State:
        return Hidden(self.recurrent_weight.new_zeros(batch, self.hidden_size))

    def recurrences(self) -> tuple[tuple[Tensor, Tensor | None], ...]:
        """Weight and bias of each product with the past."""
        return ((self.recurrent_weight, None),)

    def project(self, xs: Float[Tensor, "... D"]) -> Float[Tensor, "... G"]:
        """W x + b, for any number of steps at once."""
        return F.linear(xs, self.input_weight, self.bias)

    def advance(self, projected: Float[Tensor, "B G"], state: State) -> tuple[Float[Tensor, "B H"], State]:
        """One step from W x + b, as `project` gives it."""
        return self.looping(plain_product)(projected, state)

    def forward(self, x: Float[Tensor, "B D"], state: State) -> tuple[Float[Tensor, "B H"], State]:
        return self.advance(self.project(x), state)

    def looping(self, product: MakeProduct = DeferredLinear) -> Advance:
        """`advance` for the steps of one loop: the same, and its weights' gradients are taken once (`DeferredLinear`).

        Args:
            product: what makes each product with the past out of its weight and bias, for those who have to do with what goes
                into it or comes out.
        """
        return partial(self._advance, products=[product(u, b) for u, b in self.recurrences()])

    def _advance(self, projected: Tensor, state: State, products: Sequence[Product]) -> tuple[Tensor, State]:
        # Autocast halves what is multiplied. Sums with a full-precision share are full; so the state never halves.
        state = self.step(projected.to(state.h.dtype), state, *products)
        return state.h, state

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: State, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T H"], State]:
        # Time first, so that each step's share lies in one piece.
        return loop(self.looping(), self.project(xs.transpose(0, 1)).unbind(0), state, lengths)


class Summing(Cell):
    """A cell that looks at W x and U h₋ by their sum alone, so that both can be one product where nothing is to be hoisted
    (`fused`)."""

    def step(self, projected: Tensor, state: State, recur: Product) -> State:
        return self.settle(projected + recur(state.h), state)

    @abstractmethod
    def settle(self, sums: Float[Tensor, "B G"], state: State) -> State:
        """The state after the step: the cell's equations, from s = W x + U h₋ + b on."""


class LibraryCell(Cell):
    """A cell whose whole sequences run through torch's own layer, with the very same weights."""

    @property
    @abstractmethod
    def library(self) -> nn.RNNBase:
        """The layer: one level deep, batch first."""

    @property
    def input_weight(self) -> Float[Tensor, "G D"]:  # type: ignore[override]
        return self._weight("weight_ih_l0")

    @property
    def recurrent_weight(self) -> Float[Tensor, "G H"]:  # type: ignore[override]
        return self._weight("weight_hh_l0")

    @property
    def bias(self) -> Float[Tensor, " G"]:  # type: ignore[override]
        # torch's layers have two biases. Where both act as their sum, the recurrent one starts at zero, out of the way.
        return self._weight("bias_ih_l0") + self._weight("bias_hh_l0")

    def _weight(self, name: str) -> Any:
        return getattr(self.library, name)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: State, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T H"], State]:
        before = tuple(part[None] for part in state)
        carried = before if len(before) > 1 else before[0]
        if lengths is None:
            ys, after = self.library(xs, carried)
            return ys, self._state(state, after)
        # Packing alone knows each sequence's state at its own end. It refuses empty sequences: those run one step, unseen.
        packed = pack_padded_sequence(xs, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False)
        packed_ys, after = self.library(packed, carried)
        ys, _ = pad_packed_sequence(packed_ys, batch_first=True, total_length=xs.shape[1])
        seen = lengths > 0
        return where_rows(seen, ys, torch.zeros_like(ys)), where_rows(seen, self._state(state, after), state)

    @staticmethod
    def _state(like: State, after: Tensor | tuple[Tensor, ...]) -> State:
        parts = after if isinstance(after, tuple) else (after,)
        return type(like)(*(part[0] for part in parts))
