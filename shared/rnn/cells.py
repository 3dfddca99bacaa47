"""Recurrent cells. Each is a `Core` whose step stands beside its equations; σ is the logistic function, ⊙ elementwise."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from shared.rnn.core import Core, where_rows


class LSTMState(NamedTuple):
    """h is what the world sees, c what the cell remembers."""

    h: Float[Tensor, "B H"]
    c: Float[Tensor, "B H"]


class LSTM(nn.Module, Core):
    """Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).

        i, f, o = σ(W x + U h₋ + b)     z = tanh(W x + U h₋ + b)
        c = f ⊙ c₋ + i ⊙ z              h = o ⊙ tanh(c)

    A whole sequence runs through `nn.LSTM` with the very same weights, a single step through the equations above. Those who
    loop with feedback from outside the cell hoist the half that has none: `project` all inputs in one product, then `advance`.

    Args:
        input_size: features of x.
        hidden_size: units H.
        forget_bias: what the forget gate's bias starts at; 1 lets a fresh cell remember (Jozefowicz et al. 2015).

    Raises:
        ValueError: for a size below 1.
    """

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        super().__init__()
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"an LSTM needs sizes of at least 1, got input {input_size} and hidden {hidden_size}")
        self.input_size = input_size
        self.hidden_size = self.output_size = hidden_size
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        with torch.no_grad():
            # nn.LSTM has two biases that only ever act as their sum; the recurrent one stays out of the way.
            nn.init.zeros_(cast(Tensor, self.lstm.bias_hh_l0))
            cast(Tensor, self.lstm.bias_ih_l0)[hidden_size : 2 * hidden_size] = forget_bias

    @property
    def input_weight(self) -> Float[Tensor, "4*H D"]:
        """W, the rows of the gates in the order i, f, z, o."""
        return cast(Tensor, self.lstm.weight_ih_l0)

    @property
    def recurrent_weight(self) -> Float[Tensor, "4*H H"]:
        """U."""
        return cast(Tensor, self.lstm.weight_hh_l0)

    @property
    def bias(self) -> Float[Tensor, " 4*H"]:
        """b."""
        return cast(Tensor, self.lstm.bias_ih_l0) + cast(Tensor, self.lstm.bias_hh_l0)

    def initial_state(self, batch: int) -> LSTMState:
        zeros = self.recurrent_weight.new_zeros(batch, self.hidden_size)
        return LSTMState(zeros, zeros)

    def forward(self, x: Float[Tensor, "B D"], state: LSTMState) -> tuple[Float[Tensor, "B H"], LSTMState]:
        return self.advance(self.project(x), state)

    def project(self, xs: Float[Tensor, "... D"]) -> Float[Tensor, "... 4*H"]:
        """W x + b: the share of the gates that does not depend on the step before, for any number of steps at once."""
        return F.linear(xs, self.input_weight, self.bias)

    def advance(self, projected: Float[Tensor, "B 4*H"], state: LSTMState) -> tuple[Float[Tensor, "B H"], LSTMState]:
        """One step from W x + b, as `project` gives it."""
        state = self.remember(projected + F.linear(state.h, self.recurrent_weight), state.c)
        return state.h, state

    @staticmethod
    def remember(gates: Float[Tensor, "B 4*H"], c: Float[Tensor, "B H"]) -> LSTMState:
        """The cell's equations from gates that are complete: W x + U h₋ + b, in the order i, f, z, o."""
        i, f, z, o = gates.to(c.dtype).chunk(4, -1)  # autocast may halve the gates; the cell state never
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(z)
        return LSTMState(torch.sigmoid(o) * torch.tanh(c), c)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: LSTMState, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T H"], LSTMState]:
        before = (state.h[None], state.c[None])
        if lengths is None:
            ys, (h, c) = self.lstm(xs, before)
            return ys, LSTMState(h[0], c[0])
        # Packing alone knows each sequence's state at its own end. It refuses empty sequences: those run one step, unseen.
        packed = pack_padded_sequence(xs, lengths.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False)
        ys, (h, c) = self.lstm(packed, before)
        ys, _ = pad_packed_sequence(ys, batch_first=True, total_length=xs.shape[1])
        seen = lengths > 0
        return where_rows(seen, ys, torch.zeros_like(ys)), where_rows(seen, LSTMState(h[0], c[0]), state)
