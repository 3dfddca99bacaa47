"""From the symbols of frames to a text (connectionist temporal classification, Graves et al. 2006).

A path is one symbol a frame. It says the text that is left when repeats are merged and blanks taken out: the probability of a
text is the sum over all its paths.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from handwriting.recogniser.network import BLANK


def greedy(log_probabilities: Float[np.ndarray, "F S"]) -> list[int]:
    """What the most probable path says: quick, and nearly always what the most probable text is."""
    best = log_probabilities.argmax(-1).tolist()
    return [symbol for before, symbol in pairwise([BLANK, *best]) if symbol not in (before, BLANK)]


class Reading(NamedTuple):
    """A text that the ink may say."""

    symbols: tuple[int, ...]
    log_probability: float
    """nats, of all paths that the search followed; a lower bound of the text's"""


def beam_search(log_probabilities: Float[np.ndarray, "F S"], width: int = 16, symbols: int = 12) -> list[Reading]:
    """The most probable texts, the best first (prefix beam search; Graves 2012, sec. 7.5; Hannun et al. 2014).

    Beside each text stands how much probability its paths hold so far, apart by whether they end in a blank: only after a
    blank is the same symbol a new character.

    Args:
        log_probabilities: of the symbols at each frame.
        width: texts that are kept from frame to frame; with all of them the probabilities are exact.
        symbols: how many of a frame's symbols are tried, the most probable ones.

    Raises:
        ValueError: for a width or a number of symbols below 1.
    """
    if width < 1 or symbols < 1:
        raise ValueError(f"width and symbols must be at least 1, got {width} and {symbols}")
    kept: dict[tuple[int, ...], _Mass] = {(): _Mass(1.0, 0.0)}
    scale = 0.0
    for frame in np.exp(np.asarray(log_probabilities, dtype=np.float64)):
        likely = np.argsort(-frame)[:symbols]
        grown = _grow(kept, likely.tolist(), frame[likely].tolist())
        best = heapq.nlargest(width, grown.items(), key=lambda item: sum(item[1]))
        # Probabilities of long lines leave the range of numbers, so the best text always weighs 1.
        largest = sum(best[0][1])
        kept = {text: _Mass(mass[0] / largest, mass[1] / largest) for text, mass in best}
        scale += math.log(largest)
    return [Reading(text, math.log(sum(mass)) + scale) for text, mass in kept.items() if sum(mass)]


class _Mass(NamedTuple):
    """The probability of a text's paths."""

    blank: float
    """of those that end in a blank"""
    symbol: float
    """of those that end in the text's last symbol"""


def _grow(
    kept: dict[tuple[int, ...], _Mass], likely: list[int], probabilities: list[float]
) -> dict[tuple[int, ...], list[float]]:
    """One frame on: every path goes on with every likely symbol. Returns [blank, symbol] for each text."""
    grown: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for text, mass in kept.items():
        for symbol, probability in zip(likely, probabilities, strict=True):
            if symbol == BLANK:
                grown[text][0] += (mass.blank + mass.symbol) * probability
            elif text and symbol == text[-1]:
                grown[text][1] += mass.symbol * probability
                grown[*text, symbol][1] += mass.blank * probability
            else:
                grown[*text, symbol][1] += (mass.blank + mass.symbol) * probability
    return grown
