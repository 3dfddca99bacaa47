"""The page that shows what the networks do while they write and look."""

from __future__ import annotations

import streamlit as st

from ui import charts, controls, jobs, looking, models, pen_inside
from ui.pen_inside import OTHER
from ui.photos import SUFFIXES, Photo
from ui.scene import draw_scene
from ui.sentences import as_sentence, plain
from ui.settings import UPLOAD_MEGABYTES

LINE = "the pen knows where it is"
MOST_CHARACTERS = 60
LEAST_REACH = 1e-6
"""what is left of a gradient, at the bottom of the picture"""


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
            pen_inside.show(job.result, f"{seed} {bias} {job.result.inside.text}")

    job = jobs.start(
        "inside", ("inside", text, bias, seed), models.scribe(),
        lambda scribe: looking.write_and_watch(scribe, text, bias, seed),
    )  # fmt: skip
    jobs.watch(job, show, label="Writing and watching…", progress=jobs.share)


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


def show_words() -> None:
    st.write("A photo is described, and the cells of the network are watched word by word.")
    left, right = st.columns([3, 2], gap="large")
    with right:
        file = st.file_uploader("Your photo", SUFFIXES, key="inside photo", max_upload_size=UPLOAD_MEGABYTES)
        photo = Photo(file.name, file.getvalue()) if file else Photo("drawing.jpg", draw_scene())

    def show(job: jobs.Job[float, looking.Told]) -> None:
        if job.state == "done":
            with right:
                st.image(job.result.photo, caption=plain(as_sentence(job.result.caption.text)))
            with left:
                show_words_of(job.result)

    job = jobs.start(
        "inside",
        ("inside", photo.key),
        models.captioner(),
        lambda captioner: looking.describe_and_watch(captioner, photo),
    )
    with left:
        jobs.watch(job, show, label="Looking and watching…", progress=jobs.share)


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
    jobs.watch(job, show, label="Measuring…", progress=jobs.share)


page()
