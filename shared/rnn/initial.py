"""How recurrent weights begin. What is multiplied by itself T times had better neither grow nor shrink.

h_t = U h_{t-1} gives h_T = Uᵀ…U h_0 = Uᵀ h_0: along an eigenvector of U it grows or shrinks as |λ|ᵀ. The spectral radius is
the largest |λ|; all |λ| of an orthogonal matrix are 1.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from shared.rnn.core import Core
from shared.rnn.gru import GRU, GRUResetBefore
from shared.rnn.lstm import LSTM, LayerNormLSTM, PeepholeLSTM


@torch.no_grad()
def orthogonal_(weight: Float[Tensor, "G H"], gain: float = 1.0) -> Tensor:
    """Fills a recurrent weight, in place, with a random orthogonal matrix for each gate (Saxe, McClelland & Ganguli 2014).

    A block at a time: the rows of all gates together can never be orthogonal, for there are more of them than columns.

    Args:
        weight: U as a cell has it, G = several times H: the rows of its gates below each other.
        gain: what each block is multiplied by; it becomes the block's spectral radius.

    Returns:
        the weight itself.

    Raises:
        ValueError: for a weight that is no column of square blocks, or a gain that is not above 0.
    """
    if weight.dim() != 2 or weight.shape[1] == 0 or weight.shape[0] == 0 or weight.shape[0] % weight.shape[1]:
        raise ValueError(
            f"a recurrent weight is made of square blocks below each other, got the shape {list(weight.shape)}"
        )
    if not gain > 0:
        raise ValueError(f"gain must be above 0, got {gain:g}")
    for block in weight.split(weight.shape[1]):
        nn.init.orthogonal_(block, gain)
    return weight


def spectral_radius(matrix: Float[Tensor, "H H"]) -> float:
    """The largest absolute eigenvalue.

    Raises:
        ValueError: for a matrix that is not square, is empty, or has entries that are not finite.
    """
    if matrix.dim() != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"only a square matrix has a spectral radius, got the shape {list(matrix.shape)}")
    if not matrix.isfinite().all():
        raise ValueError("a matrix with infinite or undefined entries has no spectral radius")
    return float(torch.linalg.eigvals(matrix.detach()).abs().max())


@torch.no_grad()
def scale_to_radius_(matrix: Float[Tensor, "H H"], radius: float) -> Tensor:
    """Multiplies a matrix, in place, by the number that gives it this spectral radius (Jaeger 2001).

    Returns:
        the matrix itself.

    Raises:
        ValueError: for a radius below 0, and where `spectral_radius` does or finds 0: no number then helps.
    """
    if not 0 <= radius < float("inf"):
        raise ValueError(f"a spectral radius is a finite number of at least 0, got {radius:g}")
    now = spectral_radius(matrix)
    if now == 0:
        raise ValueError("a matrix whose eigenvalues are all 0 cannot be scaled to another spectral radius")
    return matrix.mul_(radius / now)


@torch.no_grad()
def chrono_(core: Core, span: int) -> Core:
    """Lets the units of a gated cell begin with memories of 1 to `span` steps (Tallec & Ollivier 2018).

        LSTM: b_f = log u, b_i = -b_f      GRU: b_u = log u      u uniform in [1, span - 1], for each unit

    A gate of σ(log u) forgets in about u steps. Cells without gates are left as they are.

    Returns:
        the core itself.

    Raises:
        ValueError: for a span below 2.
    """
    if span < 2:
        raise ValueError(f"memories span at least 2 steps, got {span}")
    if not isinstance(core, LSTM | PeepholeLSTM | LayerNormLSTM | GRU | GRUResetBefore):
        return core
    # Where torch's own layer holds two biases that act as their sum, the one for the input is meant.
    names = ("bias", "lstm.bias_ih_l0", "gru.bias_ih_l0")
    bias = next(value for name, value in core.named_parameters() if name in names)
    first, second = bias.view(core.blocks, -1)[:2]  # i and f of an LSTM, r and u of a GRU
    second.copy_(torch.empty_like(second).uniform_(1, span - 1).log())
    if core.blocks == 4:
        first.copy_(-second)
    return core
