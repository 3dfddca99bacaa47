"""Gated recurrent units, of both kinds: the reset gate may act before the product with U, or after it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from shared.rnn.cell import Cell, Hidden, LibraryCell, Product


class GRU(LibraryCell):
    """The gated recurrent unit as cuDNN has it: the reset gate acts on the product. Blocks lie in the order r, u, h̃.

    r, u = σ(W x + U h₋ + b)      h̃ = tanh(W x + b + r ⊙ (U h₋ + b'))
    h = u ⊙ h₋ + (1 - u) ⊙ h̃
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, blocks=3, owned=False)
        self.gru = nn.GRU(input_size, hidden_size, batch_first=True)
        nn.init.zeros_(self._weight("bias_hh_l0"))

    @property
    def library(self) -> nn.GRU:
        return self.gru

    @property
    def bias(self) -> Tensor:  # type: ignore[override]
        return self._weight("bias_ih_l0")

    def recurrences(self) -> tuple[tuple[Tensor, Tensor | None], ...]:
        return ((self.recurrent_weight, self._weight("bias_hh_l0")),)

    def step(self, projected: Tensor, state: Hidden, recur: Product) -> Hidden:
        r, u, candidate = projected.chunk(3, -1)
        r_h, u_h, candidate_h = recur(state.h).chunk(3, -1)
        r, u = torch.sigmoid(r + r_h), torch.sigmoid(u + u_h)
        return Hidden(torch.lerp(torch.tanh(candidate + r * candidate_h), state.h, u))


class GRUResetBefore(Cell):
    """The gated recurrent unit as Cho et al. (2014) have it: the reset gate acts on the state before.

    r, u = σ(W x + U h₋ + b)      h̃ = tanh(W x + U (r ⊙ h₋) + b)
    h = u ⊙ h₋ + (1 - u) ⊙ h̃
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, blocks=3)

    def recurrences(self) -> tuple[tuple[Tensor, Tensor | None], ...]:
        gates, candidate = self.recurrent_weight.split([2 * self.hidden_size, self.hidden_size])
        return (gates, None), (candidate, None)

    def step(self, projected: Tensor, state: Hidden, gates: Product, candidate: Product) -> Hidden:
        to_gates, to_candidate = projected.split([2 * self.hidden_size, self.hidden_size], -1)
        r, u = torch.sigmoid(to_gates + gates(state.h)).chunk(2, -1)
        return Hidden(torch.lerp(torch.tanh(to_candidate + candidate(r * state.h)), state.h, u))
