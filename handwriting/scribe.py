"""The scribe: give it a text, get ink."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from PIL.Image import Image

from handwriting import alphabet, formats, layout
from handwriting.model import SynthesisNetwork
from handwriting.page import INK_COLOUR, PEN_WIDTH, Page, Pen
from handwriting.sample import Line, sample
from handwriting.strokes import MM_PER_UNIT, Strokes, level
from shared.device import pick_device
from shared.errors import UserError

BATCH = 32
"""lines written at a time"""
ATTEMPTS = 5
"""how often a line is drawn, until the pen reaches its end"""
SEEDS, FAR = 2**63, 1_000_003
"""seeds are below the first; a line's next attempt has one so much further on, behind those of any text's lines (torch makes use of
the lowest 32 bits alone, so it cannot lie further off)"""


@dataclass(frozen=True)
class Ink:
    """A written text."""

    strokes: Strokes
    """dx, dy in mm and pen_up; lines one under the other"""
    text: str
    """what was asked for"""
    bias: float
    seed: int
    """the same text, bias and seed give the same ink"""
    characters: np.ndarray = field(repr=False)
    """[T] the position in `written` of the character that each point belongs to"""
    written: str = ""
    """what was written, in characters that the network knows, its lines separated by \\n"""
    replaced: dict[str, str] = field(default_factory=dict)
    """each character that the network cannot write, and what it wrote instead ("" for nothing)"""
    unfinished: tuple[str, ...] = ()
    """lines whose end the pen did not reach"""

    def page(self, colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> Page:
        """The ink on a paper of its own size; `width` of the pen in mm.

        Raises:
            UserError: for a colour that is none.
        """
        about: dict[str, str | int | float] = {"text": self.text, "seed": self.seed, "bias": self.bias}
        return Page.around(self.strokes, self.written, Pen(colour, width), about)

    def svg(self, colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> str:
        """SVG, one path a stroke; `width` of the pen in mm."""
        return formats.encode(self.page(colour, width), ".svg")[0].decode()

    def png(self, colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> bytes:
        """A PNG file of 305 dpi."""
        return formats.encode(self.page(colour, width), ".png")[0]

    def image(self, resolution: float = 12.0) -> Image:
        """A picture of `resolution` pixels a mm."""
        from handwriting.formats import png

        return png.draw(self.page(), resolution)

    def save(self, path: Path | str) -> Path:
        """Writes a file of the format that the ending names; see `formats.write_ink`."""
        return formats.write_ink(self.page(), path)[0]


class Scribe:
    """A synthesis network and the manners of writing with it. It keeps no state between calls: threads may share it."""

    def __init__(self, network: SynthesisNetwork) -> None:
        self.network = network

    @classmethod
    def from_pretrained(cls, name: str | Path = "default", device: str = "auto") -> Self:
        """The scribe of that name, folder or hub id.

        Raises:
            UserError: if there is none, or no such device.
        """
        return cls(SynthesisNetwork.from_pretrained(name).to(pick_device(device)))

    def write(self, text: str, *, bias: float = 0.75, seed: int | None = None) -> Ink:
        """Writes a text of any length; long ones are broken into lines.

        Args:
            text: what to write.
            bias: 0 writes as wildly as people do, 2 very neatly.
            seed: where chance comes from; by default a new one, found in the ink.

        Raises:
            UserError: for a text without anything to write, or a bias or seed out of range.
        """
        seed = random.randrange(2**31) if seed is None else seed
        if not 0 <= bias <= 10:
            raise UserError(f"bias must be between 0 (wild) and 10 (stiff), got {bias}; 0.5 to 1.5 looks best")
        if not 0 <= seed < SEEDS:
            raise UserError(f"seed must be a whole number from 0 to 2^63 - 1, got {seed}")
        rows, replaced = _rows(text)
        if not any(rows):
            raise UserError(
                "there is nothing to write: the text is empty"
                if not text.strip()
                else "there is nothing to write: the network knows none of these characters"
            )
        lines = self._sample([row for row in rows if row], bias, seed)
        inked = iter(lines)
        ink = [_to_paper(next(inked).strokes) if row else np.zeros((0, 3)) for row in rows]
        return Ink(
            strokes=layout.stack(ink),
            text=text,
            bias=bias,
            seed=seed,
            characters=_positions(rows, lines),
            written="\n".join(rows),
            replaced=replaced,
            unfinished=tuple(row for row, line in zip(filter(None, rows), lines, strict=True) if not line.finished),
        )

    def _sample(self, rows: Sequence[str], bias: float, seed: int) -> list[Line]:
        """All lines, in batches. A line that the pen does not reach the end of is drawn again, by other chance.

        Each has seeds of its own, which depend on its place in the text alone.
        """
        lines: dict[int, Line] = {}
        for attempt in range(ATTEMPTS):
            missed = [row for row in range(len(rows)) if row not in lines or not lines[row].finished]
            for start in range(0, len(missed), BATCH):
                batch = missed[start : start + BATCH]
                seeds = [(seed + row + attempt * FAR) % SEEDS for row in batch]
                drawn = sample(self.network, [rows[row] for row in batch], [bias] * len(batch), seeds)
                lines |= dict(zip(batch, drawn, strict=True))
        return [lines[row] for row in range(len(rows))]


def _rows(text: str) -> tuple[list[str], dict[str, str]]:
    """The text in lines that the network can write, and what was replaced."""
    rows: list[str] = []
    replaced: dict[str, str] = {}
    for line in text.strip().splitlines():
        plain, substitutes = alphabet.writable(line)
        replaced |= substitutes
        rows += layout.break_lines(plain) or [""]
    return rows, replaced


def _positions(rows: Sequence[str], lines: Sequence[Line]) -> np.ndarray:
    """For every point its character's position in the rows joined by line ends; past a line's end, its last character."""
    parts, start = [np.zeros(0, dtype=np.int64)], 0
    inked = iter(lines)
    for row in rows:
        if row:
            parts.append(start + next(inked).characters.clip(max=len(row) - 1))
        start += len(row) + 1
    return np.concatenate(parts)


def _to_paper(strokes: Strokes) -> Strokes:
    return level(strokes * np.array([MM_PER_UNIT, MM_PER_UNIT, 1.0]))
