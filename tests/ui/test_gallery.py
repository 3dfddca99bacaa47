"""Hands as they are shown."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from handwriting.strokes import join
from handwriting.styles import shelf
from ui import gallery


def test_a_hand_is_shown_by_the_beginning_of_its_line_within_the_box() -> None:
    line = [np.array([[x, 100.0], [x + 1.0, 102.0]]) for x in range(50, 150, 5)]
    shown = gallery.thumbnail("a", "A", join(line))
    assert shown.ink[0] == [gallery.BEFORE, gallery.HEIGHT / 2 - 1, gallery.BEFORE + 1, gallery.HEIGHT / 2 + 1]
    assert len(shown.ink) == 8  # of 20 strokes, those that begin within the box


def test_all_hands_of_the_shelf_can_be_shown() -> None:
    for name in shelf.names():
        ink = gallery.thumbnail(name, name, shelf.read(name).strokes).ink
        places = np.concatenate([np.reshape(stroke, (-1, 2)) for stroke in ink])
        assert len(ink) > 2
        assert np.isfinite(places).all()
        assert (places[:, 0] >= 0).all()
        inside = (places[:, 1] >= 0) & (places[:, 1] <= gallery.HEIGHT)
        assert inside.mean() > 0.95, name


def test_hands_are_shown_without_waiting_for_torch() -> None:
    program = "import sys, ui.hands; ui.hands._known(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, capture_output=True)
