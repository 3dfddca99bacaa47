"""A visitor's own hand: drawn on the page, or from a file of ink."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from shared.errors import UserError
from ui import models, pad, samples
from ui.sentences import plain

if TYPE_CHECKING:
    from handwriting.styles.style import Style

FILES = ["json", "inkml", "xopp", "xoj", "xml"]
DRAWN = "My hand"


def ask(prefix: str, take: Callable[[str], None]) -> None:
    """Two buttons, each of which opens a window in which a hand can be given.

    Args:
        prefix: of the keys.
        take: is told the name of the hand that was given.
    """
    opened = f"{prefix}new_hand"
    for name, label, icon in (
        ("draw", "Draw your own", ":material/draw:"),
        ("file", "From a file", ":material/upload_file:"),
    ):
        st.button(label, key=f"{prefix}{name}", on_click=_open, args=(opened, name), icon=icon)
    # The page may be run again at any time, by ink that is finished: the window stays until it is closed.
    window = {"draw": _draw, "file": _file}.get(st.session_state.get(opened, ""))
    if window:
        window(prefix, take)


def _open(opened: str, name: str) -> None:
    st.session_state[opened] = name
    st.session_state.pop("hand_refused", None)


def _draw(prefix: str, take: Callable[[str], None]) -> None:
    opened = f"{prefix}new_hand"

    @st.dialog("Draw your own", width="large", on_dismiss=lambda: _open(opened, ""))
    def window() -> None:
        if not st.session_state.get(opened):
            st.rerun()
        pad.show(len(samples.mine()), f"{prefix}pad", drawn)
        _say_refused()
        st.caption("No pen, finger or mouse at hand? “From a file” takes ink that was written elsewhere.")

    def drawn(answer: Any) -> None:
        _accept(lambda: pad.read(answer), DRAWN, opened, take)

    window()


def _file(prefix: str, take: Callable[[str], None]) -> None:
    opened = f"{prefix}new_hand"

    @st.dialog("From a file", on_dismiss=lambda: _open(opened, ""))
    def window() -> None:
        file = st.file_uploader(
            "A line of handwriting, as ink", FILES, key=f"{prefix}ink_file", max_upload_size=samples.LARGEST_FILE // 2**20,
            help="Notes of Xournal++, InkML, JSON (of this studio, or lists of strokes), or the XML of a line of IAM-OnDB.",
        )  # fmt: skip
        text = st.text_input(
            "What it says, letter for letter", key=f"{prefix}ink_text", max_chars=samples.LONGEST_SAID,
            help="Leave this empty if the file tells it itself.",
        )  # fmt: skip
        if st.button("Use this hand", key=f"{prefix}use_file", type="primary", disabled=file is None) and file:
            title = file.name.rpartition(".")[0] or file.name
            with st.spinner("Looking at this hand…"):
                _accept(lambda: samples.from_file(file.getvalue(), file.name, text or ""), title, opened, take)
        if not st.session_state.get(opened):
            st.rerun()
        _say_refused()

    window()


def _accept(make: Callable[[], Style], title: str, opened: str, take: Callable[[str], None]) -> None:
    """Keeps the hand, chooses it and closes the window; or leaves a sentence that says why not."""
    st.session_state.pop("hand_refused", None)
    try:
        scribe = models.scribe().get()
        style = make()
        sample = samples.keep(style, title, samples.doubt(style, scribe.reader))
    except UserError as error:
        st.session_state["hand_refused"] = samples.refuse(error)
        return
    take(sample.name)
    st.session_state[opened] = ""


def _say_refused() -> None:
    if refused := st.session_state.get("hand_refused"):
        st.error(plain(refused), icon=":material/error:")
