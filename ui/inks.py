"""Inks: as they are on white paper, and as they are shown on a dark screen."""

from __future__ import annotations

import colorsys
import re
from typing import NamedTuple

DARKEST_ON_DARK = 0.74
"""lightness, 0 to 1, that an ink has at least where the paper is shown dark"""


class Ink(NamedTuple):
    """What a line is drawn with."""

    colour: str
    """on paper, #rrggbb"""
    on_dark: str
    """on a dark screen"""
    width: float = 0.45
    """mm"""


INKS = {
    "Blue-black": Ink("#1c2b57", "#b5c6ee"),
    "Black": Ink("#1d1d1f", "#ecebe6"),
    "Royal blue": Ink("#2450b8", "#8fb0fa"),
    "Moss green": Ink("#24573a", "#97d3ae"),
    "Violet": Ink("#5b2a86", "#cdb0ef"),
    "Red": Ink("#a5262c", "#f4a3a0"),
}


def mixed(colour: str) -> Ink:
    """The ink of a colour that somebody chose, #rgb or #rrggbb; the usual ink for what is no colour."""
    digits = colour.strip().lower().removeprefix("#")
    if not re.fullmatch("[0-9a-f]{3}|[0-9a-f]{6}", digits):
        return INKS["Blue-black"]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)))
    light = colorsys.hls_to_rgb(hue, max(lightness, DARKEST_ON_DARK), saturation)
    return Ink(f"#{digits}", "#" + "".join(f"{round(255 * part):02x}" for part in light))
