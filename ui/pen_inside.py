"""What goes on in a network while it writes: its window, what it expects, its cells, and the parts that it finds in ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from ui import jobs, looking, models, timeline

if TYPE_CHECKING:
    from handwriting.followers import Cell
    from handwriting.inside import Inside

OTHER = "Another one"
STRONG = 0.95
"""the share of moments at which a cell is not yet shown in full colour"""


def show(watched: looking.Watched, name: str) -> None:
    """All of it, below each other.

    Args:
        watched: the ink, and what went on.
        name: of this ink, by which other ink is told from it.
    """
    show_window(watched.inside, name)
    show_expectation(watched, name)
    show_cell(watched, name)
    show_hierarchies(watched.inside, name)


def show_window(inside: Inside, name: str) -> None:
    st.subheader("Which letter it is at", anchor=False)
    assert inside.phi is not None
    share = inside.phi / inside.phi.sum(1, keepdims=True).clip(1e-20)
    rows = [*inside.text.replace(" ", "␣"), "⏎"]
    timeline.show(
        "window along the ink", name,
        [
            timeline.chart(
                share.T, rows, f"Which character of “{inside.text}” the network reads at each moment: a falling line",
                "Down: the characters of the text. Across: time. Blue where the network reads.",
            ),
            timeline.drawn_out(
                inside.strokes, f"Handwriting: {inside.text}", "The ink, drawn out so that each point lies about under its moment"
            ),
        ],
        inside.steps, letters(inside),
    )  # fmt: skip


def show_expectation(watched: looking.Watched, name: str) -> None:
    inside, plane = watched.inside, watched.plane
    st.subheader("Where it expects the pen", anchor=False)
    light = timeline.glow(plane.values, plane.left, plane.top, plane.cell)
    weights = inside.expected.log_weights.exp().numpy().T
    timeline.show(
        "expectation along the ink", name,
        [
            timeline.ink(
                inside.strokes, f"Handwriting, with light where the network expected the pen: {inside.text}",
                "Bright and small where the next point was clear; wide and pale where the pen had been lifted", glow=light,
            ),
            timeline.chart(
                weights, [], f"The weights of the {len(weights)} parts of the guess, over time",
                f"The guess is put together from {len(weights)} spots of light. Blue: the spots that count at that moment.",
            ),
        ],
        inside.steps, letters(inside),
    )  # fmt: skip


def show_cell(watched: looking.Watched, name: str) -> None:
    inside = watched.inside
    st.subheader("What one cell does", anchor=False)
    layer, unit = ask_for_cell(inside, watched.cells)
    values = inside.cells[layer][:, unit]
    strong = max(float(np.quantile(np.abs(values), STRONG)), 1e-6)
    who = f"{layer}, cell {unit + 1}"
    timeline.show(
        "cell along the ink", name,
        [
            timeline.ink(
                inside.strokes, f"Handwriting, coloured by what {who} does: {inside.text}",
                "Orange where the cell is on, blue where it is below zero", values=values / strong,
            ),
            timeline.curve(values, "cell", f"The output of {who} over time"),
        ],
        inside.steps, letters(inside),
    )  # fmt: skip


def ask_for_cell(inside: Inside, cells: list[Cell]) -> tuple[str, int]:
    """The layer and the number of a cell: one that does something people understand, or any."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Cell", range(len(cells) + 1), first_cell(cells), key="cell",
            format_func=lambda place: about_cell(cells[place]) if place < len(cells) else OTHER,
            help="Cells whose output goes with something that can be seen, on the second half of this line, when they were "
            "chosen by its first half. 1 or −1 would be perfect.",
        )  # fmt: skip
        if chosen < len(cells):
            return cells[chosen].layer, cells[chosen].unit
        layer = st.selectbox("Layer", list(inside.cells), key="layer", width=140)
        many = inside.cells[layer].shape[1]
        return layer, int(st.number_input("Number", 1, many, 1, key=f"unit of {many}", width=140)) - 1


def first_cell(cells: list[Cell]) -> int:
    """The place of the cell to begin with: one that colours whole strokes, not single points."""
    return next((place for place, cell in enumerate(cells) if "lifted" not in cell.why and "coming" not in cell.why), 0)


def about_cell(cell: Cell) -> str:
    who = f"{cell.layer[:1].upper()}{cell.layer[1:]}, cell {cell.unit + 1}"
    strength = f"{cell.strength:.2f}".replace("-", "−")
    return f"{who}: {cell.why} ({strength})" if cell.why.startswith("follows") else f"{who}: {cell.why}"


def show_hierarchies(inside: Inside, name: str) -> None:
    """What networks of several time scales make of the same ink, where the studio was given such."""
    for place, model in enumerate(models.hierarchy_names()):
        if place == 0:
            st.subheader("Where it falls into parts", anchor=False)
        job = jobs.start(
            f"hierarchy {place}", ("hierarchy", model, name), models.network(model),
            lambda network: looking.read_and_watch(network, inside.strokes, inside.text),
        )  # fmt: skip

        def show(job: jobs.Job[float, Inside], model: str = model, place: int = place) -> None:
            if job.state == "done":
                show_boundaries(job.result, model, f"boundaries {place}", name)

        jobs.watch(job, show, label="Reading the ink…", progress=jobs.share)


def show_boundaries(inside: Inside, model: str, key: str, name: str) -> None:
    assert inside.boundaries is not None
    marks = [(int(step), int(level)) for step, level in np.argwhere(inside.boundaries)]
    levels = inside.boundaries.shape[1]
    counts = ", ".join(f"level {level + 1} ended {int(inside.boundaries[:, level].sum())}" for level in range(levels))
    timeline.show(
        key, name,
        [
            timeline.ink(
                inside.strokes, f"Handwriting, with a dot wherever a level ended a part: {counts}",
                f"{model} read this ink and nobody told it of letters; of its parts, {counts}", marks=marks,
            ),
            timeline.chart(
                inside.boundaries.T, [str(level + 1) for level in range(levels)], f"When each level ended a part: {counts}"
            ),
        ],
        inside.steps,
    )  # fmt: skip


def letters(inside: Inside) -> list[str]:
    """What the network reads at each step, as it is read out."""
    signs = [*inside.text, "the end"]
    return [signs[place] for place in inside.reading]
