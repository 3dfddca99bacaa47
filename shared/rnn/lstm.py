"""Long short-term memory: plain, with peepholes, and with layer normalisation. Gates lie in the order i, f, z, o."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from shared.rnn.cell import Cell, LibraryCell, Product, Summing


class LSTMState(NamedTuple):
    """h is what the world sees, c what the cell remembers."""

    h: Float[Tensor, "B H"]
    c: Float[Tensor, "B H"]


class LSTM(Summing, LibraryCell):
    """Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

        i, f, o = σ(W x + U h₋ + b)     z = tanh(W x + U h₋ + b)
        c = f ⊙ c₋ + i ⊙ z              h = o ⊙ tanh(c)

    Args:
        input_size: features of x.
        hidden_size: units H.
        forget_bias: what the forget gate's bias starts at; 1 lets a fresh cell remember (Jozefowicz et al. 2015).
    """

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        super().__init__(input_size, hidden_size, blocks=4, owned=False)
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        with torch.no_grad():
            self._weight("bias_hh_l0").zero_()
            self._weight("bias_ih_l0")[hidden_size : 2 * hidden_size] = forget_bias

    @property
    def library(self) -> nn.LSTM:
        return self.lstm

    def initial_state(self, batch: int) -> LSTMState:
        return _nothing(self, batch)

    def settle(self, sums: Tensor, state: LSTMState) -> LSTMState:
        i, f, z, o = sums.chunk(4, -1)
        c = torch.sigmoid(f) * state.c + torch.sigmoid(i) * torch.tanh(z)
        return LSTMState(torch.sigmoid(o) * torch.tanh(c), c)


class PeepholeLSTM(Summing):
    """An LSTM whose gates see the cell they guard (Gers & Schmidhuber 2000; Graves 2013, eq. 7-11).

        i = σ(W_i x + U_i h₋ + p_i ⊙ c₋ + b_i)      f = σ(W_f x + U_f h₋ + p_f ⊙ c₋ + b_f)
        c = f ⊙ c₋ + i ⊙ tanh(W_z x + U_z h₋ + b_z)
        o = σ(W_o x + U_o h₋ + p_o ⊙ c + b_o)       h = o ⊙ tanh(c)

    Args: those of `LSTM`.
    """

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        super().__init__(input_size, hidden_size, blocks=4)
        # At zero it is an LSTM; what the gates make of the cell is left to training.
        self.peepholes = nn.Parameter(torch.zeros(3, hidden_size))
        _open_forget_gate(self, forget_bias)

    def initial_state(self, batch: int) -> LSTMState:
        return _nothing(self, batch)

    def settle(self, sums: Tensor, state: LSTMState) -> LSTMState:
        i, f, z, o = sums.chunk(4, -1)
        p_i, p_f, p_o = self.peepholes.unbind(0)
        i, f = torch.sigmoid(i + p_i * state.c), torch.sigmoid(f + p_f * state.c)
        c = f * state.c + i * torch.tanh(z)
        return LSTMState(torch.sigmoid(o + p_o * c) * torch.tanh(c), c)


class LayerNormLSTM(Cell):
    """An LSTM with normalised sums (Ba, Kiros & Hinton 2016, eq. 20-22), where LN takes off a row's mean and divides by
    its standard deviation.

        i, f, o, z̃ = LN(W x) + LN(U h₋) + b
        c = σ(f) ⊙ c₋ + σ(i) ⊙ tanh(z̃)      h = σ(o) ⊙ tanh(LN(c))

    The shifts of the first two LN are b.

    Args:
        input_size: features of x.
        hidden_size: units H.
        forget_bias: what the forget gate's bias starts at.
        affine: whether each LN scales its features, and the third shifts them, as training finds best.
    """

    hoists_any_input = False

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0, affine: bool = True) -> None:
        super().__init__(input_size, hidden_size, blocks=4)
        self.of_input = nn.LayerNorm(4 * hidden_size, elementwise_affine=affine, bias=False)
        self.of_hidden = nn.LayerNorm(4 * hidden_size, elementwise_affine=affine, bias=False)
        self.of_cell = nn.LayerNorm(hidden_size, elementwise_affine=affine)
        _open_forget_gate(self, forget_bias)

    def initial_state(self, batch: int) -> LSTMState:
        return _nothing(self, batch)

    def project(self, xs: Float[Tensor, "... D"]) -> Float[Tensor, "... 4*H"]:
        return self.of_input(F.linear(xs, self.input_weight)) + self.bias

    def step(self, projected: Tensor, state: LSTMState, recur: Product) -> LSTMState:
        i, f, z, o = (projected + self.of_hidden(recur(state.h))).chunk(4, -1)
        c = torch.sigmoid(f) * state.c + torch.sigmoid(i) * torch.tanh(z)
        return LSTMState(torch.sigmoid(o) * torch.tanh(self.of_cell(c)), c)


def _nothing(cell: Cell, batch: int) -> LSTMState:
    zeros = cell.recurrent_weight.new_zeros(batch, cell.hidden_size)
    return LSTMState(zeros, zeros)


def _open_forget_gate(cell: Cell, bias: float) -> None:
    with torch.no_grad():
        cell.bias[cell.hidden_size : 2 * cell.hidden_size] = bias
