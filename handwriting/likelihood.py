"""How well a network foresees real ink: the likelihood that it is trained on and compared by."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from handwriting import mixture


class PointScores(NamedTuple):
    """What each target point tells; zero past a line's end."""

    offset: Float[Tensor, "B T"]
    """log-likelihood of the offset, nats"""
    pen: Float[Tensor, "B T"]
    """log-likelihood of the pen, nats"""
    squared_errors: Float[Tensor, "B T 2"]
    """of the expected offset, in x and in y, in squared sd of the data"""


def score_points(
    raw: Float[Tensor, "B T N"], targets: Float[Tensor, "B T 3"], lengths: Int[Tensor, " B"], sigma_floor: float
) -> PointScores:
    """Scores raw outputs against the points they foresaw; only the first `lengths` points of each row count."""
    density = mixture.parse(raw, sigma_floor)
    alive = torch.arange(targets.shape[1], device=targets.device) < lengths[:, None]
    scores = PointScores(
        mixture.log_density(density, targets[..., :2]),
        mixture.pen_log_probability(density, targets[..., 2]),
        (mixture.mean(density) - targets[..., :2]).square(),
    )
    # Rows are finite past their end too (the padding is), so `where` gives clean zeros and clean gradients.
    offset, pen, errors = scores
    return PointScores(
        torch.where(alive, offset, 0.0), torch.where(alive, pen, 0.0), torch.where(alive[..., None], errors, 0.0)
    )
