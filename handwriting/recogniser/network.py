"""The recogniser's network: from frames of ink, the probability of each character at each frame."""

from __future__ import annotations

from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from handwriting import alphabet
from handwriting.recogniser.config import RecogniserConfig
from handwriting.recogniser.features import frame_size
from shared.pretrained import Pretrained
from shared.rnn import LSTM, Bidirectional

BLANK = 0
"""the symbol of a frame that says nothing: the alphabet's padding"""


class Recogniser(Pretrained):
    """Bidirectional LSTM layers on top of each other (Graves et al. 2009), and a softmax over the symbols.

    hⁿ = [→LSTM(hⁿ⁻¹), ←LSTM(hⁿ⁻¹)]      log p = log softmax(W hᴺ + b)
    """

    config_class = RecogniserConfig
    what = "reading network"
    shipped = Path(__file__).parent.parent / "weights"

    def __init__(self, config: RecogniserConfig) -> None:
        super().__init__()
        self.config = config
        below = [frame_size(config.features)] + [2 * config.hidden_size] * (config.layers - 1)
        self.layers = nn.ModuleList(
            Bidirectional(LSTM(size, config.hidden_size), LSTM(size, config.hidden_size)) for size in below
        )
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(2 * config.hidden_size, alphabet.SIZE)

    def forward(self, frames: Float[Tensor, "B F D"], lengths: Int[Tensor, " B"]) -> Float[Tensor, "B F S"]:
        """Log-probabilities of the symbols at each frame; past a line's end they mean nothing."""
        hidden = frames
        for layer in self.layers:
            hidden = self.dropout(layer.outputs(hidden, lengths))  # type: ignore[operator]
        return torch.log_softmax(self.head(hidden), -1)
