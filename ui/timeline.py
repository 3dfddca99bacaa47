"""Ink and what went on while it was written, as pictures over one axis of time (`timeline.js`).

A pointer or the arrow keys choose a moment, which is then shown in all pictures of the same ink. Text travels as data and is never
part of the page's HTML.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from ui.component import component

TREND = 45
"""points on either side that the pen's course is averaged over, to be taken off when ink is drawn out in time"""
BRIGHTEST = 0.995
"""the share of a plane's cells that are not yet as bright as can be"""

Panel = dict[str, Any]
_component = component("timeline")


def show(
    key: str, of: str, panels: Sequence[Panel], count: int = 1, letters: Sequence[str] | None = None, begin: float = 0.3
) -> None:
    """Shows panels one under the other.

    Args:
        key: unlike any other on the page.
        of: names the ink: pictures with the same name show the same moment.
        panels: made by the functions below.
        count: steps on the axis of time; 1 for ink without time.
        letters: what was read at each step.
        begin: the share of the time at which to begin.
    """
    told = None if letters is None else list(letters)
    _component(
        data={"of": of, "panels": list(panels), "count": count, "letters": told, "begin": int(begin * count)}, key=key
    )


def ink(
    strokes: np.ndarray,
    label: str,
    title: str = "",
    values: np.ndarray | None = None,
    glow: Panel | None = None,
    marks: Sequence[tuple[int, int]] = (),
) -> Panel:
    """Ink [T, 3] as it lies on paper.

    Args:
        values: of each point, -1 to 1, which colour it.
        glow: what shines beneath, made by `glow`.
        marks: (point, level) of each dot to put on it.
    """
    x, y = np.cumsum(strokes[:, :2], 0).T
    tinted = None if values is None else _bytes(128 + 127 * np.clip(values, -1, 1))
    return _ink(x, y, strokes, label, title) | {"values": tinted, "glow": glow, "marks": [list(mark) for mark in marks]}


def drawn_out(strokes: np.ndarray, label: str, title: str = "") -> Panel:
    """Ink [T, 3] drawn out so that each point lies about under its own moment, its letters still to be read: the course of the
    pen along the line, which is no steady one, is exchanged for the course of time.
    """
    x, y = np.cumsum(strokes[:, :2], 0).T
    steps = max(len(x) - 1, 1)
    pace = max(abs(x[-1] - x[0]) / steps, 1e-6)
    before, after = x[0] - pace * np.arange(TREND, 0, -1), x[-1] + pace * np.arange(1, TREND + 1)
    trend = np.convolve(np.concatenate([before, x, after]), np.ones(2 * TREND + 1) / (2 * TREND + 1), "valid")
    own = (x - trend) / pace
    return _ink(np.arange(len(x)) + own, y / pace, strokes, label, title) | {"stretched": steps}


def chart(values: np.ndarray, rows: Sequence[str], label: str, title: str = "") -> Panel:
    """A map with a row for each of `values` [rows, steps], 0 to 1, dark where it is 1; `rows` names them, or is empty."""
    return {
        "kind": "map", "rows": list(rows), "count": len(values), "values": _bytes(255 * np.clip(values, 0, 1)),
        "label": label, "title": title,
    }  # fmt: skip


def curve(values: np.ndarray, name: str, label: str, title: str = "") -> Panel:
    """A number at each step, -1 to 1 or whatever range it has."""
    reach = max(1.0, float(np.ceil(np.abs(values).max())))
    return {
        "kind": "curve", "name": name, "values": np.round(values.astype(float), 3).tolist(),
        "low": -reach if values.min() < 0 else 0, "high": reach, "label": label, "title": title,
    }  # fmt: skip


def glow(values: np.ndarray, left: float, top: float, cell: float) -> Panel:
    """Light over the plane: `values` [rows, columns] of square cells with that corner and side, in the ink's unit.

    Densities differ ten thousandfold, so the square root is shown, up to a ceiling.
    """
    ceiling = max(float(np.quantile(values[values > 0], BRIGHTEST)) if (values > 0).any() else 1.0, 1e-30)
    rows, columns = values.shape
    shown = _bytes(255 * np.sqrt(np.clip(values / ceiling, 0, 1)))
    return {"rows": rows, "columns": columns, "left": left, "top": top, "cell": cell, "values": shown}


def _ink(x: np.ndarray, y: np.ndarray, strokes: np.ndarray, label: str, title: str) -> Panel:
    return {
        "kind": "ink", "x": np.round(x, 1).tolist(), "y": np.round(y, 1).tolist(), "penUp": (strokes[:, 2] > 0.5).tolist(),
        "label": label, "title": title,
    }  # fmt: skip


def _bytes(values: np.ndarray) -> str:
    return base64.b64encode(np.rint(values).astype(np.uint8).tobytes()).decode()
