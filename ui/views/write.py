"""The page that writes by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from shared.errors import UserError
from ui import controls, downloads, hands, jobs, models, takes
from ui.sentences import about_flawed, about_replaced, plain
from ui.writing import Wish, Writing, pages_of

if TYPE_CHECKING:
    from handwriting import Ink
    from handwriting.drawing import Stretch
    from handwriting.page import Page
    from handwriting.sheet import Sheet
    from ui.inks import Ink as Look

GREETING = "Hello! Type something, and I will write it."
MOST_CHARACTERS = 5000


def page() -> None:
    st.title("Write by hand", anchor=False)
    left, right = st.columns([3, 1], gap="large")
    with left:
        text = ask_for_text()
        place = st.container()
    with right:
        try:
            wish, count, look, sheet = ask_how(text)
        except UserError as error:
            place.error(plain(f"{error}."), icon=":material/error:")
            return
    with place:
        try:
            if count > 1:
                takes.compare(wish, count, look)
            else:
                write(wish, look, sheet)
        except UserError as error:
            st.error(plain(f"{error}."), icon=":material/error:")


def ask_for_text() -> str:
    with st.form("writing", border=False):
        text = st.text_area(
            "Your text", GREETING, key="text", bind="query-params", max_chars=MOST_CHARACTERS, height=96
        )
        with st.container(horizontal=True):
            st.form_submit_button("Write it", type="primary", icon=":material/draw:", on_click=show_takes, args=(1,))
            st.form_submit_button("Compare takes", icon=":material/grid_view:", on_click=show_takes, args=(takes.MOST,))
    return text or ""


def show_takes(count: int) -> None:
    st.session_state.takes = count


def ask_how(text: str) -> tuple[Wish, int, Look, Sheet | None]:
    """The wish, how many takes of it, the ink and the paper."""
    bias = controls.neatness()
    seed = controls.seed()
    hand = hands.choose("")
    look = controls.ink()
    sheet = controls.paper()
    with st.expander("More"):
        count = st.slider(
            "Takes side by side", 1, takes.MOST, key="takes", bind="query-params",
            help="Compare takes with seeds one after the other, and choose one.",
        )  # fmt: skip
        best_of = controls.best_of()
        names = models.scribe_names()
        model = st.selectbox("Model", names, key="model", bind="query-params") if len(names) > 1 else ""
        sheet = controls.finer("", sheet)
    return Wish(text, bias, seed, hand, best_of, model), count, look, sheet


def write(wish: Wish, look: Look, sheet: Sheet | None) -> None:
    """The pen, and, when all is written, what is to be said about it and its files."""
    job = wish.start()
    writing = Writing(wish, sheet, look)
    place = st.container()  # the same while it is written and afterwards, so that the pen is not made anew

    def show(job: jobs.Job[Stretch, Ink]) -> None:
        with place:
            writing.show(job)

    jobs.watch(job, show, label="Writing…", progress=writing.progress)
    if job.state == "done":
        tell(job.result)
        offer(job.result, look, sheet, writing.pages(job))


def tell(ink: Ink) -> None:
    for sentence in filter(None, (about_replaced(ink.replaced), about_flawed(line.text for line in ink.flawed))):
        st.info(plain(sentence), icon=":material/info:")


def offer(ink: Ink, look: Look, sheet: Sheet | None, shown: list[Page]) -> None:
    # Paper of the ink's own size is in one piece, whatever was shown.
    paper = shown[0].paper if sheet else ink.page().paper
    count = len(shown) if sheet else 1
    make = partial(pages_of, ink, look, sheet)
    downloads.offer(make, count, (paper.width, paper.height), f"handwriting-{ink.seed}")


page()
