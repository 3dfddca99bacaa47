"""Ink that says nothing: a network that foresees ink and reads no text writes on of its own accord (Graves 2013, sec. 4.3)."""

from __future__ import annotations

import torch
from torch import Tensor

from handwriting import mixture
from handwriting.model import Network
from handwriting.sample import draw_noise
from handwriting.strokes import Strokes
from shared.device import one_thread
from shared.errors import UserError
from shared.pretrained import device_of
from shared.rnn import fused


@torch.inference_mode()
@one_thread()
def wander(network: Network, lines: int, points: int, bias: float, seed: int) -> list[Strokes]:
    """Lines of that many points each, in tablet units, which end with the pen lifted; the same seed gives the same ink.

    Raises:
        UserError: if the network reads the text that it writes.
    """
    if network.window:
        raise UserError("this network writes what it is told to: use handwriting write, or give one that foresees ink")
    device = device_of(network)
    nothing = torch.zeros(lines, 0, dtype=torch.long, device=device)
    core = network.read(nothing, torch.zeros(lines, dtype=torch.long, device=device), around=fused)
    biases = torch.full((lines, 1), bias, device=device)
    noise = draw_noise([seed + line for line in range(lines)], network.config.mixtures, device)
    point = network.normalise(torch.zeros(lines, 3, device=device))
    state, made = core.initial_state(lines), list[Tensor]()
    while len(made) < points:
        for own in next(noise):
            raw, state = core(point, state)
            point = mixture.draw(raw, biases, own, network.config.sigma_floor)
            made.append(network.denormalise(point))
    ink = torch.stack(made[:points], 1)
    ink[:, -1, 2] = 1.0
    return list(ink.double().cpu().numpy())
