"""The page that shows what the networks do while they write and look."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from ui import charts, controls, jobs, looking, models, timeline
from ui.scene import draw_scene
from ui.sentences import as_sentence, plain
from ui.settings import UPLOAD_MEGABYTES

if TYPE_CHECKING:
    from handwriting.followers import Cell
    from handwriting.inside import Inside

LINE = "the pen knows where it is"
MOST_CHARACTERS = 60
FORMATS = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]
LEAST_REACH = 1e-6
"""what is left of a gradient, at the bottom of the picture"""
OTHER = "Another one"
STRONG = 0.95
"""the share of moments at which a cell is not yet shown in full colour"""


def page() -> None:
    st.title("Look inside", anchor=False)
    parts = {"The pen": show_pen, "The words": show_words, "The memory": show_memory}
    part = st.segmented_control(
        "What to look at", list(parts), default="The pen", required=True, key="part", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    parts[part]()


def show_pen() -> None:
    st.write(
        "A line is written, and the network is watched at every point of it. Move over a picture, or drag the slider below it."
    )
    text, bias, seed = ask_for_line()

    def show(job: jobs.Job[float, looking.Watched]) -> None:
        if job.state == "done":
            watched = job.result
            name = f"{seed} {bias} {watched.inside.text}"
            show_window(watched.inside, name)
            show_expectation(watched, name)
            show_cell(watched, name)
            show_hierarchies(watched.inside, name)

    job = jobs.start(
        "inside", ("inside", text, bias, seed), models.scribe(),
        lambda scribe: looking.write_and_watch(scribe, text, bias, seed),
    )  # fmt: skip
    jobs.watch(job, show, label="Writing and watching…", progress=_share)


def ask_for_line() -> tuple[str, float, int]:
    words, how, chance = st.columns([5, 2, 3], gap="medium", vertical_alignment="bottom")
    with words, st.form("line", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Your line", LINE, key="sentence", bind="query-params", max_chars=MOST_CHARACTERS)
        st.form_submit_button("Look", type="primary", icon=":material/visibility:")
    with how:
        bias = controls.neatness("inside_")
    with chance:
        seed = controls.seed("inside_")
    return (text or "")[:MOST_CHARACTERS], bias, seed  # a link may carry more than the box would take


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

        jobs.watch(job, show, label="Reading the ink…", progress=_share)


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


def show_words() -> None:
    st.write("A photo is described, and the cells of the network are watched word by word.")
    left, right = st.columns([3, 2], gap="large")
    with right:
        file = st.file_uploader("Your photo", FORMATS, key="inside photo", max_upload_size=UPLOAD_MEGABYTES)
        photo = file.getvalue() if file else draw_scene()

    def show(job: jobs.Job[float, looking.Told]) -> None:
        if job.state == "done":
            with right:
                st.image(job.result.photo, caption=plain(as_sentence(job.result.caption.text)))
            with left:
                show_words_of(job.result)

    question = ("inside", hashlib.sha256(photo).hexdigest())
    job = jobs.start(
        "inside", question, models.captioner(), lambda captioner: looking.describe_and_watch(captioner, photo)
    )
    with left:
        jobs.watch(job, show, label="Looking and watching…", progress=_share)


def show_words_of(told: looking.Told) -> None:
    st.subheader(plain(as_sentence(told.caption.text)), anchor=False)
    inside, many = told.inside, told.inside.cells.shape[1]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Cell", range(len(told.cells) + 1), key="word cell",
            format_func=lambda place: f"Cell {told.cells[place] + 1}" if place < len(told.cells) else OTHER,
            help="The cells that change most from word to word, the liveliest first.",
        )  # fmt: skip
        if chosen < len(told.cells):
            unit = told.cells[chosen]
        else:
            unit = int(st.number_input("Number", 1, many, 1, key=f"word unit of {many}", width=140)) - 1
    words = [word or "(end)" for word in inside.words]
    st.altair_chart(charts.cell_by_word(words, inside.cells[:, unit]), key="words")
    st.caption(f"What cell {unit + 1} of {many} puts out as each word is chosen.")
    st.altair_chart(charts.cells_by_word(words, inside.cells, told.cells), key="all cells")
    st.caption("The liveliest cells side by side: orange where they are on, blue where they are below zero.")


def show_memory() -> None:
    st.write(
        "A network learns from a mistake by sending it back through time, step by step. How much of it is left after so many "
        "steps? Measured here on cells that have learnt nothing yet; above the dotted line it grows, below it is lost."
    )

    def show(job: jobs.Job[float, looking.Curves]) -> None:
        if job.state == "done":
            st.altair_chart(charts.reach(job.result, LEAST_REACH), key="reach")
            st.caption(
                f"The most that {looking.STEPS} steps leave of a gradient of 1, in cells of {looking.UNITS} units; the mean of "
                f"{looking.SEQUENCES} random sequences. The same from the command line: python -m shared.lab reach."
            )

    job = jobs.start("inside", ("inside", "reach"), models.laboratory(), looking.measure_reach)
    jobs.watch(job, show, label="Measuring…", progress=_share)


def _share(job: jobs.Job[float, Any]) -> float:
    return job.pieces[-1] if job.pieces else 0.0


page()
