"""Hands to choose from, side by side: each is shown by a line of its own ink (`gallery.js`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import streamlit as st

from handwriting.strokes import split
from ui.component import component

if TYPE_CHECKING:
    from handwriting.strokes import Strokes

WIDTH, HEIGHT = 38.0, 11.0
"""mm of ink that are shown; a line goes on further"""
BEFORE = 1.5
"""mm left free on the left"""

_gallery = component("gallery")


class Thumbnail(NamedTuple):
    """A hand as it is shown."""

    name: str
    """what is told when it is chosen"""
    title: str
    """beneath it"""
    ink: list[list[float]]
    """strokes, each x, y, x, y, … in mm; of a hand that cannot be shown, none"""


def show(hands: Sequence[Thumbnail], chosen: str, label: str, key: str, on_chosen: Callable[[str], None]) -> None:
    """Shows the hands.

    Args:
        hands: with different names.
        chosen: the name of the one that is marked.
        label: what is chosen here.
        key: of the component.
        on_chosen: is given the name of the hand that was chosen, before the page is run again.
    """

    turn = f"{key}_turn"  # the last choice that this page has heard of: until then the gallery goes by its own mark

    def tell() -> None:
        told = st.session_state[key].chosen
        st.session_state[turn] = told["turn"]
        if any(told["name"] == hand.name for hand in hands):
            on_chosen(told["name"])

    data: dict[str, Any] = {
        "hands": [hand._asdict() for hand in hands], "chosen": chosen, "answered": st.session_state.get(turn, 0),
        "label": label, "box": [WIDTH, HEIGHT],
    }  # fmt: skip
    _gallery(data=data, key=key, on_chosen_change=tell)


def thumbnail(name: str, title: str, strokes: Strokes) -> Thumbnail:
    """A hand with the beginning of a line of its ink, in mm."""
    parts = split(strokes)
    points = np.concatenate(parts)
    low, high = np.percentile(points[:, 1], [1, 99])
    corner = np.array([points[:, 0].min() - BEFORE, (low + high - HEIGHT) / 2])
    shown = [part - corner for part in parts]
    return Thumbnail(name, title, [part.round(2).ravel().tolist() for part in shown if part[:, 0].min() < WIDTH])
