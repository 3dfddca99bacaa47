"""Whether a line says what it should, as far as the soft window tells: the network knows which character it was writing.

The bounds are those of real ink. When the network reads 160 lines of IAM-OnDB's split 2 that people wrote, its window spends 3.0 to
75.3 points on a character of all but two of them (2.8 and 106.1), and never goes back by more than 2 characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

LEAST_POINTS, MOST_POINTS = 3.0, 90.0
"""on one character"""
LARGEST_STEP_BACK = 2
"""characters"""


class Coverage(NamedTuple):
    """What went wrong with a line, as positions in its text; nothing, if all are empty and it is finished."""

    finished: bool
    """whether the window reached the end of the text"""
    skipped: tuple[int, ...]
    """characters on which hardly a point was spent; a space needs none"""
    repeated: tuple[int, ...]
    """characters that the window went back to after it had gone on"""
    dwelt_on: tuple[int, ...]
    """characters that so many points were spent on that something else must have been drawn"""

    @property
    def whole(self) -> bool:
        """Whether every character was written once, and the line ended."""
        return self.finished and not self.faults

    @property
    def lost(self) -> bool:
        """Whether no further point can make a whole line of it."""
        return bool(self.repeated or self.dwelt_on)

    @property
    def faults(self) -> int:
        """How many characters went wrong."""
        return len(self.skipped) + len(self.repeated) + len(self.dwelt_on)

    def at(self, places: Sequence[int]) -> Coverage:
        """The same, as positions in another text: that of each of this one's characters."""
        return Coverage(self.finished, *(tuple(places[place] for place in wrong) for wrong in self[1:]))


WHOLE = Coverage(finished=True, skipped=(), repeated=(), dwelt_on=())


def coverage(
    text: str, characters: Int[np.ndarray, " T"], spent: Float[np.ndarray, " U"], finished: bool = True
) -> Coverage:
    """Judges a line.

    Args:
        text: what it should say.
        characters: which character the window read most as each point was made; len(text) past the end.
        spent: points spent on each character.
        finished: whether the window reached the end.
    """
    inked = np.array([character != " " for character in text])
    furthest = np.maximum.accumulate(characters)
    again = np.unique(characters[furthest - characters > LARGEST_STEP_BACK])
    return Coverage(
        finished,
        tuple(np.flatnonzero(inked & (spent < LEAST_POINTS)).tolist()),
        tuple(again.tolist()),
        tuple(np.flatnonzero(spent > MOST_POINTS).tolist()),
    )
