"""The networks of Graves 2013: from the points so far, and a text if it reads one, the density of the next point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from handwriting import alphabet, mixture
from handwriting.config import ModelConfig
from handwriting.data import UNKNOWN
from handwriting.traits import Traits
from handwriting.window import WindowLayer, WindowState
from shared.pretrained import Pretrained
from shared.rnn import Core, State, unroll
from shared.rnn.choice import build

POINT = 3
"""dx, dy, pen_up"""
Around = Callable[[Core], Core]
"""what a layer is wrapped in for as long as a text is read; the network itself, and how it is saved, stay as they are"""
NOTHING: tuple[()] = ()
"""the window's state in a network that has no window"""


class SynthesisState(NamedTuple):
    """The window layer's state and that of each layer above it; without a window (prediction), of all layers."""

    window: WindowState
    above: tuple[State, ...]


class Network(Pretrained):
    """Layer 1 carries the window, if there is one; every layer above reads the point, the window and the layer below; all reach
    the output.

        synthesis     [h¹, w] = window layer(x)     hⁿ = cell([x, w, hⁿ⁻¹])     ŷ = W [h¹ … hᴺ] + b
        prediction     h¹ = cell(x)                 hⁿ = cell([x, hⁿ⁻¹])        ŷ = W [h¹ … hᴺ] + b
        no skips       h¹ = cell(x)                 hⁿ = cell(hⁿ⁻¹)             ŷ = W hᴺ + b

    A cell that is a hierarchy of its own (`hm-lstm`) is all layers at once, its levels wired in one way or the other. In a network
    that is told of hands, x is the point and their traits; in one that knows writers, also the learned vector of who writes.

    The network is bound to a text by `read`; `mixture.parse` understands ŷ. Its points are normalised: offsets have `mean`
    taken off and are divided by `scale`, both of which are saved with the weights.
    """

    config_class = ModelConfig
    what = "network of ink"
    shipped = Path(__file__).parent / "weights"
    folding: Int[Tensor, " C"]
    known: Int[Tensor, " W"]

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.mean: Float[Tensor, 2]
        self.scale: Float[Tensor, 2]
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("scale", torch.ones(2))
        features = POINT + config.traits
        self.traits = Traits(config.traits) if config.traits else None
        if config.writers:
            self.register_buffer("known", torch.tensor(config.writers), persistent=False)
            self.writers = nn.Embedding(1 + len(config.writers), config.writer_size)  # the first is anybody
            features += config.writer_size
        heights: list[int] = []
        self.window: WindowLayer | None = None
        if config.text:
            symbols, signs = alphabet.SIZE, torch.arange(alphabet.SIZE)
            if config.alphabet == "graves2013":
                symbols, signs = alphabet.FOLDED_SIZE, torch.tensor(alphabet.folding())
            self.register_buffer("folding", signs, persistent=False)
            self.window = WindowLayer(
                self._core, features, config.window_components, symbols, config.points_per_character
            )
            features += symbols
            heights.append(self.window.hidden_size)
        layers: list[Core] = []
        for _ in range((1 if config.is_hierarchical else config.layers) - len(heights)):
            layers.append(self._core(features + sum(heights[-1:]) if config.skips or not heights else heights[-1]))
            heights.append(layers[-1].output_size)
        self.above = nn.ModuleList(layers)  # type: ignore[arg-type]
        self.head = nn.Linear(sum(heights if config.skips else heights[-1:]), mixture.output_size(config.mixtures))

    def _core(self, input_size: int) -> Core:
        return build(self.config.cell, input_size, self.config.hidden_size, self.config.layers, self.config.skips)

    def read(
        self,
        text: Int[Tensor, "B U"],
        lengths: Int[Tensor, " B"],
        writer: Int[Tensor, " B"] | None = None,
        traits: Float[Tensor, "B K"] | None = None,
        around: Around | None = None,
    ) -> NetworkCore:
        """The network writing these texts: a Core from points to raw outputs ŷ. One without a window takes no notice of them.

        Args:
            text: `alphabet.encode`, zero-padded.
            lengths: how many characters each has.
            writer: whose hand it is, of those in `config.writers`; any other number is anybody, and so is everyone without it.
            traits: of the hand; 0, and none at all, is anybody's.
            around: what each layer is wrapped in meanwhile: `Practice` while it learns, `fused` while it writes point by point.
        """
        return NetworkCore(self, text, lengths, self.hand(writer, traits, len(text)), around)

    def forward(
        self,
        points: Float[Tensor, "B T 3"],
        text: Int[Tensor, "B U"],
        text_lengths: Int[Tensor, " B"],
        state: SynthesisState | None = None,
        writer: Int[Tensor, " B"] | None = None,
        traits: Float[Tensor, "B K"] | None = None,
        around: Around | None = None,
    ) -> tuple[Float[Tensor, "B T N"], SynthesisState]:
        """Raw outputs ŷ after each of the normalised points, and the state after the last."""
        return unroll(self.read(text, text_lengths, writer, traits, around), points, state)

    def hand(
        self, writer: Int[Tensor, " B"] | None, traits: Float[Tensor, "B K"] | None, batch: int
    ) -> Float[Tensor, "B V"]:
        """All that is said of each line's hand: its traits, and its writer's vector. Empty in a network that is told of neither."""
        parts = [self.head.weight.new_zeros(batch, self.config.traits) if traits is None else traits]
        if self.config.writers:
            nobody = torch.full((batch,), UNKNOWN, device=self.known.device)
            same = (nobody if writer is None else writer)[:, None] == self.known
            parts.append(self.writers(torch.where(same.any(1), same.int().argmax(1) + 1, 0)))
        return torch.cat(parts, -1)

    def kin(self) -> dict[str, Any]:
        kept = {name: buffer.tolist() for name, buffer in self.named_buffers()}
        return {"networks": self.config, "units of ink, or hands": kept}

    def normalise(self, strokes: Float[Tensor, "... 3"]) -> Float[Tensor, "... 3"]:
        """Offsets from tablet units to sd of the training data."""
        return torch.cat([(strokes[..., :2] - self.mean) / self.scale, strokes[..., 2:]], -1)

    def denormalise(self, strokes: Float[Tensor, "... 3"]) -> Float[Tensor, "... 3"]:
        """Offsets from sd of the training data to tablet units."""
        return torch.cat([strokes[..., :2] * self.scale + self.mean, strokes[..., 2:]], -1)


class SynthesisNetwork(Network):
    """A network that reads the text that it writes.

    Raises:
        ValueError: for the configuration of one that reads none.
    """

    what = "writing network"
    window: WindowLayer

    def __init__(self, config: ModelConfig) -> None:
        if not config.text:
            raise ValueError("it foresees ink and reads no text (text: false), so it cannot be told what to write")
        super().__init__(config)


class NetworkCore(Core):
    """A `Network` bound to texts and writers."""

    def __init__(
        self,
        network: Network,
        text: Int[Tensor, "B U"],
        lengths: Int[Tensor, " B"],
        hand: Float[Tensor, "B V"],
        around: Around | None,
    ) -> None:
        self.network, self.hand = network, hand
        self.input_size, self.output_size = POINT, network.head.out_features
        self.above: list[Core] = list(map(around, network.above) if around else network.above)  # type: ignore[arg-type]
        self.reader = None
        if network.window is not None:
            self.reader = network.window.read(network.folding[text], lengths, around)

    def initial_state(self, batch: int) -> SynthesisState:
        above = tuple(layer.initial_state(batch) for layer in self.above)
        return SynthesisState(self.reader.initial_state(batch) if self.reader else NOTHING, above)  # type: ignore[arg-type]

    def forward(self, x: Float[Tensor, "B 3"], state: SynthesisState) -> tuple[Tensor, SynthesisState]:
        return self._climb(x, state, lambda core, inputs, before: core(inputs, before))

    def unroll(
        self, xs: Float[Tensor, "B T 3"], state: SynthesisState, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T N"], SynthesisState]:
        return self._climb(xs, state, lambda core, inputs, before: unroll(core, inputs, before, lengths))

    def _climb(
        self, x: Tensor, state: SynthesisState, run: Callable[[Core, Tensor, State], tuple[Tensor, State]]
    ) -> tuple[Tensor, SynthesisState]:
        """The wiring, which is the same for one point and for a whole line: layer by layer, each on its fastest path."""
        hand = self.hand if x.dim() == 2 else self.hand[:, None].expand(-1, x.shape[1], -1)
        x = torch.cat([x, hand], -1)
        window, hidden, above = state.window, [], []
        if self.reader:
            read, window = run(self.reader, x, window)
            h, w = read.split([self.reader.layer.hidden_size, self.reader.layer.symbols], -1)
            x = torch.cat([x, w], -1)
            hidden.append(h)
        for layer, before in zip(self.above, state.above, strict=True):
            below = [x, *hidden[-1:]] if self.network.config.skips else [x, *hidden][-1:]
            h, after = run(layer, torch.cat(below, -1), before)
            hidden.append(h)
            above.append(after)
        if not self.network.config.skips:
            hidden = hidden[-1:]
        return self.network.head(torch.cat(hidden, -1)), SynthesisState(window, tuple(above))
