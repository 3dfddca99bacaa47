"""The ink of a written line cut into its words, which can then be set anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from handwriting import strokes as ink_of
from handwriting.guides import Guides, guides
from handwriting.letters import apart
from handwriting.owners import share_out
from handwriting.strokes import Points, Strokes

if TYPE_CHECKING:
    from handwriting.ink import InkLine

ACROSS = 10
"""points of a stroke that must be of another word, for it to run across both; the window errs by fewer"""
USUAL_GAP = 1.2
"""of the x-height, between words: for a line of one word"""


@dataclass(frozen=True)
class Word:
    """A piece of ink that is moved as one: a word with its punctuation, or several that were written without lifting the pen.

    All lengths are mm; it begins at x = 0 and stands on y = 0.
    """

    text: str
    strokes: Strokes = field(repr=False)
    """the first offset is the way from (0, 0)"""
    characters: Int[np.ndarray, " T"] = field(repr=False)
    """the position in `text` of each point's character"""
    gap: float = 0.0
    """from its right end to the left end of the next word, as its writer left it; may be negative where tails reach over"""
    ends: bool = True
    """whether the word ends with it; otherwise it was too long for a line of the network, and goes on in the next piece"""

    @property
    def width(self) -> float:
        """From the first ink to the last."""
        return ink_of.bounds(self.strokes)[2]

    @classmethod
    def of(
        cls,
        text: str,
        strokes: Sequence[Points],
        characters: Int[np.ndarray, " T"],
        gap: float = 0.0,
        ends: bool = True,
    ) -> Word:
        """A word of strokes as absolute points, with y counted from the baseline, at any x."""
        left = min(stroke[:, 0].min() for stroke in strokes)
        return cls(text, ink_of.join([stroke - [left, 0.0] for stroke in strokes]), characters, float(gap), ends)

    def shaped(self, scale: float, slant: float = 0.0) -> Word:
        """It `scale` times as large, and leaning to the right by so much more (tangent of the angle)."""
        lean = np.array([[scale, 0.0], [-slant * scale, scale]])
        moved = [stroke @ lean for stroke in ink_of.split(self.strokes)]
        return Word.of(self.text, moved, self.characters, self.gap * scale, self.ends)


def words(line: InkLine, guide: Guides | None = None) -> list[Word]:
    """The words of a line, in order; together they have all of its ink. None for an empty line.

    Dots and crosses that were made after a word, or when the window had gone on, go with the word that they stand over. A word
    that has no ink (the network skipped it, or did not lift the pen before it) is one with its neighbour.

    Args:
        line: text, ink in mm, and which character each point belongs to.
        guide: where it stands, if that was measured before.
    """
    spans = [found.span() for found in re.finditer(r"\S+", line.text)]
    if not spans or len(line.strokes) == 0:
        return []
    guide = guide or guides(line.text, line.strokes, line.characters)
    written = apart(line.strokes, line.characters)
    strokes, characters = [guide.lift(stroke.points) for stroke in written], [stroke.characters for stroke in written]
    starts = [start for start, _ in spans]
    # A space is where the pen finishes the word before it.
    owners = [(np.searchsorted(starts, own, "right") - 1).clip(0) for own in characters]
    in_space = [bool(np.mean([line.text[one].isspace() for one in own]) > 0.5) for own in characters]
    found, edges = [], []
    for first, last, members in share_out(strokes, owners, in_space, len(spans), ACROSS):
        start, end = spans[first][0], spans[last][1]
        ink = [strokes[member] for member in members]
        own = np.concatenate([characters[member] for member in members])
        found.append(Word.of(line.text[start:end], ink, (own - start).clip(0, end - start - 1)))
        edges.append((min(stroke[:, 0].min() for stroke in ink), max(stroke[:, 0].max() for stroke in ink)))
    gaps = [float(after[0] - before[1]) for before, after in pairwise(edges)]
    last_gap = float(np.median(gaps)) if gaps else USUAL_GAP * guide.x_height
    return [replace(word, gap=gap) for word, gap in zip(found, [*gaps, last_gap], strict=True)]
