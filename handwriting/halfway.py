"""A network that is kept between where it began and where it has come to: it has learnt something new and can still do the old.

    θ = θ₀ + share (θ₁ - θ₀)

(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Few lines of a hand teach the hand, and unlearn letters that are
rare in them; half way there, most of the hand is there already, and most of the letters still are.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from handwriting.model import Network


class Interpolated(nn.Module):
    """A network that learns as it is, and is kept as what lies between.

    Args:
        network: as it begins.
        share: of the way to what it has learnt; at 1 it is that.
    """

    def __init__(self, network: Network, share: float) -> None:
        super().__init__()
        self.network, self.share = network, share
        # Not saved with a training's state: whoever goes on with it begins from the same model.
        self._began = [weight.detach().clone() for weight in network.parameters()]

    def forward(self, *inputs: Any) -> tuple[Tensor, Any]:
        return self.network(*inputs)

    @torch.no_grad()
    def kept(self) -> Network:
        """The network between."""
        network = deepcopy(self.network)
        for weight, began in zip(network.parameters(), self._began, strict=True):
            weight.copy_(began.to(weight).lerp(weight, self.share))
        return network

    def save_pretrained(self, folder: Path | str, half: bool = False) -> None:
        self.kept().save_pretrained(folder, half)
