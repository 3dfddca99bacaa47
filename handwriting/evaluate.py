"""The numbers by which handwriting networks are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from handwriting.config import PROTOCOLS
from handwriting.data import Lines, collate, statistics
from handwriting.joined import join, pair_up
from handwriting.likelihood import score_points
from handwriting.model import Network
from handwriting.traits import of_the_first
from shared.errors import UserError
from shared.pretrained import device_of


@torch.no_grad()
def evaluate(
    network: Network,
    lines: Lines,
    chosen: Sequence[int],
    batch: int = 64,
    scale: Float[np.ndarray, 2] | None = None,
    given: Int[np.ndarray, " N"] | None = None,
    traits: Float[Tensor, "N K"] | None = None,
) -> dict[str, float]:
    """Scores a network on lines of ink, each read from its first point to its last. A network that knows writers is asked to be
    anybody: those who wrote held-out lines are strangers.

    A density depends on the unit of its offsets: in units s times as large it is s² times as high, and a line of T points has
    2 T ln s nats more. So nats count only beside the unit, which is `scale`, or else one sd of the network's own training set.

    Args:
        scale: tablet units, in x and in y.
        given: how many points of each line of `lines` are read and not scored; by default the first.
        traits: what the network is told of the hand of each line of `lines`; by default, nothing.

    Returns:
        nats_a_line, nats_a_point, pen_up_nats (a line) as negative log-likelihoods; sse_a_point, in squares of the same unit;
        raw_nats_a_point, in tablet units; lines; and points_a_line, of those that were foreseen: all but those given.
    """
    device = device_of(network)
    own = network.scale.double().cpu().numpy()
    unit = own if scale is None else np.asarray(scale, dtype=np.float64)
    order = sorted(chosen, key=lines.length)
    sums = torch.zeros(4, dtype=torch.float64)  # offsets, pen, squared errors in x and in y
    points = 0
    for start in range(0, len(order), batch):
        some = order[start : start + batch]
        ink = collate(lines, some).to(device)
        normal = network.normalise(ink.points)
        told = None if traits is None else traits[some].to(device)
        raw, _ = network(normal[:, :-1], ink.text, ink.text_lengths, traits=told)
        scores = score_points(raw, normal[:, 1:], ink.lengths - 1, network.config.sigma_floor)
        read = torch.from_numpy(np.ones(len(some), int) if given is None else given[some]).to(device)
        counted = torch.arange(1, normal.shape[1], device=device) >= read[:, None]
        parts = scores.offset[..., None], scores.pen[..., None], scores.squared_errors
        sums += torch.cat([(part.double() * counted[..., None]).sum((0, 1)) for part in parts]).cpu()
        points += int((ink.lengths - read).sum())
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
    protocol: str,
    network: Network,
    lines: Lines,
    split: int | None = None,
    every: bool = False,
    primed: bool = False,
) -> dict[str, Any]:
    """Scores a network by one of the `PROTOCOLS`, in units of one sd of that protocol's training lines, whatever the network
    itself was trained on. Ink without those lines is scored in units of the network's own training lines; `unit` says which.

    Args:
        split: another than the protocol's own to report on.
        every: all lines of that split, as Graves has them, not only those fit to learn from.
        primed: score each line of a known writer after another line of theirs, which the network reads first, and of whose traits
            it is told if it is told of any;
            unprimed_nats_a_line is of the same lines without.
    """
    rules = PROTOCOLS[protocol]
    split = rules.report if split is None else split
    chosen = lines.of([split], every=every)
    try:
        unit, whose = statistics(lines, lines.of(rules.train))[1], f"sd of split {', '.join(map(str, rules.train))}"
    except UserError:
        unit, whose = network.scale.cpu().numpy(), "sd of the network's own training lines"
    report = {"protocol": protocol, "split": split, "unit": whose, "unit_in_tablet_units": [float(s) for s in unit]}
    if not primed:
        return {**report, **evaluate(network, lines, chosen, scale=unit)}
    pairs = pair_up(lines, chosen)
    joined, given = join(lines, pairs)
    alone = evaluate(network, lines, [line for _, line in pairs], scale=unit)
    traits = of_the_first(network.traits, lines, pairs) if network.traits else None
    after = evaluate(network, joined, range(len(pairs)), scale=unit, given=given, traits=traits)
    return {**report, **after, "unprimed_nats_a_line": alone["nats_a_line"]}
