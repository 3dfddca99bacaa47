"""A few lines that show how far a network has come: written at each validation of a training."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from handwriting import mixture
from handwriting.model import Network, SynthesisNetwork
from handwriting.sample import Request, draw_noise, sample
from handwriting.strokes import Strokes
from shared.pretrained import device_of
from shared.rnn import fused

TEXTS = ("the quick brown fox", "Jumps over lazy dogs.", "written in 1984, she said")
BIAS = 0.75
POINTS = 320
"""of a line that has no text to end with"""


def write_samples(network: Network, number: int, seed: int) -> list[dict[str, Any]]:
    """Lines as JSON's plain values: "text", which is "" for a network that reads none, and "strokes" in tablet units.

    The same seed is the same chance, whatever the network; torch's own chance is left as it is. A line is cut where the numbers
    of a network that has run wild end.
    """
    if network.window is None:
        lines, texts = wander(network, number, seed), [""] * number
    else:
        texts = [TEXTS[place % len(TEXTS)] for place in range(number)]
        requests = [Request(text, BIAS, seed + place) for place, text in enumerate(texts)]
        lines = [line.strokes for line in sample(cast(SynthesisNetwork, network), requests)]
    return [{"text": text, "strokes": _plain(strokes)} for text, strokes in zip(texts, lines, strict=True)]


@torch.inference_mode()
def wander(network: Network, number: int, seed: int) -> list[Strokes]:
    """Ink of a network that nobody told what to write (Graves 2013, sec. 4.3), in tablet units."""
    device = device_of(network)
    nothing = torch.zeros(number, 0, dtype=torch.long, device=device)
    core = network.read(nothing, torch.zeros(number, dtype=torch.long, device=device), around=fused)
    bias = torch.full((number, 1), BIAS, device=device)
    noise = draw_noise([seed + line for line in range(number)], network.config.mixtures, device)
    point = network.normalise(torch.zeros(number, 3, device=device))
    state, points = core.initial_state(number), list[Tensor]()
    while len(points) < POINTS:
        for own in next(noise):
            raw, state = core(point, state)
            point = mixture.draw(raw, bias, own, network.config.sigma_floor)
            points.append(network.denormalise(point))
    return list(torch.stack(points[:POINTS], 1).double().cpu().numpy())


def _plain(strokes: Strokes) -> list[list[float]]:
    whole = np.isfinite(strokes).all(1)
    kept = strokes if whole.all() else strokes[: int(whole.argmin())]
    return [[round(float(dx), 1), round(float(dy), 1), int(up > 0.5)] for dx, dy, up in kept]
