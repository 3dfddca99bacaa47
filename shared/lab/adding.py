"""The adding problem (Hochreiter & Schmidhuber 1997, experiment 4): which cells can carry two numbers over hundreds of steps?

At every step the cell reads a number from [0, 1] and a mark. Two steps are marked, one in each half; after the last step the sum
of their numbers is to be said. To say always 1 costs a mean squared error of 1/6: that is what a cell gets which remembers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor, nn

from shared.lab.cells import check_cells
from shared.lab.learning import learn
from shared.lab.report import Results, new_figure, tidy
from shared.rnn.choice import build
from shared.rnn.core import unroll
from shared.rnn.initial import chrono_

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BASELINE = 1 / 6
"""mean squared error of always saying 1: the variance of the sum of two numbers from [0, 1]"""
POINTS = 100
"""points of a learning curve"""
TESTED = 1000
"""sequences that a cell is tested on"""


def run(
    cells: Sequence[str],
    lengths: Sequence[int],
    units: int,
    batch: int,
    updates: int,
    learning_rate: float,
    seed: int,
) -> Results:
    """Trains every cell at every length, and tests it on sequences that it has not seen."""
    check_cells(cells)
    trials = []
    for length in lengths:
        for cell in cells:
            torch.manual_seed(seed)  # the same problems for all, and the same result with and without the others
            trials.append(_trial(cell, length, units, batch, updates, learning_rate))
    found = {f"{trial['cell']}, {trial['length']} steps": trial["test_error"] for trial in trials}
    return {"found": {**found, "always saying 1": BASELINE}, "trials": trials}


def _trial(cell: str, length: int, units: int, batch: int, updates: int, learning_rate: float) -> Results:
    core, head = build(cell, 2, units), nn.Linear(units, 1)
    chrono_(core, length)

    def error(size: int) -> Tensor:
        xs, sums = problems(size, length)
        ys, _ = unroll(core, xs)
        return (head(ys[:, -1])[:, 0] - sums).square().mean()

    modules = nn.ModuleList([core, head])  # type: ignore[list-item]
    losses = learn(
        lambda _: error(batch),
        modules.parameters(),
        updates=updates,
        learning_rate=learning_rate,
        description=f"{cell}, {length} steps",
    )
    with torch.no_grad():
        test_error = float(torch.stack([error(TESTED // 10) for _ in range(10)]).mean())
    smooth = [float(part.mean()) for part in torch.tensor(losses).chunk(POINTS)]
    return {"cell": cell, "length": length, "test_error": test_error, "learning_curve": smooth}


def problems(batch: int, length: int) -> tuple[Float[Tensor, "{batch} {length} 2"], Float[Tensor, " {batch}"]]:
    """Sequences of numbers and marks, and the sums to be said."""
    numbers, marks = torch.rand(batch, length), torch.zeros(batch, length)
    half = length // 2
    marks.scatter_(1, torch.randint(half, (batch, 1)), 1)
    marks.scatter_(1, torch.randint(half, length, (batch, 1)), 1)
    return torch.stack([numbers, marks], -1), (numbers * marks).sum(1)


def draw(results: Results) -> Figure:
    """Learning curves, a panel for each length."""
    settings, trials = results["settings"], results["trials"]
    figure = new_figure(height=0.7 + 2.9 * len(settings["lengths"]))
    panels = figure.subplots(len(settings["lengths"]), 1, sharex=True, squeeze=False)[:, 0]
    for axes, length in zip(panels, settings["lengths"], strict=True):
        axes.axhline(BASELINE, color="0.5", linewidth=0.8, linestyle=":", label=f"saying 1: {BASELINE:.2g}")
        for trial in (trial for trial in trials if trial["length"] == length):
            curve = trial["learning_curve"]
            places = [(point + 0.5) * settings["updates"] / len(curve) for point in range(len(curve))]
            axes.semilogy(places, curve, label=f"{trial['cell']}: {trial['test_error']:.2g}")
        axes.legend(title="cell: error when tested", loc="lower left", frameon=False, alignment="left")
        tidy(axes, ylabel="mean squared error", title=f"{length} steps")
    tidy(panels[-1], xlabel="updates")
    return figure
