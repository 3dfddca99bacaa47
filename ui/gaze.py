"""Where the network looked: a photo that is dimmed except where attention lay as a word was said.

The words stand in the sentence, and as a strip of small photos below (Xu et al. 2015, figure 2). Pointing at one, running a
finger along them, or the arrow keys move the light. All of that happens in the browser (`gaze.js`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ui.component import component
from ui.sentences import as_sentence

if TYPE_CHECKING:
    from captioning import Caption

Alternatives = Sequence[Sequence[tuple[str, float]]]

FINENESS = 32
"""cells along each side of the overlay, between which the browser blends"""
DIFFUSE = 0.1
"""share of attention that would have to move for it to lie evenly; below this, it is said to lie on the whole photo"""

_viewer = component("gaze")


def show(picture: str, caption: Caption, alternatives: Alternatives = (), own_words: str = "") -> None:
    """Shows a photo, a sentence about it, and for each of its words where the network looked and what else it might have said.

    Args:
        picture: the photo as a data: URL.
        caption: what the network said.
        alternatives: of each word, see `Captioner.alternatives`; none while they are being found.
        own_words: the sentence to show instead, if somebody has changed it.
    """
    sentence = own_words or as_sentence(caption.text)
    parts = [] if own_words else sentence.split(" ")
    words = looks(caption, alternatives)
    data = {"photo": picture, "said": caption.text, "sentence": sentence, "parts": parts, "words": words}
    _viewer(data=data, key="gaze")


def wait(picture: str = "", sentence: str = "") -> None:
    """Holds the place of a photo that is being looked at, with what is known of it already."""
    _viewer(data={"photo": picture, "said": "", "sentence": sentence, "parts": [], "words": []}, key="gaze")


def looks(caption: Caption, alternatives: Alternatives = ()) -> list[dict[str, Any]]:
    """For each word: its probability, what else was how likely, where the network looked, and the light on each cell (0 to 255)."""
    return [
        {
            "word": word,
            "chance": round(math.exp(log_prob), 4),
            "others": [[other, round(chance, 4)] for other, chance in others],
            "where": whereabouts(attention),
            "light": light(attention).ravel().tolist(),
        }
        for word, log_prob, attention, others in zip(
            caption.words,
            caption.word_log_probs[:-1],
            caption.attention,
            alternatives or [()] * len(caption.words),
            strict=True,
        )
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
