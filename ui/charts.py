"""Charts of numbers: cells along a caption, gradients through time, curves of trainings. Streamlit gives them its theme."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import altair
import numpy as np
import pandas  # type: ignore[import-untyped]  # its stubs are a package of their own

COLD, HOT = "#4d80c4", "#d9622b"
"""readable on light and on dark paper"""
SEVERAL = [COLD, HOT, "#4a9a6a", "#a45bb5", "#c99a2e", "#3aa6a6", "#d65b8a", "#8c6d4f", "#7f8694"]
TENTHS = [10.0**power for power in range(-6, 7, 2)]


def cell_by_word(words: Sequence[str], outputs: np.ndarray) -> altair.Chart:
    """A bar for each word: what one cell put out as it was chosen."""
    rows = pandas.DataFrame({"place": range(len(words)), "word": words, "output": outputs.astype(float)})
    return (
        altair.Chart(rows, height=260)
        .mark_bar()
        .encode(
            x=_words(words),
            y=altair.Y("output:Q", title="output of the cell"),
            color=altair.condition("datum.output < 0", altair.value(COLD), altair.value(HOT)),
            tooltip=["word:N", altair.Tooltip("output:Q", format=".3f")],
        )
    )


def cells_by_word(words: Sequence[str], cells: np.ndarray, chosen: Sequence[int]) -> altair.Chart:
    """A row for each of the chosen cells, a column for each word, coloured by the output."""
    shown = [
        (place, word, f"cell {unit + 1}", float(cells[place, unit]))
        for unit in chosen
        for place, word in enumerate(words)
    ]
    rows = pandas.DataFrame(shown, columns=["place", "word", "cell", "output"])
    limit = max(float(np.abs(rows.output).max()), 1e-6)
    scale = altair.Scale(domain=[-limit, 0, limit], range=[COLD, "#8883", HOT])
    return (
        altair.Chart(rows, height=26 * len(chosen) + 60)
        .mark_rect(cornerRadius=2)
        .encode(
            x=_words(words),
            y=altair.Y("cell:N", sort=None, title=None),
            color=altair.Color("output:Q", scale=scale, legend=None),
            tooltip=["word:N", "cell:N", altair.Tooltip("output:Q", format=".3f")],
        )
    )


def reach(curves: Mapping[str, Sequence[float]], least: float) -> altair.LayerChart:
    """What is left of a gradient, by steps back, a line for each kind of cell; nothing below `least` is shown."""
    shown = [
        (name, back, value) for name, curve in curves.items() for back, value in enumerate(curve) if value >= least
    ]
    rows = pandas.DataFrame(shown, columns=["cell", "back", "left"])
    pick = altair.selection_point(fields=["cell"], bind="legend")
    lines = (
        altair.Chart(rows)
        .mark_line(strokeWidth=2)
        .encode(
            x=altair.X("back:Q", title="steps back", axis=altair.Axis(tickCount=6, grid=False)),
            y=altair.Y(
                "left:Q",
                title="left of a gradient of 1",
                scale=altair.Scale(type="log"),
                axis=altair.Axis(format="~g", values=TENTHS),
            ),
            color=altair.Color(
                "cell:N",
                sort=None,
                title=None,
                scale=altair.Scale(range=SEVERAL),
                legend=altair.Legend(orient="bottom", columns=1, labelLimit=300),
            ),
            opacity=altair.condition(pick, altair.value(1), altair.value(0.12)),
            tooltip=["cell:N", "back:Q", altair.Tooltip("left:Q", format=".2e")],
        )
        .add_params(pick)
    )
    one = altair.Chart(pandas.DataFrame({"left": [1.0]})).mark_rule(strokeDash=[2, 4], opacity=0.6).encode(y="left:Q")
    return (one + lines).properties(height=640)


def curves(rows: pandas.DataFrame, number: str, across: str) -> altair.LayerChart | altair.FacetChart:
    """A line for each run and each kind of row; what was measured on validation data has points and a heavier line.

    Args:
        rows: of run, kind, updates, minutes and value.
        number: what the values are.
        across: "updates" or "minutes".
    """
    # One run needs no key to its colour.
    legend = altair.Legend(orient="bottom", columns=1, labelLimit=300) if rows.run.nunique() > 1 else None
    line = altair.Chart().encode(
        x=altair.X(f"{across}:Q", title=across, axis=altair.Axis(format="~s", grid=False, tickCount=6)),
        y=altair.Y("value:Q", title=None, scale=altair.Scale(zero=False), axis=altair.Axis(tickCount=6)),
        color=altair.Color("run:N", sort=None, title=None, legend=legend, scale=altair.Scale(range=SEVERAL)),
        tooltip=[
            "run:N", "kind:N", altair.Tooltip("updates:Q", format=",.0f"), altair.Tooltip("minutes:Q", format=",.1f"),
            altair.Tooltip("value:Q", title=number, format=".5~g"),
        ],
    )  # fmt: skip
    judged = rows.kind == "validation"
    layers = []
    if not judged.all():
        layers.append(line.mark_line(strokeWidth=1.4).properties(data=rows[~judged]))
    if judged.any():
        layers.append(line.mark_line(strokeWidth=2.2, point={"size": 45}).properties(data=rows[judged]))
    title = altair.TitleParams(number.replace("_", " "), anchor="start", fontWeight="normal")
    return altair.layer(*layers).properties(height=280, title=title)


def _words(words: Sequence[str]) -> altair.X:
    """The words in their order, also where one comes twice. Their text is data: a literal of JSON."""
    axis = altair.Axis(
        labelExpr=f"{json.dumps(list(words))}[datum.value]", labelAngle=-40, grid=False, labelOverlap=False
    )
    return altair.X("place:O", title=None, axis=axis)
