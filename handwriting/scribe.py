"""The scribe: give it a text, get ink."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from handwriting.coverage import WHOLE
from handwriting.drawing import BATCH, Drawing, Stretch, check_seed, to_mm
from handwriting.ink import Ink, InkLine
from handwriting.manuscript import Bias, Manuscript, Row
from handwriting.model import SynthesisNetwork
from handwriting.prime import Hand
from handwriting.recogniser.reader import Reader
from handwriting.sample import Line
from shared.device import pick_device
from shared.errors import UserError
from shared.pretrained import device_of

NOTHING = Line(np.zeros((0, 3)), np.zeros(0, dtype=np.int64), WHOLE)
"""what the network writes of a row without anything for it"""


class Scribe:
    """A synthesis network and the manners of writing with it. It keeps no state between calls: threads may share it.

    Args:
        network: what moves the pen.
        reader: who chooses among several draws of a line, and tells what is no part of it; by default the shipped recogniser.
    """

    def __init__(self, network: SynthesisNetwork, reader: Reader | None = None) -> None:
        self.network, self._reader = network, reader

    @classmethod
    def from_pretrained(cls, name: str | Path = "default", device: str = "auto") -> Self:
        """The scribe of that name, folder or hub id.

        Raises:
            UserError: if there is none, or no such device.
        """
        return cls(SynthesisNetwork.from_pretrained(name).to(pick_device(device)))

    def write(
        self,
        text: str,
        *,
        bias: Bias = 0.75,
        seed: int | None = None,
        style: Hand | None = None,
        best_of: int = 1,
        watch: Callable[[Stretch], object] = lambda _: None,
    ) -> Ink:
        """Writes a text of any length; long lines are broken.

        A line on which the network skips, repeats or never ends something is drawn again, and so is one that is hard to
        read; the words before that are kept.

        Args:
            text: what to write.
            bias: 0 writes as wildly as people do, 2 very neatly; one for each line or word if wanted, see `Bias`.
            seed: where chance comes from; by default a new one, found in the ink.
            style: ink whose hand is taken on; without it the hand is the seed's own, the same in all lines.
            best_of: how often each line is drawn, of which a reader chooses the one that is easiest to read.
            watch: is given each piece of ink as `stream` yields it.

        Raises:
            UserError: for a text without anything to write, or a bias, seed or number out of range.
        """
        stretches = self.stream(text, bias=bias, seed=seed, style=style, best_of=best_of)
        while True:
            try:
                watch(next(stretches))
            except StopIteration as end:
                return end.value

    def stream(
        self, text: str, *, bias: Bias = 0.75, seed: int | None = None, style: Hand | None = None, best_of: int = 1
    ) -> Generator[Stretch, None, Ink]:
        """`write`, and each piece of ink as soon as it is made; with `best_of` above 1, as soon as it is chosen. Between two
        pieces, of which some are without ink, there is little work: whoever wants no more just stops asking.

        Returns:
            the ink, when all has been yielded.
        """
        seed = random.randrange(2**31) if seed is None else int(seed)
        check_seed(seed)
        if not 1 <= best_of <= BATCH:
            raise UserError(f"a line can be the best of 1 to {BATCH}, got {best_of}")
        manuscript = Manuscript.of(text, bias)
        inked = [row for row in manuscript.rows if row.text]
        drawing = Drawing(self.network, inked, seed, best_of, self.reader)
        yield from drawing.run(style)
        lines = finished(manuscript.rows, drawing)
        name = str(getattr(style, "name", ""))
        return Ink(lines, text, bias, seed, manuscript.replaced, drawing.draws, drawing.failures, name)

    @property
    def reader(self) -> Reader:
        """The recogniser that chooses."""
        self._reader = self._reader or Reader.from_pretrained(device=str(device_of(self.network)))
        return self._reader


def finished(rows: Sequence[Row], drawing: Drawing) -> tuple[InkLine, ...]:
    """Rows ready for the paper, those that have something for the network as the drawing has them at best."""
    drawn = (drawing.best[row].line for row in range(len(drawing.rows)))
    lines = (next(drawn) if row.text else NOTHING for row in rows)
    return tuple(
        _ink_line(row, line, drawing, number) for number, (row, line) in enumerate(zip(rows, lines, strict=True))
    )


def _ink_line(row: Row, line: Line, drawing: Drawing, number: int) -> InkLine:
    characters, seed = line.characters.clip(max=max(len(row.text) - 1, 0)), drawing.seed + number
    return InkLine.of(row, to_mm(line.strokes), characters, len(row.text), line.coverage, drawing.shape, seed)
