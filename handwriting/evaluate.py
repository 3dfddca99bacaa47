"""The numbers by which handwriting networks are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from handwriting.config import PROTOCOLS
from handwriting.data import Lines, collate, statistics
from handwriting.likelihood import score_points
from handwriting.model import Network
from shared.errors import UserError
from shared.pretrained import device_of


@torch.no_grad()
def evaluate(
    network: Network,
    lines: Lines,
    chosen: Sequence[int],
    batch: int = 64,
    scale: Float[np.ndarray, 2] | None = None,
) -> dict[str, float]:
    """Scores a network on lines of ink, each read from its first point to its last. A network that knows writers is asked to be
    anybody: those who wrote held-out lines are strangers.

    A density depends on the unit of its offsets: in units s times as large it is s² times as high, and a line of T points has
    2 T ln s nats more. So nats count only beside the unit, which is `scale`, or else one sd of the network's own training set.

    Args:
        scale: tablet units, in x and in y.

    Returns:
        nats_a_line, nats_a_point, pen_up_nats (a line) as negative log-likelihoods; sse_a_point, in squares of the same unit;
        raw_nats_a_point, in tablet units; lines; and points_a_line, of those that were foreseen: all but the first.
    """
    device = device_of(network)
    own = network.scale.double().cpu().numpy()
    unit = own if scale is None else np.asarray(scale, dtype=np.float64)
    order = sorted(chosen, key=lines.length)
    sums = torch.zeros(4, dtype=torch.float64)  # offsets, pen, squared errors in x and in y
    points = 0
    for start in range(0, len(order), batch):
        ink = collate(lines, order[start : start + batch]).to(device)
        normal = network.normalise(ink.points)
        raw, _ = network(normal[:, :-1], ink.text, ink.text_lengths)
        scores = score_points(raw, normal[:, 1:], ink.lengths - 1, network.config.sigma_floor)
        parts = scores.offset[..., None], scores.pen[..., None], scores.squared_errors
        sums += torch.cat([part.double().sum((0, 1)) for part in parts]).cpu()
        points += int((ink.lengths - 1).sum())
    offset, pen, *squared_errors = sums.tolist()
    raw_nats = -(offset + pen) + points * float(np.log(own).sum())
    nats = raw_nats - points * float(np.log(unit).sum())
    return {
        "nats_a_line": nats / len(order),
        "nats_a_point": nats / points,
        "raw_nats_a_point": raw_nats / points,
        "pen_up_nats": -pen / len(order),
        "sse_a_point": float((np.array(squared_errors) * (own / unit) ** 2).sum()) / points,
        "lines": len(order),
        "points_a_line": points / len(order),
    }


def evaluate_by(
    protocol: str, network: Network, lines: Lines, split: int | None = None, every: bool = False
) -> dict[str, Any]:
    """Scores a network by one of the `PROTOCOLS`, in units of one sd of that protocol's training lines, whatever the network
    itself was trained on. Ink without those lines is scored in units of the network's own training lines; `unit` says which.

    Args:
        split: another than the protocol's own to report on.
        every: all lines of that split, as Graves has them, not only those fit to learn from.
    """
    rules = PROTOCOLS[protocol]
    split = rules.report if split is None else split
    chosen = lines.of([split], every=every)
    try:
        unit, whose = statistics(lines, lines.of(rules.train))[1], f"sd of split {', '.join(map(str, rules.train))}"
    except UserError:
        unit, whose = network.scale.cpu().numpy(), "sd of the network's own training lines"
    report = {"protocol": protocol, "split": split, "unit": whose, "unit_in_tablet_units": [float(s) for s in unit]}
    return {**report, **evaluate(network, lines, chosen, scale=unit)}
