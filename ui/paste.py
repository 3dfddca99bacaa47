"""Photos from the clipboard, which Streamlit's uploader does not take by itself."""

from __future__ import annotations

from ui.component import component

_listener = component("paste")


def listen(uploader: str) -> None:
    """Says that photos can be pasted, and hands those that are to the uploader of that key, as if they had been dropped there."""
    _listener(data={"uploader": uploader}, key=f"paste into {uploader}")
