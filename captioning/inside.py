"""What the cells of a captioner do while it says a caption.

The network is given the words one by one and looks at the photo for each, just as when it said them. Letters: N words, the end
counted as one, H cells.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from captioning.captioner import Captioner, Grid
from captioning.tokens import START

LIVELY = 8
"""cells that are named"""


class CaptionInside(NamedTuple):
    """What was seen along one caption."""

    words: list[str]
    """what was said, piece by piece where words are made of pieces; the last is the end, "" """
    cells: Float[np.ndarray, "N H"]
    """the output of each cell of the core with which it chose that word"""


def look_inside(captioner: Captioner, grid: Grid, caption: str) -> CaptionInside:
    """Has a captioner say a caption of the first photo of a grid again, and notes what its cells do.

    Of several captioners that work together, the first is watched.

    Raises:
        ValueError: for a caption without words.
    """
    numbers = captioner.vocabulary.encode(caption)
    if not numbers:
        raise ValueError("a caption without words moves no cell")
    _, decoder = captioner.members[0]
    cells = []
    with torch.inference_mode():
        look = decoder.look(grid.features[0][:1])
        state = look.initial_state(1)
        for number in [START, *numbers]:
            output, state = look(decoder.embed(torch.tensor([number], device=captioner.device)), state)
            cells.append(look.glance(output).hidden[0])
    said = [*captioner.vocabulary.decode(numbers), ""]
    return CaptionInside(said, torch.stack(cells).float().cpu().numpy())


def lively_cells(inside: CaptionInside) -> list[int]:
    """The cells that change most from word to word, the liveliest first."""
    return np.argsort(-np.abs(np.diff(inside.cells, axis=0)).sum(0), kind="stable")[:LIVELY].tolist()
