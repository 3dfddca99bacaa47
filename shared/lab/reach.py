"""How far back gradients reach through cells as they begin, before any training.

Through T steps a gradient is multiplied by T Jacobians. In a plain tanh layer they are nearly powers of one matrix, so what
is left shrinks or grows as a power of T: a straight line where the scale is logarithmic. Other cells bend or tilt that line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

from shared.lab.report import new_figure, tidy
from shared.rnn.cell import Cell
from shared.rnn.core import unroll
from shared.rnn.elman import Elman, Leaky, MultiTimescale, Residual
from shared.rnn.gradients import gradient_reach
from shared.rnn.gru import GRU
from shared.rnn.initial import orthogonal_
from shared.rnn.lstm import LSTM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEATURES = 8
"""of the random inputs"""
SKIP = 4
"""steps that the skip connections span"""
TIME_CONSTANT = 30.0
"""steps, of the leaky units"""
LOWEST, HIGHEST = 1e-10, 1e6
"""what the picture shows; beside a gradient of 1, float32 has lost the lowest already"""
ROOM = 10**0.6
"""between two labels on the right, as a factor"""
BESIDE: dict[str, Any] = {"textcoords": "offset points", "annotation_clip": False}


def run(units: int, steps: int, sequences: int, input_scale: float, seed: int) -> dict[str, Any]:
    """‖∂s_T/∂s_t‖ of each cell over random inputs, the geometric mean of all sequences, by how many steps t lies before T.

    Each cell has run for as many steps before: from h = 0, where tanh is steepest, it would first show more.

    `found` has the factor by which one step multiplies it, on average over all steps.
    """
    curves = dict(measure(units, steps, sequences, input_scale))
    factors = {name: curve[-1] ** (1 / steps) for name, curve in curves.items()}
    return {"found": {"factor_a_step": factors}, "reach_by_steps_back": curves}


def measure(units: int, steps: int, sequences: int, input_scale: float) -> Iterator[tuple[str, list[float]]]:
    """The curves of `run`, each as soon as it is there; chance is torch's own."""
    before, xs = input_scale * torch.randn(2, sequences, steps, FEATURES, dtype=torch.float64)
    for name, cell in _cells(units).items():
        with torch.no_grad():
            _, state = unroll(cell.double(), before)
        yield name, gradient_reach(cell, xs, state).log().mean(0).exp().flip(0).tolist()


def _cells(units: int) -> dict[str, Cell]:
    return {
        "tanh, spectral radius 1.5": _orthogonal(Elman(FEATURES, units), 1.5),
        "tanh, spectral radius 1": _orthogonal(Elman(FEATURES, units), 1.0),
        "tanh, spectral radius 0.5": _orthogonal(Elman(FEATURES, units), 0.5),
        f"tanh, spectral radius 0.5, skips of {SKIP} steps": _orthogonal(MultiTimescale(FEATURES, units, (SKIP,)), 0.5),
        "residual": Residual(FEATURES, units),
        f"leaky, τ = {TIME_CONSTANT:g} steps": Leaky(FEATURES, units, TIME_CONSTANT),
        "GRU": GRU(FEATURES, units),
        "LSTM, forget bias 1": LSTM(FEATURES, units, forget_bias=1.0),
        "LSTM, forget bias 5": LSTM(FEATURES, units, forget_bias=5.0),
    }


def _orthogonal(cell: Cell, radius: float) -> Cell:
    orthogonal_(cell.recurrent_weight, radius)
    return cell


def draw(results: dict[str, Any]) -> Figure:
    """Reach against steps back, a line for each cell; dotted, the powers that tanh layers would follow without their tanh."""
    figure = new_figure(height=5.6)
    axes = figure.subplots()
    curves = results["reach_by_steps_back"]
    steps = len(next(iter(curves.values()))) - 1
    for radius in (0.5, 1.5):
        axes.plot([radius**back for back in range(steps + 1)], color="0.6", linestyle=":", linewidth=1)
    axes.annotate("1.5 to the power of T − t", (math.log(HIGHEST, 1.5), HIGHEST), (4, -12), **BESIDE, color="0.5")
    lines = {name: axes.plot(curve, linewidth=1.6)[0] for name, curve in curves.items()}
    axes.set(yscale="log", xlim=(0, steps), ylim=(LOWEST, HIGHEST))
    height = 0.0
    for name, curve in sorted(curves.items(), key=lambda item: item[1][-1]):
        colour = lines[name].get_color()
        if curve[-1] < LOWEST:
            leaves = next(back for back, value in enumerate(curve) if value < LOWEST)
            axes.annotate(name, (leaves, LOWEST), (-20, 6), **BESIDE, color=colour, ha="right")
        else:
            height = max(curve[-1], height * ROOM)
            label = name.replace(", skips", ",\nskips")
            axes.annotate(label, (steps, height), (6, 0), **BESIDE, color=colour, va="center")
    tidy(
        axes,
        xlabel="steps back, T − t",
        ylabel=r"$\|\partial s_T\,/\,\partial s_t\|$, the most that is left of a gradient of 1",
        title="How far a gradient reaches back through cells as they begin",
    )
    return figure
