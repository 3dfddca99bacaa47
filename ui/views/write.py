"""The page that writes by hand."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from shared.errors import UserError
from ui import models, pen
from ui.sentences import about_flawed, about_replaced, plain

if TYPE_CHECKING:
    from handwriting import Ink

GREETING = "Hello! Type something, and I will write it."
MOST_CHARACTERS = 500
# Seeds are drawn below this number, so that people can read them out to each other.
SEEDS = 10_000


def page() -> None:
    st.title("Write by hand", anchor=False)
    text = ask_for_text()
    paper, controls = st.columns([3, 1], gap="large")
    with controls:
        bias, seed = ask_for_hand()
        colour, width = ask_for_ink()
    with paper:
        try:
            with st.spinner("Dipping the pen…"):
                ink = models.write(text, bias, seed)
        except UserError as error:
            st.error(plain(f"{error}."), icon=":material/error:")
            return
        pen.play(ink, colour, width)
        for sentence in filter(None, (about_replaced(ink.replaced), about_flawed(line.text for line in ink.flawed))):
            st.info(plain(sentence), icon=":material/info:")
        offer_downloads(ink, colour.paper, width)


def ask_for_text() -> str:
    with st.form("writing", border=False):
        text = st.text_area(
            "Your text", GREETING, key="text", bind="query-params", max_chars=MOST_CHARACTERS, height=80
        )
        st.form_submit_button("Write it", type="primary", icon=":material/draw:")
    return (text or "")[:MOST_CHARACTERS]  # a link may carry more than the box would take


def ask_for_hand() -> tuple[float, int]:
    """How neatly (the bias), and where chance comes from (the seed)."""
    bias = st.slider(
        "From wild to neat", 0.0, 2.0, 0.8, 0.1, key="bias", bind="query-params",
        help="How close the pen stays to its best guess: the bias of Graves 2013, section 5.5.",
    )  # fmt: skip
    seed = st.number_input(
        "Seed", 0, SEEDS - 1, 7, key="seed", bind="query-params",
        help="The same text, neatness and seed are written the same way again. The address bar holds all three.",
    )  # fmt: skip
    st.button("Another take", on_click=draw_seed, icon=":material/casino:", width="stretch")
    return bias, int(seed)


def draw_seed() -> None:
    """Lets chance start somewhere else."""
    st.session_state.seed = random.randrange(SEEDS)


def ask_for_ink() -> tuple[pen.InkColour, float]:
    """The colour, and the width of the line in mm."""
    name = st.selectbox("Ink", list(pen.INKS), key="ink", bind="query-params")
    width = st.slider("Line", 0.2, 1.2, 0.45, 0.05, format="%.2f mm", key="line", bind="query-params")
    return pen.INKS[name], width


def offer_downloads(ink: Ink, colour: str, width: float) -> None:
    """The ink as files; they are made when somebody asks for them."""

    name, icon = f"handwriting-{ink.seed}", ":material/download:"
    svg, png = partial(ink.svg, colour, width), partial(ink.png, colour, width)
    with st.container(horizontal=True):
        st.download_button("SVG", svg, f"{name}.svg", "image/svg+xml", key="svg", on_click="ignore", icon=icon)
        st.download_button("PNG", png, f"{name}.png", "image/png", key="png", on_click="ignore", icon=icon)


page()
