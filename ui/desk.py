"""The desk that a card lies on while it is made: its words are written before the visitor's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handwriting.formats import encode
from ui.component import component

if TYPE_CHECKING:
    from handwriting.page import Page

_desk = component("desk")


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
