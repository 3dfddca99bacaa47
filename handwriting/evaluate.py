"""The numbers by which handwriting networks are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from handwriting.data import Lines, collate
from handwriting.likelihood import score_points
from handwriting.model import SynthesisNetwork
from shared.pretrained import device_of


@torch.no_grad()
def evaluate(network: SynthesisNetwork, lines: Lines, chosen: Sequence[int], batch: int = 64) -> dict[str, float]:
    """Scores a network on lines of ink, each read from its first point to its last.

    Densities are those of offsets normalised by the network's own mean and scale (mean 0, sd 1 over its training set).

    Returns:
        nats_a_line, nats_a_point, pen_up_nats (a line) as negative log-likelihoods; sse_a_point; lines; points_a_line; and
        raw_nats_a_point, the same density in tablet units, which does not depend on the normalisation.
    """
    device = device_of(network)
    order = sorted(chosen, key=lines.length)
    sums = torch.zeros(3, dtype=torch.float64)
    points = 0
    for start in range(0, len(order), batch):
        ink = collate(lines, order[start : start + batch]).to(device)
        normal = network.normalise(ink.points)
        raw, _ = network(normal[:, :-1], ink.text, ink.text_lengths)
        scores = score_points(raw, normal[:, 1:], ink.lengths - 1, network.config.sigma_floor)
        sums += torch.stack([score.double().sum() for score in scores]).cpu()
        points += int((ink.lengths - 1).sum())
    offset, pen, squared_error = sums.tolist()
    jacobian = float(np.log(network.scale.double().cpu().numpy()).sum())
    return {
        "nats_a_line": -(offset + pen) / len(order),
        "nats_a_point": -(offset + pen) / points,
        "raw_nats_a_point": -(offset + pen) / points + jacobian,
        "pen_up_nats": -pen / len(order),
        "sse_a_point": squared_error / points,
        "lines": len(order),
        "points_a_line": points / len(order),
    }
