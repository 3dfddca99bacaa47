"""Several takes of a text side by side, of which one is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from handwriting.layout import break_lines
from ui import jobs
from ui.inks import Ink as Look
from ui.writing import Wish

if TYPE_CHECKING:
    from handwriting import Ink
    from handwriting.drawing import Stretch

MOST = 4
PAPER = "#fffefa"
LINES = 3
"""of a long text that are compared: they are the same as when all of it is written"""


def beginning(text: str) -> str:
    """As much of a text as is compared."""
    shown: list[str] = []
    for line in text.strip().splitlines():
        pieces = break_lines(line)
        room = LINES - sum(len(break_lines(one)) for one in shown)
        if len(pieces) >= room:
            return "\n".join([*shown, " ".join(pieces[:room])])
        shown.append(line)
    return "\n".join(shown)


def compare(wish: Wish, count: int, look: Look, prefix: str = "") -> None:
    """Shows takes of a text with the seeds from the wish's on; a click on one makes its seed the page's.

    Raises:
        UserError: when there is nothing to write.
    """
    text = beginning(wish.text)
    columns = [column for _ in range(0, count, 2) for column in st.columns(2)]  # on a phone they stand in this order
    for number, column in zip(range(count), columns, strict=False):
        take = replace(wish, text=text, seed=wish.seed + number)
        with column.container(border=True):
            jobs.watch(take.start(f"{prefix}take {number}"), lambda job: _picture(job, look), label="Writing…")
            st.button(
                f"Take this one: seed {take.seed}", key=f"{prefix}take-{number}", on_click=_choose, args=(prefix, take.seed),
                icon=":material/check:",
            )  # fmt: skip
    if text != wish.text.strip():
        st.caption(f"The first {LINES} lines; they are the same when all of it is written.")


def _picture(job: jobs.Job[Stretch, Ink], look: Look) -> None:
    if job.state != "done":
        return
    from handwriting.formats.svg import draw

    page = job.result.page(look.colour, look.width)
    # White paper is left out of an SVG, and dark ink could not be seen on a dark screen.
    page = replace(page, paper=replace(page.paper, colour=PAPER))
    st.image(draw(page), alt=f"Handwriting: {job.result.written}", width="stretch")


def _choose(prefix: str, seed: int) -> None:
    st.session_state[f"{prefix}seed"] = float(seed)
    st.session_state[f"{prefix}takes"] = 1
