"""How fast each cell runs: whole sequences by this core, by torch's own layer where there is one, and by a plain loop."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from shared.device import pick_device
from shared.lab.cells import check_cells
from shared.lab.report import Results, new_figure, tidy
from shared.rnn.cell import LibraryCell
from shared.rnn.choice import build
from shared.rnn.core import Core, unroll
from shared.rnn.graphs import Graphed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WAYS = {
    "this core": "C0",
    "torch.nn": "C2",
    "CUDA graph": "C4",
    "plain loop": "0.7",
}
"""how a sequence may be run, with the colour of its bar"""
Run = Callable[[], Tensor]


def run(
    cells: Sequence[str], batch: int, steps: int, units: int, rounds: int, threads: int, device: str, seed: int
) -> Results:
    """Times every cell in every way, one after the other in each round, so that a noisy machine is noisy to all alike."""
    check_cells(cells)
    place = pick_device(device)
    if threads:
        torch.set_num_threads(threads)
    xs = torch.randn(batch, steps, units, device=place, requires_grad=True)
    runs: dict[tuple[str, str], Run] = {}
    for name in cells:
        runs |= {(name, way): ways for way, ways in _ways(build(name, units, units).to(place), xs).items()}  # type: ignore[attr-defined]
    rows = [
        {"cell": name, "way": way, "kept_mib": _kept_for_backward(sequence)} for (name, way), sequence in runs.items()
    ]
    forward: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    both: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for _ in range(rounds):
        for key, sequence in runs.items():
            forward[key].append(_seconds(torch.no_grad()(sequence), place))
            both[key].append(_seconds(lambda sequence=sequence: sequence().sum().backward(), place))  # type: ignore[misc]
    for row, key in zip(rows, runs, strict=True):
        row |= {"forward_us": _a_step(forward[key], steps), "both_us": _a_step(both[key], steps)}
    return {
        "machine": torch.cuda.get_device_name(place) if place.type == "cuda" else platform.machine(),
        "threads": torch.get_num_threads(),
        "table": rows,
        "found": _ratios(rows),
    }


def _ways(core: Core, xs: Tensor) -> dict[str, Run]:
    """The ways in which this core can be run, from the same weights."""
    ways: dict[str, Run] = {"this core": lambda: unroll(core, xs)[0]}
    if isinstance(core, LibraryCell):
        ways["torch.nn"] = lambda: core.library(xs)[0]
    elif xs.is_cuda:
        graphed = Graphed(core, after=0)
        ways["CUDA graph"] = lambda: unroll(graphed, xs)[0]
    ways["plain loop"] = lambda: plain_loop(core, xs)
    return ways


def plain_loop(core: Core, xs: Tensor) -> Tensor:
    """As it is written at first: cell after cell, nothing hoisted, nothing deferred."""
    state, outputs = core.initial_state(len(xs)), []
    for t in range(xs.shape[1]):
        y, state = core(xs[:, t], state)
        outputs.append(y)
    return torch.stack(outputs, 1)


def _seconds(function: Callable[[], object], place: torch.device) -> float:
    if place.type == "cuda":
        torch.cuda.synchronize(place)
    start = time.perf_counter()
    function()
    if place.type == "cuda":
        torch.cuda.synchronize(place)
    return time.perf_counter() - start


def _a_step(seconds: Sequence[float], steps: int) -> float:
    """Microseconds a step, the median of the rounds."""
    return round(statistics.median(seconds) / steps * 1e6, 1)


def _kept_for_backward(sequence: Run) -> float:
    """MiB that one sequence keeps until its backward pass. It also warms the caches up."""
    storages: dict[int, torch.UntypedStorage] = {}

    def note(tensor: Tensor) -> Tensor:
        storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        outputs = sequence()
    outputs.sum().backward()
    return round(sum(storage.nbytes() for storage in storages.values()) / 2**20, 1)


def _ratios(rows: Sequence[dict[str, object]]) -> dict[str, dict[str, float]]:
    """Forward + backward of each cell as this core runs it: times nn.LSTM, and how many times faster than the plain loop."""
    time_of = {(row["cell"], row["way"]): row["both_us"] for row in rows}
    best = {cell: time_of.get((cell, "CUDA graph"), time_of[cell, "this core"]) for cell, _ in time_of}
    ratios: dict[str, dict[str, float]] = {}
    for cell, own in best.items():
        ratios[str(cell)] = {"faster_than_plain_loop": round(time_of[cell, "plain loop"] / own, 2)}  # type: ignore[operator]
        if ("lstm", "torch.nn") in time_of:
            ratios[str(cell)]["times_nn_lstm"] = round(own / time_of["lstm", "torch.nn"], 2)  # type: ignore[operator]
    return ratios


def tell(results: Results) -> str:
    """The results as a table."""
    lines = [f"{'cell':18}{'run by':12}{'forward':>10}{'+ backward':>12}{'kept':>10}"]
    lines += [f"{'':30}{'µs a step':>10}{'µs a step':>12}{'MiB':>10}"]
    for row in results["table"]:
        lines.append(f"{row['cell']:18}{row['way']:12}{row['forward_us']:>10}{row['both_us']:>12}{row['kept_mib']:>10}")
    return "\n".join(lines)


def draw(results: Results) -> Figure:
    """Forward + backward as bars, a group for each cell."""
    rows = results["table"]
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    figure = new_figure(height=1.2 + 0.55 * len(cells))
    axes = figure.subplots()
    for way, colour in WAYS.items():
        own = [row for row in rows if row["way"] == way]
        if own:
            shift = list(WAYS).index(way) * 0.24 - 0.36
            places = [cells.index(row["cell"]) + shift for row in own]
            axes.barh(places, [row["both_us"] for row in own], height=0.22, color=colour, label=way)
    axes.set_yticks(range(len(cells)), cells)
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower right")
    tidy(axes, xlabel=f"forward + backward, µs a step ({results['machine']}, {results['threads']} threads)")
    return figure
