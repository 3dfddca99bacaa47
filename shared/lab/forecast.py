"""An echo state network foretells the Mackey-Glass series: one step ahead, and then on and on from its own words.

The series solves x'(t) = 0.2 x(t − 17) / (1 + x(t − 17)¹⁰) − 0.1 x(t), a little chaotic (Mackey & Glass 1977). Jaeger 2001,
section 6, has his networks continue it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from shared.lab.report import Results, new_figure, tidy
from shared.rnn.core import unroll
from shared.rnn.echo import EchoState, fit_readout

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WASHOUT = 100
"""steps that the reservoir takes to forget its start"""
DELAY = 17
"""τ of the series; chaotic from about 17"""
SUBSTEPS = 10
"""steps of Euler's method in a unit of time, as many as Jaeger took"""
FOLLOWED = 0.1
"""the free-running forecast is on the track while its error is below this share of the series' standard deviation"""


def run(
    units: int,
    spectral_radius: float,
    density: float,
    leak: float,
    ridge: float,
    steps: int,
    horizon: int,
    seed: int,
) -> Results:
    """Fits the readout on `steps` of the series, then forecasts the `horizon` steps after them in both ways."""
    series = mackey_glass(steps + horizon + 1)[:, None].sub(1)
    inputs, targets = series[:-1], series[1:]
    reservoir = EchoState(1, units, spectral_radius=spectral_radius, density=density, leak=leak).double()
    with torch.no_grad():
        states, _ = unroll(reservoir, inputs[None])
        readout = fit_readout(states[:, :steps], targets[None, :steps], ridge=ridge, washout=WASHOUT)
        one_step = readout(states[0, steps:])
        free = run_freely(reservoir, readout, inputs[: steps + 1], horizon)
    truth, deviation = targets[steps:], series.std()
    errors = {
        "one step": (one_step - truth).abs() / deviation,
        "free-running": (free - truth).abs() / deviation,
        "last value": (inputs[steps:] - truth).abs() / deviation,
    }
    mean = {name: float(error.square().mean().sqrt()) for name, error in errors.items()}
    lost = (errors["free-running"] > FOLLOWED).flatten().nonzero()
    return {
        "found": {
            "one_step_error": mean["one step"],
            "last_value_error": mean["last value"],
            "times_better_than_last_value": mean["last value"] / mean["one step"],
            "steps_followed_freely": int(lost[0]) if len(lost) else horizon,
        },
        "truth": (truth + 1).flatten().tolist(),
        "free_running": (free + 1).flatten().tolist(),
        "errors": {name: error.flatten().tolist() for name, error in errors.items()},
    }


def mackey_glass(steps: int) -> Float[Tensor, " {steps}"]:
    """The series at whole units of time, float64, from a random point on its attractor."""
    delay = DELAY * SUBSTEPS
    values = (1.2 + 0.1 * torch.randn(delay + 1)).tolist()
    for _ in range((steps + 1000) * SUBSTEPS):
        now, then = values[-1], values[-1 - delay]
        values.append(now + (0.2 * then / (1 + then**10) - 0.1 * now) / SUBSTEPS)
    return torch.tensor(values[-steps * SUBSTEPS :: SUBSTEPS], dtype=torch.float64)


def run_freely(
    reservoir: EchoState, readout: torch.nn.Module, heard: Float[Tensor, "T D"], steps: int
) -> Float[Tensor, "{steps} D"]:
    """What the network says after it has heard the truth: each step is the next one's input."""
    states, state = unroll(reservoir, heard[None])
    said = [readout(states[:, -1])]
    for _ in range(steps - 1):
        h, state = reservoir(said[-1], state)
        said.append(readout(h))
    return torch.cat(said)


def draw(results: Results) -> Figure:
    """Above, the truth and the free-running forecast; below, the errors of both forecasts on a logarithmic scale."""
    figure = new_figure(height=6.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    above.plot(results["truth"], color="0.65", linewidth=4, label="the series")
    above.plot(results["free_running"], color="C3", linewidth=1.3, label="the network, fed with its own words")
    followed = results["found"]["steps_followed_freely"]
    for axes in (above, below):
        axes.axvline(followed, color="0.5", linewidth=0.8, linestyle=":")
    above.set_title(f"followed for {followed} steps", loc="right", size=10, color="0.4")
    above.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, borderaxespad=0.2)
    colours = {"one step": "C0", "free-running": "C3", "last value": "0.65"}
    for name, error in results["errors"].items():
        below.semilogy([max(e, 1e-8) for e in error], color=colours[name], linewidth=1, label=name)
    below.legend(loc="lower right", ncols=3, frameon=False)
    tidy(above, ylabel="x")
    tidy(below, xlabel="steps after the end of what was heard", ylabel="error, standard deviations")
    return figure
