"""Whether a line's last stroke is part of it. The soft window cannot tell: it runs ahead of the pen, so a line's last dot or bar is
often made when the window has left the text, and so is what a network draws when there is nothing left to write. A reader can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int

from handwriting.recogniser.reader import Reader
from handwriting.sample import Line
from handwriting.strokes import Strokes


def settled(strokes: Strokes, characters: Int[np.ndarray, " T"], end: int) -> int:
    """How many points of a line are its own for sure: all, or all before the last stroke, if that was begun when the window was at
    the text's last character or past it.

    Args:
        strokes: of the line, which may still go on.
        characters: which character of the text the window read most as each point was made.
        end: how many characters the text has.
    """
    lifts = np.flatnonzero(strokes[:-1, 2] > 0.5)
    begin = int(lifts[-1]) + 1 if len(lifts) else 0
    return begin if begin and characters[begin] >= end - 1 else len(strokes)


def without_what_is_no_part(
    lines: Sequence[Line], texts: Sequence[str], reader: Reader
) -> tuple[list[Line], list[float]]:
    """The lines, without last strokes that make them harder to read as their texts; and how readable they are.

    Returns:
        the lines, and the log-probability of each one's text, nats.
    """
    doubtful = [
        (place, keep)
        for place, (line, text) in enumerate(zip(lines, texts, strict=True))
        if (keep := settled(line.strokes, line.characters, len(text))) < len(line.strokes)
    ]
    shorter = [_cut(lines[place], keep, len(texts[place])) for place, keep in doubtful]
    chances = reader.log_probability(
        [line.strokes for line in (*lines, *shorter)], [*texts, *(texts[place] for place, _ in doubtful)]
    )
    chosen, readable = list(lines), chances[: len(lines)]
    for (place, _), line, chance in zip(doubtful, shorter, chances[len(lines) :], strict=True):
        if chance > readable[place]:
            chosen[place], readable[place] = line, chance
    return chosen, readable


def _cut(line: Line, keep: int, end: int) -> Line:
    """A line without its last stroke. If the window had left the text by then, the pen was lifted at the text's end in time."""
    left = bool((line.characters >= end).any())
    coverage = line.coverage._replace(finished=line.coverage.finished or left)
    return replace(line, strokes=line.strokes[:keep], characters=line.characters[:keep], coverage=coverage)
