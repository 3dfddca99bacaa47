"""A few lines that show how far a network has come: written at each validation of a training."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from handwriting.model import Network, SynthesisNetwork
from handwriting.sample import Request, sample
from handwriting.strokes import Strokes
from handwriting.wander import wander

TEXTS = ("the quick brown fox", "Jumps over lazy dogs.", "written in 1984, she said")
BIAS = 0.75
POINTS = 320
"""of a line that has no text to end with"""


def write_samples(network: Network, number: int, seed: int) -> list[dict[str, Any]]:
    """Lines as JSON's plain values: "text", which is "" for a network that reads none, and "strokes" in tablet units.

    The same seed is the same chance, whatever the network; torch's own chance is left as it is. A line is cut where the numbers
    of a network that has run wild end.
    """
    if network.window is None:
        lines, texts = wander(network, number, POINTS, BIAS, seed), [""] * number
    else:
        texts = [TEXTS[place % len(TEXTS)] for place in range(number)]
        requests = [Request(text, BIAS, seed + place) for place, text in enumerate(texts)]
        lines = [line.strokes for line in sample(cast(SynthesisNetwork, network), requests)]
    return [{"text": text, "strokes": _plain(strokes)} for text, strokes in zip(texts, lines, strict=True)]


def _plain(strokes: Strokes) -> list[list[float]]:
    whole = np.isfinite(strokes).all(1)
    kept = strokes if whole.all() else strokes[: int(whole.argmin())]
    return [[round(float(dx), 1), round(float(dy), 1), int(up > 0.5)] for dx, dy, up in kept]
