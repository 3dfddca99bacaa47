"""How fast a network writes."""

from __future__ import annotations

import platform
import time
from typing import Any

import torch

from handwriting.model import SynthesisNetwork
from handwriting.sample import Request, sample
from handwriting.scribe import Scribe
from handwriting.sheet import Sheet
from shared.device import pick_device
from shared.pretrained import count_parameters

TEXT = "The quick brown fox jumps over the lazy dog."
BATCHES = (1, 8, 32)
PAGE = "\n".join([TEXT] * 30)


def benchmark(model: str, device: str, seconds: float) -> dict[str, Any]:
    """Writes the same line over and over, alone and in batches.

    Returns:
        for each batch size, points a second of one line and of all lines together, and lines a minute; and how long a page of 30
        lines takes, from the text to its strokes' places on the paper.
    """
    place = pick_device(device)
    network = SynthesisNetwork.from_pretrained(model).to(place)
    report: dict[str, Any] = {
        "model": model,
        "parameters": count_parameters(network),
        "device": torch.cuda.get_device_name(place) if place.type == "cuda" else platform.machine(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "text": TEXT,
    }
    sample(network, [Request("warm up")])
    for lines in BATCHES:
        report[f"{lines} at a time" if lines > 1 else "1 line"] = _measure(network, lines, seconds)
    begin = time.perf_counter()
    ink = Scribe(network).write(PAGE, seed=0)
    written = time.perf_counter()
    ink.pages(Sheet(paper="a4"))
    report["a page of 30 lines"] = {
        "seconds": round(time.perf_counter() - begin, 2),
        "of_which_layout": round(time.perf_counter() - written, 2),
        "lines_drawn": ink.draws,
    }
    return report


def _measure(network: SynthesisNetwork, lines: int, seconds: float) -> dict[str, float]:
    points = steps = runs = 0
    begin = time.perf_counter()
    while (elapsed := time.perf_counter() - begin) < seconds or not runs:
        written = sample(network, [Request(TEXT, 1.0, seed) for seed in range(runs * lines, (runs + 1) * lines)])
        points += sum(len(line.strokes) for line in written)
        steps += max(len(line.strokes) for line in written)
        runs += 1
    elapsed = time.perf_counter() - begin
    return {
        "points_a_second_a_line": round(steps / elapsed, 1),
        "points_a_second": round(points / elapsed, 1),
        "lines_a_minute": round(60 * runs * lines / elapsed, 1),
    }
