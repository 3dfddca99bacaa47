"""What a line is worth that was drawn, and how much of one that failed is good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handwriting import tail
from handwriting.model import SynthesisNetwork
from handwriting.prime import Opening
from handwriting.recogniser.reader import Reader
from handwriting.sample import Line, Request, sample

READABLE = -0.3
"""nats a character that a reader gives a good line at least; one in twenty lines that people wrote (IAM-OnDB, split 2) has less"""
PANGRAMS = (
    "Pack my box with five dozen liquor jugs.",
    "The five boxing wizards jump quickly.",
    "How vexingly quick daft zebras jump!",
)
"""lines that have every letter: of people's, one in eighty has a z (IAM-OnDB)"""


class Draw(NamedTuple):
    """A line that was drawn."""

    line: Line
    faults: float
    """0 for a whole line; infinite for one without end"""
    log_probability: float
    """nats a character of its text, says a reader; 0 without one"""

    @property
    def is_good(self) -> bool:
        """Whether all of its text is there and can be read."""
        return not self.faults and self.log_probability >= READABLE

    @property
    def rank(self) -> tuple[float, float]:
        """The smallest is the best."""
        return self.faults, -self.log_probability


def judge(lines: Sequence[Line], texts: Sequence[str], reader: Reader | None) -> list[Draw]:
    """What lines are worth that were to say these texts, each without what is no part of it."""
    chances = [0.0] * len(lines)
    if reader:
        lines, chances = tail.without_what_is_no_part(lines, texts, reader)
    faults = [line.coverage.faults if line.coverage.finished else np.inf for line in lines]
    found = zip(lines, faults, chances, texts, strict=True)
    return [Draw(line, fault, chance / len(text)) for line, fault, chance, text in found]


def attempt(
    network: SynthesisNetwork,
    reader: Reader,
    texts: Sequence[str],
    bias: float,
    seeds: Sequence[int],
    openings: Sequence[Opening | None],
) -> list[Draw]:
    """Writes each text once, and judges it."""
    one_each = zip(texts, seeds, openings, strict=True)
    asked = [Request(text, bias, seed, opening) for text, seed, opening in one_each]
    return judge(sample(network, asked), texts, reader)


class Beginning(NamedTuple):
    """The first words of a line."""

    points: int
    """how many of the line's have been made by then: the pen is up"""
    text: str


NONE = Beginning(0, "")


def beginnings(line: Line, text: str) -> list[Beginning]:
    """Where a line can be cut between two words, the first place first: the pen was lifted there last before the window came to the
    next word, and nothing went wrong with a character before."""
    furthest = np.maximum.accumulate(line.characters)
    lifts = np.flatnonzero(line.strokes[:, 2] > 0.5) + 1
    wrong = min([*line.coverage.skipped, *line.coverage.repeated, *line.coverage.dwelt_on], default=len(text))
    found: list[Beginning] = []
    for space in (place for place, character in enumerate(text) if character == " " and place <= wrong):
        came = int(np.searchsorted(furthest, space + 1))
        before = lifts[lifts <= came]
        if came < len(furthest) and len(before) and before[-1] > (found[-1].points if found else 0):
            found.append(Beginning(int(before[-1]), text[:space]))
    return found


def good_beginnings(lines: Sequence[Line], texts: Sequence[str], reader: Reader | None) -> list[Beginning]:
    """The most words of each line, from the first on, that were a good line if there were no others; found by bisection."""
    choices = [[NONE, *beginnings(line, text)] for line, text in zip(lines, texts, strict=True)]
    low, high = [0] * len(lines), [len(own) - 1 for own in choices]
    while reader and (unsure := [place for place in range(len(lines)) if low[place] < high[place]]):
        middle = [(low[place] + high[place] + 1) // 2 for place in unsure]
        tried = [choices[place][number] for place, number in zip(unsure, middle, strict=True)]
        ink = [lines[place].strokes[: one.points] for place, one in zip(unsure, tried, strict=True)]
        chances = reader.log_probability(ink, [one.text for one in tried])
        for place, number, one, chance in zip(unsure, middle, tried, chances, strict=True):
            if chance >= READABLE * len(one.text):
                low[place] = number
            else:
                high[place] = number - 1
    return [own[number] for own, number in zip(choices, low if reader else high, strict=True)]
