"""Photos from the clipboard, which Streamlit's uploader does not take by itself."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_here = Path(__file__).parent
_listener = st.components.v2.component(
    "show_and_scribe.paste",
    html=(_here / "paste.html").read_text(encoding="utf-8"),
    css=(_here / "paste.css").read_text(encoding="utf-8"),
    js=(_here / "paste.js").read_text(encoding="utf-8"),
)


def listen(uploader: str) -> None:
    """Says that photos can be pasted, and hands those that are to the uploader of that key, as if they had been dropped there."""
    _listener(data={"uploader": uploader}, key=f"paste into {uploader}")
