"""Where the network looked: a photo that is dimmed except where attention lay as a word was said.

The words are buttons under the photo; pointing at one, or walking through them with the arrow keys, moves the light.
All of that happens in the browser (`gaze.js`).
"""

from __future__ import annotations

import base64
import math
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from PIL import Image

if TYPE_CHECKING:
    from captioning import Caption

FINENESS = 32
"""cells along each side of the overlay, between which the browser blends"""
DIFFUSE = 0.1
"""share of attention that would have to move for it to lie evenly; below this, it is said to lie on the whole photo"""

_here = Path(__file__).parent
_viewer = st.components.v2.component(
    "show_and_scribe.gaze",
    html=(_here / "gaze.html").read_text(encoding="utf-8"),
    css=(_here / "gaze.css").read_text(encoding="utf-8"),
    js=(_here / "gaze.js").read_text(encoding="utf-8"),
)


def show(photo: Image.Image, caption: Caption) -> None:
    """Shows a photo, and where the network looked for each word of its caption."""
    _viewer(data={"photo": as_url(photo), "sentence": caption.text, "words": looks(caption)}, key="gaze")


def as_url(photo: Image.Image) -> str:
    """The photo as a data: URL, so that it needs no place on a server."""
    file = BytesIO()
    photo.save(file, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def looks(caption: Caption) -> list[dict[str, Any]]:
    """For each word: how sure the network was, where it looked, and how much light falls on each cell (0 to 255)."""
    return [
        {
            "word": word,
            "percent": round(100 * math.exp(log_prob)),
            "where": whereabouts(attention),
            "light": light(attention).ravel().tolist(),
        }
        for word, log_prob, attention in zip(caption.words, caption.word_log_probs[:-1], caption.attention, strict=True)
    ]


def light(attention: np.ndarray) -> np.ndarray:
    """Attention [rows, columns] as light on the photo, uint8 [FINENESS, FINENESS]: 255 where it is greatest."""
    grid = np.asarray(attention, dtype=np.float32)
    smooth = Image.fromarray(grid / grid.max()).resize((FINENESS, FINENESS), Image.Resampling.BICUBIC)
    return np.rint(np.asarray(smooth).clip(0, 1) * 255).astype(np.uint8)


def whereabouts(attention: np.ndarray) -> str:
    """Where the middle of what got more than its share of attention lies, in words: "the left part", "the middle", …"""
    grid = np.asarray(attention, dtype=np.float64)
    grid = grid / grid.sum()
    rows, columns = grid.shape
    excess = (grid - grid.mean()).clip(0)
    if excess.sum() < DIFFUSE:
        return "the whole photo"
    grid = excess / excess.sum()
    down = float(grid.sum(1) @ (np.arange(rows) + 0.5)) / rows
    across = float(grid.sum(0) @ (np.arange(columns) + 0.5)) / columns
    vertical = "upper" if down < 0.4 else "lower" if down > 0.6 else ""
    horizontal = "left" if across < 0.4 else "right" if across > 0.6 else ""
    sides = " ".join(filter(None, (vertical, horizontal)))
    return f"the {sides} part" if sides else "the middle"
