"""The soft window: how the network knows which character it is writing (Graves 2013, sec. 5.1)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shared.rnn import Core, Feedback, State, loop


class WindowState(NamedTuple):
    """What the window layer carries from point to point."""

    core: State
    kappa: Float[Tensor, "B K"]
    """where each component stands, in characters from the start of the text (0 is the first)"""
    window: Float[Tensor, "B C"]
    """w, the mix of characters last read"""
    phi: Float[Tensor, "B U+1"]
    """the weight of each character when w was read; the last column is the place after the text's end"""


class WindowLayer(nn.Module):
    """A recurrent core that reads its text through a moving window.

    From the core's output h_t the layer steers K Gaussians over the characters (eq. 46-51):

        (α̂, β̂, κ̂) = W h_t + b      α = exp α̂      β = exp β̂      κ = κ₋ + exp κ̂
        φ(t, u) = Σₖ αₖ exp(-βₖ (κₖ - u)²)          w_t = Σᵤ φ(t, u) c_u

    and the core's input at t is [x_t, w_{t-1}]. The output is [h_t, w_t].

    κ̂ starts at minus the log of the data's points per character, so that a fresh window moves at the pace of the pen.

    Args:
        core: a constructor of the core, called with the number of features that it reads.
        input_size: features of a point.
        components: Gaussians K.
        symbols: size C of the alphabet.
        points_per_character: the pace to start at.
    """

    def __init__(
        self,
        core: Callable[[int], Core],
        input_size: int,
        components: int,
        symbols: int,
        points_per_character: float,
    ) -> None:
        super().__init__()
        self.input_size, self.symbols, self.components = input_size, symbols, components
        self.core = core(input_size + symbols)
        self.hidden_size = self.core.output_size
        self.output_size = self.hidden_size + symbols
        self.steer = nn.Linear(self.hidden_size, 3 * components)
        with torch.no_grad():
            self.steer.weight.mul_(0.1)  # at first the pace alone moves the window, not the noise in h
            self.steer.bias[: 2 * components] = torch.tensor([0.0, -1.0]).repeat_interleave(components)
            self.steer.bias[2 * components :] = -math.log(points_per_character)

    def read(
        self, text: Int[Tensor, "B U"], lengths: Int[Tensor, " B"], around: Callable[[Core], Core] | None = None
    ) -> WindowReader:
        """The layer, reading these texts: a Core. Characters past a text's length are never seen.

        Args:
            around: what the core is wrapped in meanwhile.
        """
        return WindowReader(self, text, lengths, around(self.core) if around else self.core)


class WindowReader(Core):
    """A `WindowLayer` bound to texts."""

    def __init__(self, layer: WindowLayer, text: Int[Tensor, "B U"], lengths: Int[Tensor, " B"], core: Core) -> None:
        self.layer, self.lengths, self.core = layer, lengths, core
        self.input_size, self.output_size = layer.input_size, layer.output_size
        self.feedback = Feedback(core, layer.input_size)
        seen = torch.arange(text.shape[1], device=text.device) < lengths[:, None]
        self.characters = F.one_hot(text * seen, layer.symbols).to(layer.steer.weight.dtype) * seen[..., None]
        # One place more than the longest text: φ there tells that a line is done. It holds no character.
        self.places = torch.arange(text.shape[1] + 1, device=text.device, dtype=layer.steer.weight.dtype)
        self.readable = self.places <= lengths[:, None]

    def initial_state(self, batch: int) -> WindowState:
        zeros = self.layer.steer.weight.new_zeros
        return WindowState(
            self.core.initial_state(batch),
            # One character's way before the first: the pen begins by arriving at it.
            zeros(batch, self.layer.components) - 1.0,
            zeros(batch, self.layer.symbols),
            zeros(batch, len(self.places)),
        )

    def forward(self, x: Float[Tensor, "B D"], state: WindowState) -> tuple[Float[Tensor, "B O"], WindowState]:
        return self._look(*self.feedback.step(self.feedback.project(x), state.window, state.core), state)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: WindowState, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], State]:
        advance = self.feedback.looping(state.core)

        def step(projected: Tensor, state: WindowState) -> tuple[Tensor, WindowState]:
            return self._look(*advance(projected, state.window, state.core), state)

        return loop(step, self.feedback.project(xs.transpose(0, 1)).unbind(0), state, lengths)

    def _look(self, h: Float[Tensor, "B H"], core: State, state: WindowState) -> tuple[Tensor, WindowState]:
        """Moves the window (eq. 46-51)."""
        alpha, beta, advance = self.layer.steer(h).to(h.dtype).unflatten(1, (3, -1)).exp().unbind(1)
        kappa = state.kappa + advance
        distance = kappa[:, :, None] - self.places
        phi = (alpha[:, :, None] * torch.exp(-beta[:, :, None] * distance.square())).sum(1) * self.readable
        window = torch.bmm(phi[:, None, :-1], self.characters)[:, 0]
        return torch.cat([h, window], -1), WindowState(core, kappa, window, phi)
