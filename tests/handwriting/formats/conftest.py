"""Ink that the tests draw: two lines with a dot, in two inks."""

from __future__ import annotations

import numpy as np
import pytest

from handwriting.page import Line, Page, Paper, Pen
from handwriting.strokes import Strokes, join


def wave(left: float, top: float, strokes: int = 3) -> Strokes:
    """Arches, 8 mm each, and a dot at their end."""
    t = np.linspace(0, np.pi, 12)
    arches = [np.stack([left + 8 * number + 7 * t / np.pi, top - 5 * np.sin(t)], 1) for number in range(strokes)]
    return join([*arches, np.array([[left + 8 * strokes + 1 / 3, top]])])


@pytest.fixture
def page() -> Page:
    lines = (
        Line(wave(10, 20), "Dear <Ann> & co", Pen(), np.arange(37) % 15),
        Line(wave(12, 30), "naïve 漢", Pen("crimson", 0.8)),
        Line(wave(10, 40), "the end", Pen()),
    )
    return Page(Paper(60, 50), lines, {"text": "Dear <Ann> & co\nnaïve 漢\nthe end", "seed": 7, "bias": 0.75})
