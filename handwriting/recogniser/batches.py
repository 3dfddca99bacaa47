"""Lines of ink as batches of frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from handwriting.recogniser.features import Distortion, frames
from handwriting.strokes import Strokes


class Frames(NamedTuple):
    """Lines of frames, padded with zeros to the longest."""

    frames: Float[Tensor, "B F D"]
    lengths: Int[Tensor, " B"]


def collate(
    ink: Sequence[Strokes], kind: str, distortion: float = 0.0, random: np.random.Generator | None = None
) -> Frames:
    """The frames of these lines, each varied by chance if `random` is given."""
    drawn = [Distortion.draw(len(line), distortion, random) if random else None for line in ink]
    parts = [torch.from_numpy(frames(line, kind, one)) for line, one in zip(ink, drawn, strict=True)]
    lengths = torch.tensor([len(part) for part in parts])
    return Frames(torch.nn.utils.rnn.pad_sequence(parts, batch_first=True), lengths)
