"""Words set side by side in rows, as many as the width of their ink allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from handwriting.hyphens import break_word
from handwriting.sheet import Alignment
from handwriting.words import Word

MOST_STRETCH = 3.0
"""x-heights that a space is widened by to justify a row; one that would need more stays as it is"""


@dataclass(frozen=True)
class Row:
    """Words on one baseline."""

    words: tuple[Word, ...]
    indent: float = 0.0
    """mm, before the first word"""
    ends_paragraph: bool = False

    @property
    def width(self) -> float:
        """mm with the indent, up to the end of the last ink."""
        return float(self.indent + sum(word.width for word in self.words) + sum(word.gap for word in self.words[:-1]))

    def places(self, room: float, align: Alignment, x_height: float) -> Float[np.ndarray, " W"]:
        """Where each word begins, in a row of `room` mm."""
        free = max(room - self.width, 0.0)
        places = self.indent + np.cumsum([0.0, *(word.width + word.gap for word in self.words[:-1])])
        if align == "justify":
            spaces = np.cumsum([0, *(word.ends for word in self.words[:-1])])  # before each word
            widened = free / max(spaces[-1], 1)
            return places + widened * spaces if self._justified(widened, x_height) else places
        return places + free * {"left": 0.0, "centre": 0.5, "right": 1.0}[align]

    def _justified(self, widened: float, x_height: float) -> bool:
        return (
            not self.ends_paragraph
            and any(word.ends for word in self.words[:-1])
            and widened <= MOST_STRETCH * x_height
        )


def flow(
    paragraph: Sequence[Word], room: float, indent: float = 0.0, *, hyphenate: bool = False, x_height: float = 1.0
) -> list[Row]:
    """The words of a paragraph in rows of at most `room` mm; one empty row for no words.

    A word that is longer than a row is broken, if that is wanted and can be, and otherwise shrunk to the length of a row.

    Args:
        indent: mm, of the first row.
        hyphenate: whether words are also broken to fill a row.
        x_height: mm, of the writing.
    """
    rest = list(reversed(paragraph))
    rows: list[Row] = []
    words: list[Word] = []
    end = indent
    while rest:
        word = rest.pop()
        start = end + (words[-1].gap if words else 0.0)
        if start + word.width <= room:
            words.append(word)
            end = start + word.width
            continue
        if hyphenate and (parts := break_word(word, room - start, x_height)):
            words.append(parts.before)
            rest.append(parts.after)
        elif words:
            rest.append(word)
        else:
            words.append(word.shaped((room - start) / word.width))
        rows.append(Row(tuple(words), indent if not rows else 0.0))
        words, end = [], 0.0
    if words or not rows:
        rows.append(Row(tuple(words), indent if not rows else 0.0))
    return [*rows[:-1], Row(rows[-1].words, rows[-1].indent, ends_paragraph=True)]
