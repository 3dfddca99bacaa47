"""The synthesis network (Graves 2013, sec. 5): from the points so far and a text, the density of the next point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from handwriting import alphabet, mixture
from handwriting.config import ModelConfig
from handwriting.window import WindowLayer, WindowState
from shared.pretrained import Pretrained
from shared.rnn import Core, State, unroll
from shared.rnn.choice import build

POINT = 3
"""dx, dy, pen_up"""


class SynthesisState(NamedTuple):
    """The window layer's state and that of each layer above it."""

    window: WindowState
    above: tuple[State, ...]


class SynthesisNetwork(Pretrained):
    """Layer 1 carries the window; every layer above reads the point, the window and the layer below; all reach the output.

        [h¹, w] = window layer(x)     hⁿ = cell([x, w, hⁿ⁻¹])     ŷ = W [h¹ … hᴺ] + b

    A cell that is a hierarchy of its own (`hm-lstm`) is all layers at once.

    The network is bound to a text by `read`; `mixture.parse` understands ŷ. Its points are normalised: offsets have `mean`
    taken off and are divided by `scale`, both of which are saved with the weights.
    """

    config_class = ModelConfig
    shipped = Path(__file__).parent / "weights"

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.mean: Float[Tensor, 2]
        self.scale: Float[Tensor, 2]
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("scale", torch.ones(2))
        self.window = WindowLayer(
            self._core, POINT, config.window_components, alphabet.SIZE, config.points_per_character
        )
        layers: list[Core] = []
        heights = [self.window.hidden_size]
        for _ in range(0 if config.is_hierarchical else config.layers - 1):
            layers.append(self._core(POINT + alphabet.SIZE + heights[-1]))
            heights.append(layers[-1].output_size)
        self.above = nn.ModuleList(layers)  # type: ignore[arg-type]
        self.head = nn.Linear(sum(heights), mixture.output_size(config.mixtures))

    def _core(self, input_size: int) -> Core:
        return build(self.config.cell, input_size, self.config.hidden_size, levels=self.config.layers)

    def read(self, text: Int[Tensor, "B U"], lengths: Int[Tensor, " B"]) -> SynthesisCore:
        """The network writing these texts (`alphabet.encode`, zero-padded): a Core from points to raw outputs ŷ."""
        return SynthesisCore(self, text, lengths)

    def forward(
        self,
        points: Float[Tensor, "B T 3"],
        text: Int[Tensor, "B U"],
        text_lengths: Int[Tensor, " B"],
        state: SynthesisState | None = None,
    ) -> tuple[Float[Tensor, "B T N"], SynthesisState]:
        """Raw outputs ŷ after each of the normalised points, and the state after the last."""
        return unroll(self.read(text, text_lengths), points, state)

    def normalise(self, strokes: Float[Tensor, "... 3"]) -> Float[Tensor, "... 3"]:
        """Offsets from tablet units to sd of the training data."""
        return torch.cat([(strokes[..., :2] - self.mean) / self.scale, strokes[..., 2:]], -1)

    def denormalise(self, strokes: Float[Tensor, "... 3"]) -> Float[Tensor, "... 3"]:
        """Offsets from sd of the training data to tablet units."""
        return torch.cat([strokes[..., :2] * self.scale + self.mean, strokes[..., 2:]], -1)


class SynthesisCore(Core):
    """A `SynthesisNetwork` bound to texts."""

    def __init__(self, network: SynthesisNetwork, text: Int[Tensor, "B U"], lengths: Int[Tensor, " B"]) -> None:
        self.network = network
        self.reader = network.window.read(text, lengths)
        self.input_size, self.output_size = POINT, network.head.out_features

    def initial_state(self, batch: int) -> SynthesisState:
        above = tuple(layer.initial_state(batch) for layer in self._above)
        return SynthesisState(self.reader.initial_state(batch), above)

    def forward(self, x: Float[Tensor, "B 3"], state: SynthesisState) -> tuple[Tensor, SynthesisState]:
        return self._climb(x, state, lambda core, inputs, before: core(inputs, before))

    def unroll(
        self, xs: Float[Tensor, "B T 3"], state: SynthesisState, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T N"], SynthesisState]:
        return self._climb(xs, state, lambda core, inputs, before: unroll(core, inputs, before, lengths))

    @property
    def _above(self) -> list[Core]:
        return list(self.network.above)  # type: ignore[arg-type]

    def _climb(
        self, x: Tensor, state: SynthesisState, run: Callable[[Core, Tensor, State], tuple[Tensor, State]]
    ) -> tuple[Tensor, SynthesisState]:
        """The wiring, which is the same for one point and for a whole line: layer by layer, each on its fastest path."""
        read, window = run(self.reader, x, state.window)
        h, w = read.split([self.network.window.hidden_size, alphabet.SIZE], -1)
        hidden, above = [h], []
        for layer, before in zip(self._above, state.above, strict=True):
            h, after = run(layer, torch.cat([x, w, h], -1), before)
            hidden.append(h)
            above.append(after)
        return self.network.head(torch.cat(hidden, -1)), SynthesisState(window, tuple(above))
