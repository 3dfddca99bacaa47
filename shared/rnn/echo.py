"""Echo state networks (Jaeger 2001): a recurrence that is never trained, and a readout that is fitted in closed form.

Letters: B batch, T time, D input features, H units, O outputs.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shared.rnn.cell import Hidden
from shared.rnn.core import Core, loop
from shared.rnn.initial import scale_to_radius_


class EchoState(nn.Module, Core):
    """A reservoir of fixed random weights (Jaeger 2001, eq. 1; with leak, Lukoševičius 2012, eq. 2-3).

        h = (1 − a) h₋ + a tanh(W_in x + b + W h₋)

    The weights are buffers, not parameters. Each unit hears the same number of others, round(density·H) and at least one, so that
    W always has a cycle; W is then scaled until its spectral radius, measured by its eigenvalues, is the one asked for. Near 1
    the reservoir remembers longest; well above, its start may never fade and the readout has nothing to rely on.

    Args:
        input_size: features D of x.
        hidden_size: units H.
        spectral_radius: largest absolute eigenvalue of W.
        density: share of the units that each unit hears.
        leak: a; 1 keeps nothing of h₋ but what comes through W.
        input_scale: W_in and b are drawn evenly from ± this.

    Raises:
        ValueError: for a size below 1, a radius or input scale that is not above 0, or a density or leak outside (0, 1].
    """

    input_weight: Tensor
    recurrent_weight: Tensor
    bias: Tensor

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        spectral_radius: float = 0.9,
        density: float = 0.1,
        leak: float = 1.0,
        input_scale: float = 1.0,
    ) -> None:
        super().__init__()
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"a reservoir needs sizes of at least 1, got input {input_size} and hidden {hidden_size}")
        for name, value in (("spectral radius", spectral_radius), ("input scale", input_scale)):
            if not 0 < value < float("inf"):
                raise ValueError(f"the {name} of a reservoir must be above 0, got {value}")
        for name, value in (("density", density), ("leak", leak)):
            if not 0 < value <= 1:
                raise ValueError(f"the {name} of a reservoir must be above 0 and at most 1, got {value}")
        self.input_size, self.leak = input_size, leak
        self.hidden_size = self.output_size = hidden_size
        self.register_buffer("input_weight", torch.empty(hidden_size, input_size).uniform_(-input_scale, input_scale))
        self.register_buffer("bias", torch.empty(hidden_size).uniform_(-input_scale, input_scale))
        # Stored whole: at a few hundred units, a product with every zero takes less time than one that looks for them.
        self.register_buffer("recurrent_weight", sparse_weight(hidden_size, density, spectral_radius))

    def initial_state(self, batch: int) -> Hidden:
        return Hidden(self.bias.new_zeros(batch, self.hidden_size))

    def forward(self, x: Float[Tensor, "B D"], state: Hidden) -> tuple[Float[Tensor, "B H"], Hidden]:
        return self._advance(F.linear(x, self.input_weight, self.bias), state)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: Hidden, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T H"], Hidden]:
        return loop(self._advance, F.linear(xs, self.input_weight, self.bias).unbind(1), state, lengths)

    def _advance(self, projected: Float[Tensor, "B H"], state: Hidden) -> tuple[Float[Tensor, "B H"], Hidden]:
        fresh = torch.tanh(projected + F.linear(state.h, self.recurrent_weight))
        h = (1 - self.leak) * state.h + self.leak * fresh
        return h, Hidden(h)


def sparse_weight(units: int, density: float, radius: float) -> Float[Tensor, "H H"]:
    """A random matrix with the same number of entries in every row and the given spectral radius."""
    heard = max(1, round(density * units))
    weight = torch.zeros(units, units, dtype=torch.float64)
    places = torch.rand(units, units).argsort(1)[:, :heard]
    weight.scatter_(1, places, torch.randn(units, heard, dtype=torch.float64))
    return scale_to_radius_(weight, radius).to(torch.get_default_dtype())


def fit_readout(
    states: Float[Tensor, "B T H"], targets: Float[Tensor, "B T O"], *, ridge: float = 1e-6, washout: int = 0
) -> nn.Linear:
    """The linear readout with the least squared error, by ridge regression (Lukoševičius 2012, eq. 9), solved in float64.

        W = Yᵀ X (Xᵀ X + λ I)⁻¹      b = ȳ − W x̄      X, Y: states and targets of all steps, less their means x̄, ȳ

    Args:
        states: what is read, a reservoir's outputs.
        targets: what should be read from them.
        ridge: λ, the price of large weights; the bias is free.
        washout: steps at the beginning of each sequence that are left out, because the state still echoes its start.

    Returns:
        the readout, to be applied to states.

    Raises:
        ValueError: for sequences that do not fit each other, a negative ridge, a washout that leaves no step, or states that do
            not determine the weights when there is no ridge.
    """
    if states.shape[:2] != targets.shape[:2]:
        raise ValueError(
            f"states {tuple(states.shape)} and targets {tuple(targets.shape)} differ in sequences or steps"
        )
    if not 0 <= washout < states.shape[1]:
        raise ValueError(f"the washout must leave at least one of {states.shape[1]} steps, got {washout}")
    if not ridge >= 0:
        raise ValueError(f"the ridge cannot be negative, got {ridge}")
    x, y = (part[:, washout:].flatten(0, 1).double() for part in (states.detach(), targets.detach()))
    x_mean, y_mean = x.mean(0), y.mean(0)
    x, y = x - x_mean, y - y_mean
    factor, failed = torch.linalg.cholesky_ex(x.T @ x + ridge * torch.eye(x.shape[1], dtype=x.dtype, device=x.device))
    if failed:
        raise ValueError(
            f"the states do not determine the readout at a ridge of {ridge}; give more states or more ridge"
        )
    weight = torch.cholesky_solve(x.T @ y, factor).T
    readout = nn.Linear(x.shape[1], y.shape[1], device=states.device, dtype=states.dtype)
    with torch.no_grad():
        readout.weight.copy_(weight)
        assert readout.bias is not None
        readout.bias.copy_(y_mean - weight @ x_mean)
    return readout.requires_grad_(False)
