"""A recurrent net that finds out by itself where its sequence falls into parts, and parts of parts.

The hierarchical multiscale LSTM of Chung, Ahn & Bengio (2016). Each level but the topmost says at each step whether a segment
of its own ends here (a boundary, z = 1). Only then does the level above read it, and the level itself starts afresh. So level 2
steps once a segment of level 1: slower, in a rhythm that is learnt.

Letters: B batch, T time, D input features, H hidden units of a level, L levels, O output features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from shared.rnn.core import Core, loop
from shared.rnn.deferred import DeferredLinear

BOUNDARY_SPREAD = 4.0
"""how many times wider than other weights those start by which h bears on a boundary"""


class LevelState(NamedTuple):
    """h is what the other levels see, c what the level remembers, z whether it ended a segment (1) or not (0)."""

    h: Float[Tensor, "B H"]
    c: Float[Tensor, "B H"]
    z: Float[Tensor, "B 1"]  # of the topmost level always 0


class HMLSTMState(NamedTuple):
    """h is the output of the step before; the levels stand in order, the one that reads the input first."""

    h: Float[Tensor, "B O"]
    levels: tuple[LevelState, ...]

    @property
    def boundaries(self) -> Float[Tensor, "B L-1"]:
        """Which levels ended a segment at this step: 1 or 0 for each level but the topmost."""
        return torch.cat([level.z for level in self.levels[:-1]], -1)


def text_slope(epoch: float) -> float:
    """Slope annealing for text: a = min(5, 1 + 0.04 · epoch) (Chung et al. 2016, section 4.1)."""
    return min(5.0, 1 + 0.04 * epoch)


def ink_slope(epoch: float) -> float:
    """Slope annealing for handwriting: a = min(3, 1 + 0.004 · epoch) (Chung et al. 2016, section 4.2)."""
    return min(3.0, 1 + 0.004 * epoch)


def set_slope(network: nn.Module, slope: float) -> None:
    """Gives every HM-LSTM in a network this slope; a network without one is left as it is."""
    for module in network.modules():
        if isinstance(module, HMLSTM):
            module.slope = slope


class HMLSTM(nn.Module, Core):
    """Hierarchical multiscale LSTM (Chung, Ahn & Bengio 2016, eq. 1-12).

    For level ℓ, with z₋ its own boundary a step ago, z_b that of the level below now (the input's is always 1), and a the slope:

        s = U h₋ + z₋ U_top h₋^{ℓ+1} + z_b W h^{ℓ−1} + b         f, i, o = σ(s_f), σ(s_i), σ(s_o)     g = tanh(s_g)
        z̃ = clamp((a s_z + 1) / 2, 0, 1)                          z = 1 if z̃ > ½ else 0

        UPDATE  z₋ = 0, z_b = 1    c = f ⊙ c₋ + i ⊙ g             h = o ⊙ tanh(c)
        COPY    z₋ = 0, z_b = 0    c = c₋                          h = h₋
        FLUSH   z₋ = 1             c = i ⊙ g                       h = o ⊙ tanh(c)

        y = ReLU(Σ_ℓ g^ℓ W_ℓ h^ℓ)                                  g^ℓ = σ(w_ℓ · [h¹ … h^L])

    Backward, the step from z̃ to z is passed straight through (∂z/∂z̃ = 1), and c and h are taken as linear in z₋ and in z_b
    between the values that they have at 0 and at 1.

    With skips, wired as Graves (2013) wires his layers, s of every level also has its own share V x of the input, and all levels
    are the output: y = [h¹ … h^L], O = L·H. (Without, O = H.)

    `slope` bends only that gradient, for z̃ > ½ wherever s_z > 0. A training loop raises it little by little from 1
    (`text_slope`, `ink_slope`), so that z̃ draws nearer to the step function that it stands for.

    Args:
        input_size: features D of x.
        hidden_size: units H of each level.
        levels: L.
        skips: whether every level reads the input, and all of them are the output.
        forget_bias: what the forget gates' biases start at; 1 lets a fresh cell remember (Jozefowicz et al. 2015).
        boundary_bias: what the bias of s_z starts at; above 0, most steps end a segment at first, and no level lies idle.

    Raises:
        ValueError: for a size below 1 or fewer than 2 levels.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        levels: int = 3,
        skips: bool = False,
        forget_bias: float = 1.0,
        boundary_bias: float = 0.3,
    ) -> None:
        super().__init__()
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"an HM-LSTM needs sizes of at least 1, got input {input_size} and hidden {hidden_size}")
        if levels < 2:
            raise ValueError(f"an HM-LSTM needs at least 2 levels, for a boundary to lie between them, got {levels}")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.output_size = levels * hidden_size if skips else hidden_size
        self.skips = skips
        self.slope = 1.0
        # Rows of s in the order f, i, o, g, z. Columns in the order of what a level reads: itself, the level above, the one below.
        rows = [4 * hidden_size + 1] * (levels - 1) + [4 * hidden_size]
        reads = [2, *[3] * (levels - 2), 2]
        self.reached = rows if skips else rows[:1]  # by the input
        self.input = nn.Linear(input_size, sum(self.reached))
        self.levels = nn.ModuleList(
            nn.Linear(n * hidden_size, out, bias=level >= len(self.reached))
            for level, (n, out) in enumerate(zip(reads, rows, strict=True))
        )
        if not skips:
            self.output_gates = nn.Linear(levels * hidden_size, levels, bias=False)
            self.output = nn.Linear(levels * hidden_size, hidden_size, bias=False)
        self._start(forget_bias, boundary_bias)

    def initial_state(self, batch: int) -> HMLSTMState:
        zeros = self.input.weight.new_zeros(batch, self.output_size)
        h = zeros[:, : self.hidden_size]
        return HMLSTMState(zeros, (LevelState(h, h, h[:, :1]),) * len(self.levels))

    def forward(self, x: Float[Tensor, "B D"], state: HMLSTMState) -> tuple[Float[Tensor, "B O"], HMLSTMState]:
        hs, levels = self._climb(self.input(x), state.levels, self._linears)
        y = self._read_out(hs)
        return y, HMLSTMState(y, levels)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: HMLSTMState, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], HMLSTMState]:
        # No level reads the output: all outputs are made after the loop, at once, as the shares of the input are before it.
        products = [DeferredLinear(linear.weight, linear.bias) for linear in self._linears]
        hs, levels = loop(
            lambda projected, before: self._climb(projected, before, products),
            self.input(xs.transpose(0, 1)).unbind(0),  # time first, so that each step's share lies in one piece
            state.levels,
            lengths,
        )
        # Past a sequence's end h is 0, and so is the output; its state has the output of its own last step.
        last = self._read_out(torch.cat([level.h for level in levels], -1))
        return self._read_out(hs), HMLSTMState(last, levels)

    def _climb(
        self,
        projected: Float[Tensor, "B R"],
        before: tuple[LevelState, ...],
        products: Sequence[Callable[[Tensor], Tensor]],
    ) -> tuple[Float[Tensor, "B L*H"], tuple[LevelState, ...]]:
        """One step of all levels, from the input's shares in their s: their h side by side, and their states."""
        shares = projected.split(self.reached, -1)
        after: list[LevelState] = []
        for level, (own, product) in enumerate(zip(before, products, strict=True)):
            reads = [own.h]
            if level + 1 < len(before):
                reads.append(own.z * before[level + 1].h)
            if level > 0:
                reads.append(after[-1].z * after[-1].h)
            s = product(torch.cat(reads, -1))
            if level < len(shares):
                s = s + shares[level]
            after.append(self._turn(s, own, after[-1].z if after else torch.ones_like(own.z)))
        return torch.cat([state.h for state in after], -1), tuple(after)

    def _turn(self, s: Float[Tensor, "B G"], before: LevelState, below: Float[Tensor, "B 1"]) -> LevelState:
        """UPDATE, COPY or FLUSH of one level, row by row, from its complete s and the boundary of the level below."""
        s = s.to(before.c.dtype)  # autocast may halve what is multiplied, never a state
        hidden = self.hidden_size
        gates, candidate, boundary = s.split([3 * hidden, hidden, s.shape[-1] - 4 * hidden], -1)
        f, i, o = torch.sigmoid(gates).chunk(3, -1)
        moves = before.z + (1 - before.z) * below  # 0 on COPY
        keeps = (1 - before.z) * (1 - below * (1 - f))  # f on UPDATE, 1 on COPY, 0 on FLUSH
        c = keeps * before.c + moves * (i * torch.tanh(candidate))
        h = torch.lerp(before.h, o * torch.tanh(c), moves)
        return LevelState(h, c, self._boundary(boundary) if boundary.shape[-1] else before.z)

    def _boundary(self, s: Float[Tensor, "B 1"]) -> Float[Tensor, "B 1"]:
        """z: exactly 0 or 1, with the gradient of z̃."""
        soft = ((self.slope * s + 1) / 2).clamp(0, 1)
        return (soft > 0.5).to(soft.dtype) + (soft - soft.detach())

    def _read_out(self, hs: Float[Tensor, "*steps L*H"]) -> Float[Tensor, "*steps O"]:
        """The output, from the h of all levels side by side."""
        if self.skips:
            return hs
        gates = torch.sigmoid(self.output_gates(hs))
        gated = hs.unflatten(-1, (len(self.levels), self.hidden_size)) * gates.unsqueeze(-1)
        return torch.relu(self.output(gated.flatten(-2))).to(hs.dtype)

    @property
    def _linears(self) -> list[nn.Linear]:
        return list(self.levels)  # type: ignore[arg-type]

    @torch.no_grad()
    def _start(self, forget_bias: float, boundary_bias: float) -> None:
        """Weights within ±1/√H, as those of nn.LSTM; biases 0 but for the forget gates' and the boundaries'."""
        # Fresh h are small, so s_z would hardly differ from step to step, and the first pull of training would take all of a
        # level's boundaries at once: to never, and then nothing above that level moves or learns. (Character models lost a level
        # so within 50 updates.) Wider rows spread s_z over both sides of 0, and a bias above 0 keeps never the farther end.
        bound = self.hidden_size**-0.5
        for linear in [self.input, *self._linears]:
            nn.init.uniform_(linear.weight, -bound, bound)
        own = [linear.bias for linear in self._linears if linear.bias is not None]
        for bias in [*self.input.bias.split(self.reached), *own]:
            nn.init.zeros_(bias)
            bias[: self.hidden_size] = forget_bias
            bias[4 * self.hidden_size :] = boundary_bias
        for linear in self._linears[:-1]:
            linear.weight[-1] *= BOUNDARY_SPREAD
