"""The pen that writes ink again before the visitor's eyes, at the speed of a hand.

All playing happens in the browser (`pen.js`): ink is sent once, and pausing, seeking and speed cost no rerun.
Text travels as data and is never part of the page's HTML.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import streamlit as st

from handwriting.pace import pen_times

if TYPE_CHECKING:
    from handwriting import Ink

MARGIN = 6.0
"""mm of paper around the ink"""


class InkColour(NamedTuple):
    """An ink as it is on white paper, and as it is shown on a dark screen."""

    paper: str
    dark_screen: str


INKS = {
    "Blue-black": InkColour("#1c2b57", "#b5c6ee"),
    "Black": InkColour("#1d1d1f", "#ecebe6"),
    "Royal blue": InkColour("#2450b8", "#8fb0fa"),
    "Moss green": InkColour("#24573a", "#97d3ae"),
    "Violet": InkColour("#5b2a86", "#cdb0ef"),
    "Red": InkColour("#a5262c", "#f4a3a0"),
}

_here = Path(__file__).parent
_player = st.components.v2.component(
    "show_and_scribe.pen",
    html=(_here / "pen.html").read_text(encoding="utf-8"),
    css=(_here / "pen.css").read_text(encoding="utf-8"),
    js=(_here / "pen.js").read_text(encoding="utf-8"),
)


def play(ink: Ink, colour: InkColour, width: float) -> None:
    """Shows ink being written.

    Args:
        ink: what is written; other ink than last time starts to play, the same one only changes its looks.
        colour: of the ink.
        width: of the line, mm.
    """
    looks = {"colour": colour.paper, "darkColour": colour.dark_screen, "width": width}
    _player(data={"ink": sheet(ink), "looks": looks}, key="pen")


def sheet(ink: Ink) -> dict[str, Any]:
    """What `pen.js` needs to know of some ink: points in mm from the paper's corner, and when (s) the pen is there."""
    strokes = ink.strokes
    points = np.cumsum(strokes[:, :2], 0)
    points = points - points.min(0) + MARGIN
    paper = points.max(0) + MARGIN
    return {
        "name": f"{ink.seed} {ink.bias} {ink.text}",
        "text": ink.written,
        "paper": [round(float(side), 2) for side in paper],
        "x": points[:, 0].round(3).tolist(),
        "y": points[:, 1].round(3).tolist(),
        "time": pen_times(strokes).round(3).tolist(),
        "penUp": (strokes[:, 2] > 0.5).tolist(),
        "character": ink.characters.tolist(),
    }
