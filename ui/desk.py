"""The desk that a card lies on while it is made: its words are written before the visitor's eyes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from handwriting.formats import encode

if TYPE_CHECKING:
    from handwriting.page import Page

_here = Path(__file__).parent
_desk = st.components.v2.component(
    "show_and_scribe.desk",
    html=(_here / "desk.html").read_text(encoding="utf-8"),
    css=(_here / "desk.css").read_text(encoding="utf-8"),
    js=(_here / "desk.js").read_text(encoding="utf-8"),
)


def lay(card: Page, words: str) -> dict[str, Any]:
    """A card as `show` takes it.

    Args:
        card: with its ink, or still without.
        words: what tells its ink from other ink; new ink is written before the visitor's eyes, old ink stands there.
    """
    svg = encode(card, ".animated.svg")[0].decode()
    return {"svg": svg, "alt": describe(card), "shape": card.paper.width / card.paper.height, "words": words}


def show(laid: dict[str, Any]) -> None:
    """Shows a card."""
    _desk(data=laid, key="desk")


def describe(card: Page) -> str:
    """What is on a card, for those who do not see it."""
    shown = next((picture.alt for picture in card.pictures if picture.alt), "")
    photo = f"The photo: {shown}" if shown else "A photo."
    said = f" Written by hand: {' '.join(card.text.split())}" if card.text else ""
    return f"A postcard. {photo}{said}"
