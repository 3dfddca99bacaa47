"""A sheet to write on with a pen, a finger or the mouse. What was written comes once, when its writer has done (`pad.js`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from shared.errors import UserError
from ui.component import component

if TYPE_CHECKING:
    from handwriting.styles.style import Style

WORDS = "the quick brown fox"
"""to write, unless the visitor likes others better"""
LONGEST_WORDS = 60
"""characters"""
MOST_POINTS = 20_000
"""of a drawing; more are not recorded, and not believed"""

_pad = component("pad")


def show(turn: int, key: str, on_drawn: Callable[[Any], None]) -> None:
    """Shows the sheet.

    Args:
        turn: with another number than last time, the sheet is empty again.
        key: of the component.
        on_drawn: is given what was drawn, as the browser tells it, before the page is run again.
    """

    def drawn() -> None:
        answer = st.session_state[key].drawn
        if answer is not None:
            on_drawn(answer)

    data = {"words": WORDS, "longest": LONGEST_WORDS, "most": MOST_POINTS, "turn": turn}
    _pad(data=data, key=key, on_drawn_change=drawn)


def read(answer: Any) -> Style:
    """The hand that was drawn, from what the browser tells: nothing of it is believed before it is looked at.

    Raises:
        UserError: if it is no drawing, or does not show a hand.
    """
    from handwriting.styles.drawn import in_one_line, sample_from

    try:
        words, rows, height = str(answer["words"])[: 2 * LONGEST_WORDS], int(answer["rows"]), float(answer["height"])
        if sum(map(len, answer["strokes"])) > MOST_POINTS:
            raise UserError(f"the drawing has more than {MOST_POINTS:,} points; a hand is seen in far fewer")
        strokes = [np.array(stroke, np.float64).reshape(-1, 3) for stroke in answer["strokes"]]
        if not (rows >= 1 and height >= 1):
            raise ValueError("a sheet without rows")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError("this is no drawing that the sheet has sent; clear it, and write again") from error
    return sample_from(in_one_line(strokes, rows, height, max(1, len(words))), words)
