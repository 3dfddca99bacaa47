"""Cells of one tanh and no gates, and three ways to help their gradients reach further back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from shared.rnn.cell import Cell, Hidden, LibraryCell, Product, Summing


class Elman(Summing, LibraryCell):
    """The simple recurrent network (Elman 1990).

        h = tanh(W x + U h₋ + b)

    Its gradient through T steps is a product of T Jacobians diag(1 - h²) U, which vanishes or explodes with T.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, blocks=1, owned=False)
        self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)
        nn.init.zeros_(self._weight("bias_hh_l0"))

    @property
    def library(self) -> nn.RNN:
        return self.rnn

    def settle(self, sums: Tensor, state: Hidden) -> Hidden:
        return Hidden(torch.tanh(sums))


class Residual(Summing):
    """Unity feedback: a step adds to what was there.

    h = h₋ + tanh(W x + U h₋ + b)      so      ∂h/∂h₋ = 1 + diag(1 - tanh²) U
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, blocks=1)

    def settle(self, sums: Tensor, state: Hidden) -> Hidden:
        return Hidden(state.h + torch.tanh(sums))


class Leaky(Summing):
    """Leaky integrators: every unit forgets at a pace of its own (Mozer 1992; Jaeger et al. 2007).

        h = (1 - 1/τ) h₋ + (1/τ) tanh(W x + U h₋ + b)

    Args:
        input_size: features of x.
        hidden_size: units H.
        time_constant: τ in steps, one for all units or one for each; 1 is `Elman`.
        learned: whether training moves τ; it then stays above 1, since 1/τ = σ(ρ).

    Raises:
        ValueError: for a τ below 1 (or at 1, if it is to be learned), or as many as there are not units.
    """

    rate: Float[Tensor, " H"]
    """1/τ, or ρ if it is learned"""

    def __init__(
        self, input_size: int, hidden_size: int, time_constant: float | Sequence[float] = 4.0, learned: bool = False
    ) -> None:
        super().__init__(input_size, hidden_size, blocks=1)
        constants = torch.as_tensor(time_constant, dtype=torch.get_default_dtype())
        if constants.dim() and constants.shape != (hidden_size,):
            raise ValueError(f"time_constant must be one number or one for each of {hidden_size} units")
        if not (constants > 1 if learned else constants >= 1).all():
            least = "above 1 to be learned" if learned else "at least 1"
            raise ValueError(f"time constants must be {least}, got {float(constants.min()):g}")
        rate = 1 / constants.expand(hidden_size).clone()
        self.learned = learned
        if learned:
            self.rate = nn.Parameter(torch.logit(rate))
        else:
            self.register_buffer("rate", rate)

    @property
    def time_constants(self) -> Float[Tensor, " H"]:
        """τ, in steps."""
        return 1 / self._share()

    def _share(self) -> Float[Tensor, " H"]:
        return torch.sigmoid(self.rate) if self.learned else self.rate

    def settle(self, sums: Tensor, state: Hidden) -> Hidden:
        return Hidden(torch.lerp(state.h, torch.tanh(sums), self._share()))


class Echoes(NamedTuple):
    """The state of a cell that reads further back than one step."""

    h: Float[Tensor, "B H"]
    earlier: tuple[Tensor, ...]
    """h of the steps before that one, latest first, as far back as the longest delay"""


class MultiTimescale(Cell):
    """Skip connections through time, at several time scales (Lin et al. 1996; El Hihi & Bengio 1996).

        h_t = tanh(W x_t + Σ_τ U_τ h_{t-τ} + b)

    Along the longest skip, a gradient reaches back T steps through T/τ Jacobians only.

    Args:
        input_size: features of x.
        hidden_size: units H.
        delays: every τ, in steps; (1,) is `Elman`, and without a 1 the direct connection is cut.

    Raises:
        ValueError: for no delays, one below 1, or one that is there twice.
    """

    def __init__(self, input_size: int, hidden_size: int, delays: Sequence[int] = (1, 4, 16)) -> None:
        super().__init__(input_size, hidden_size, blocks=1)
        if not delays or min(delays) < 1 or len(set(delays)) < len(delays):
            raise ValueError(f"delays must be different numbers of steps of at least 1, got {tuple(delays)}")
        self.delays = tuple(sorted(delays))
        # √n smaller, so that n times as many summands make a step no larger.
        width = len(delays) * hidden_size
        self.recurrent_weight = nn.Parameter(self.fresh(hidden_size, width) / math.sqrt(len(delays)))

    def initial_state(self, batch: int) -> Echoes:
        zeros = self.recurrent_weight.new_zeros(batch, self.hidden_size)
        return Echoes(zeros, (zeros,) * (self.delays[-1] - 1))

    def step(self, projected: Tensor, state: Echoes, recur: Product) -> Echoes:
        past = (state.h, *state.earlier)  # past[τ - 1] is h_{t-τ}
        h = torch.tanh(projected + recur(torch.cat([past[delay - 1] for delay in self.delays], -1)))
        return Echoes(h, past[:-1])
