"""Which cells of a network follow something that people understand: the pen being lifted, its way up or down, a word's beginning.

S steps, as in `inside`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from handwriting.inside import Inside
from shared.lab.units import find_followers

LEAST = 0.3
"""correlation below which a cell is not said to follow anything"""
LIVELY = 3
"""cells that are named because they vary most"""


class Cell(NamedTuple):
    """A cell worth a look."""

    layer: str
    unit: int
    """counted from 0"""
    why: str
    """what it does, to be read after "it": "follows …", "varies most" """
    strength: float
    """the correlation with what it follows, below 0 where it turns off; else its standard deviation"""


def interesting_cells(inside: Inside) -> list[Cell]:
    """For each property of the ink the cell that follows it best, the best match first; then the liveliest cells."""
    layers = list(inside.cells)
    sizes = [inside.cells[layer].shape[1] for layer in layers]
    all_cells = np.concatenate([inside.cells[layer] for layer in layers], 1)
    places = [(layer, unit) for layer, size in zip(layers, sizes, strict=True) for unit in range(size)]
    tensors = {name: torch.as_tensor(values, dtype=torch.float32) for name, values in properties(inside).items()}
    found = []
    for follower in find_followers(torch.as_tensor(all_cells), tensors):
        if abs(follower.correlation) >= LEAST:
            layer, unit = places[follower.unit]
            found.append(Cell(layer, unit, f"follows {follower.property}", follower.correlation))
    lively = all_cells.std(0)
    busiest = []
    for place in np.argsort(-lively)[:LIVELY]:
        layer, unit = places[place]
        busiest.append(Cell(layer, unit, "varies most", float(lively[place])))
    return found + busiest


def properties(inside: Inside) -> dict[str, Float[np.ndarray, " S"]]:
    """What can be said of the pen at each step, in words; of the text too, for a network that reads one."""
    offsets = inside.strokes[:-1, :2].astype(np.float64)
    height = np.cumsum(offsets[:, 1])
    time = np.arange(len(height))
    if len(height) > 2:
        height = height - np.polyval(np.polyfit(time, height, 1), time)  # lines may slope
    lifts = inside.strokes[:, 2] > 0.5
    found = {
        "the pen being lifted": lifts[1:],
        "the pen coming down": lifts[:-1],
        "the way to the right": offsets[:, 0],
        "the way down": offsets[:, 1],
        "the depth in the line": height,
        "the speed of the pen": np.hypot(offsets[:, 0], offsets[:, 1]),
    }
    if inside.phi is not None:
        signs = np.array([*inside.text, " "])[inside.reading]
        found |= {
            "the space between words": signs == " ",
            "capitals": np.char.isupper(signs),
            "the place in the text": inside.reading,
            "the place in the word": _place_in_word(inside.text)[inside.reading],
        }
    return {name: np.asarray(values, dtype=np.float64) for name, values in found.items()}


def _place_in_word(text: str) -> Float[np.ndarray, " U+1"]:
    places, place = [], 0
    for character in [*text, " "]:
        place = 0 if character == " " else place + 1
        places.append(float(place))
    return np.array(places)
