"""What single units respond to: simple properties of a text, the units that follow them, and a text coloured by a unit.

Karpathy, Johnson & Fei-Fei 2015 (section 4.2) found units in character networks that turn on inside quotes or count the
characters of a line. Here a unit is found by the correlation of its activation with such a property. N characters, H units.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

OPEN, CLOSED = "([{", ")]}"


class Follower(NamedTuple):
    """A unit and what it seems to follow."""

    property: str
    unit: int
    correlation: float
    """on text that the unit was not chosen by; below 0 where the unit turns off"""


def properties(text: str) -> dict[str, Float[Tensor, " N"]]:
    """Each property of each place in a text, as one knows it who has read up to that character and no further."""
    depth = accumulate(text, lambda deep, c: max(0, deep + (c in OPEN) - (c in CLOSED)), initial=0)
    column = accumulate(text, lambda count, c: 0 if c == "\n" else count + 1, initial=0)
    in_word = accumulate(text, lambda count, c: count + 1 if c.isalnum() else 0, initial=0)
    indent = accumulate(text, lambda blank, c: c == "\n" or (blank and c == " "), initial=True)
    # The first of what is accumulated stands before the text.
    found = {
        "inside quotes": list(_quoted(text)),
        "inside brackets": [deep > 0 for deep in depth][1:],
        "place in the line": list(column)[1:],
        "place in the word": list(in_word)[1:],
        "indentation": list(indent)[1:],
        "after a space": [c == " " for c in text],
        "after a digit": [c.isdigit() for c in text],
        "after a capital": [c.isupper() for c in text],
        "after the end of a sentence": [c in ".!?" for c in text],
    }
    return {name: torch.tensor(value, dtype=torch.float32) for name, value in found.items()}


def find_followers(
    activations: Float[Tensor, "N H"], of: dict[str, Float[Tensor, " N"]], rarest: float = 0.005
) -> list[Follower]:
    """For each property the unit that follows it best, the best match first.

    Units are chosen on the first half of the places, and their correlation is taken on the second, for among many units some fit
    anything by chance. Properties of which either half has less than a share of `rarest` are left out.
    """
    half = len(activations) // 2
    followers = []
    for name, values in of.items():
        if min(_variety(values[:half]), _variety(values[half:])) < rarest:
            continue
        unit = int(correlations(activations[:half], values[:half]).abs().argmax())
        again = correlations(activations[half:, unit : unit + 1], values[half:])
        followers.append(Follower(name, unit, float(again)))
    return sorted(followers, key=lambda follower: -abs(follower.correlation))


def correlations(activations: Float[Tensor, "N H"], values: Float[Tensor, " N"]) -> Float[Tensor, " H"]:
    """Pearson's, of each unit with the values; 0 for what never changes."""
    a, v = activations - activations.mean(0), values - values.mean()
    return (a * v[:, None]).sum(0) / (a.norm(dim=0) * v.norm()).clamp(min=1e-12)


def busiest(values: Float[Tensor, " N"], length: int) -> int:
    """Where in the text the `length` characters begin that show the most of a property."""
    if len(values) <= length:
        return 0
    stride = max(1, length // 8)
    return int(values.unfold(0, length, stride).var(1).argmax()) * stride


def wrap(text: str, columns: int) -> list[range]:
    """The places of each row of a text that is broken after its line ends, and where a line grows longer than `columns`."""
    rows, start = [], 0
    for line in text.splitlines(keepends=True):
        ends = [*range(start + columns, start + len(line), columns), start + len(line)]
        rows += [range(*row) for row in zip([start, *ends], ends, strict=False)]
        start = ends[-1]
    return rows


def colour(axes: Any, text: str, activations: Float[Tensor, " N"], columns: int) -> None:
    """Draws a text, each character on the colour of the activation after it: red 1, white 0, blue -1."""
    rows = wrap(text, columns)
    grid = torch.full((len(rows), columns), torch.nan)
    for row, places in enumerate(rows):
        grid[row, : len(places)] = activations[places.start : places.stop]
        for column, place in enumerate(places):
            shown = {"\n": "↵", "\t": "→"}.get(text[place], text[place])
            style = {"ha": "center", "va": "center_baseline", "family": "monospace", "size": 7.5}
            axes.text(column, row, shown, **style, parse_math=False)
    # The colours stay pale, for what is written on them is to be read.
    axes.imshow(grid.numpy(), cmap="RdBu_r", vmin=-2, vmax=2, aspect="auto")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _quoted(text: str) -> Iterator[bool]:
    inside = False
    for place, character in enumerate(text):
        if character in '"“”':
            inside = character == "“" or (character == '"' and not inside)
        elif text[place - 1 : place + 1] == "\n\n":  # the end of a paragraph closes what was left open
            inside = False
        yield inside


def _variety(values: Float[Tensor, " N"]) -> float:
    """The share of places that differ from the commonest value."""
    if not len(values):
        return 0.0
    return 1 - float(values.unique(return_counts=True)[1].max()) / len(values)
