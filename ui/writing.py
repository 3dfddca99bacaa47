"""A text that somebody wants written: the work behind it, and the pen that shows it from the first letter on."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from handwriting.pace import POINTS_PER_SECOND
from handwriting.sheet import Sheet
from ui import jobs, models, pen
from ui.hands import Chosen
from ui.inks import Ink as Look
from ui.leaves import Wet, lay

if TYPE_CHECKING:
    from handwriting import Ink, Scribe
    from handwriting.drawing import Stretch
    from handwriting.page import Page

FAR, NEAR = 0.5, 0.1
"""ink is sent again when there is so much more of it, as a share of what was sent: while the pen has far to go, and when it may
have come to the end"""
PAUSES = 10
"""times as long as gathering the ink takes, which is then let alone: very long texts would hold up the work itself"""
HASTE = 4 * POINTS_PER_SECOND
"""points a second of a pen that is played fast"""


@dataclass(frozen=True)
class Wish:
    """What to write, and how: what `handwriting write` is told."""

    text: str
    bias: float
    seed: int
    hand: Chosen
    best_of: int = 1
    model: str = ""

    @property
    def question(self) -> tuple[Any, ...]:
        """All that the ink depends on."""
        model = self.model or models.scribe_names()[0]
        return "write", self.text, self.bias, self.seed, self.hand.name, self.best_of, model

    def start(self, slot: str = "write") -> jobs.Job[Stretch, Ink]:
        """The visitor's job of writing it; see `jobs.start`.

        Raises:
            UserError: when there is nothing to write.
        """
        Wet(self.text, self.bias)
        return jobs.start(slot, self.question, models.scribe(self.model), self._write)

    def _write(self, scribe: Scribe) -> Generator[Stretch, None, Ink]:
        return scribe.stream(self.text, bias=self.bias, seed=self.seed, style=self.hand.hand, best_of=self.best_of)


class Writing:
    """Shows a job of writing with the pen: what there is of the ink, and then all of it.

    Args:
        wish: what is written.
        sheet: the paper; None for paper of the ink's own size.
        look: of the ink.
    """

    def __init__(self, wish: Wish, sheet: Sheet | None, look: Look) -> None:
        self.wish, self.sheet, self.look = wish, sheet, look
        self._wet = Wet(wish.text, wish.bias, wish.seed, wish.hand.hand)
        # Until the first letter, the paper that it will be on.
        self._sent: dict[str, Any] = {"pages": lay((), sheet, wish.seed, self._wet.expected)}
        self._portions, self._rested = Portions(), 0.0

    def show(self, job: jobs.Job[Stretch, Ink]) -> None:
        """The pen, for `jobs.watch`."""
        if job.state == "done":
            pen.play(self.wish.question, self.pages(job), self.look)
            return
        self._take(list(job.pieces))
        pen.play(self.wish.question, **self._sent, ink=self.look, over=job.over)

    def pages(self, job: jobs.Job[Stretch, Ink]) -> list[Page]:
        """All pages, laid out once for each paper: a click that changes neither should not wait for that."""
        of, paper, pages = st.session_state.get("pages laid out", (None, None, None))
        if of is not job or paper != self.sheet:
            pages = lay(job.result.lines, self.sheet, self.wish.seed)
            st.session_state["pages laid out"] = job, self.sheet, pages
        return pages

    def progress(self, job: jobs.Job[Stretch, Ink]) -> float:
        """How much of the text has been written, for `jobs.watch`."""
        return self._wet.share(job.pieces)

    def _take(self, stretches: list[Stretch]) -> None:
        """Lays out what there is, unless it is hardly more than was sent."""
        began = time.monotonic()
        if began < self._rested:
            return
        playable = self._wet.playable(stretches)
        self._rested = began + PAUSES * (time.monotonic() - began)
        points = sum(len(line.strokes) for line in playable.lines)
        if not self._portions.due(points, time.monotonic()):
            return
        pages = lay(playable.lines, self.sheet, self.wish.seed, self._wet.expected)
        share = sum(len(line.text) for line in playable.lines) / sum(self._wet.expected)
        self._sent = {"pages": pages, "places": playable.places, "share": share}


class Portions:
    """When to send ink again that goes on growing: all of it travels each time, so not at every point."""

    def __init__(self) -> None:
        self._sent, self._since = 0, 0.0

    def due(self, points: int, now: float) -> bool:
        """Whether so many points should be sent at that time, in seconds; taken to be done if so."""
        self._since = now if not self._sent else self._since
        near = (now - self._since) * HASTE >= self._sent
        if points == self._sent or abs(points - self._sent) < (NEAR if near else FAR) * self._sent:
            return False
        self._sent = points
        return True


def pages_of(ink: Ink, look: Look, sheet: Sheet | None) -> list[Page]:
    """What `handwriting write` would put into files."""
    from handwriting.page import Pen

    return ink.pages(sheet, Pen(look.colour, look.width)) if sheet else [ink.page(look.colour, look.width)]
