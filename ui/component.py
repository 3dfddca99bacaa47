"""Parts of a page that are ours: HTML, CSS and JavaScript as the browser takes them, without a build step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_here = Path(__file__).parent


def component(name: str, *scripts: str) -> Any:
    """What is mounted from `name`.html, .css and .js of this folder.

    Args:
        name: of the files.
        scripts: before the last one, others that belong to it: a component has one script, however many files make it.
    """

    def read(file: str) -> str:
        return (_here / file).read_text(encoding="utf-8")

    return st.components.v2.component(
        f"show_and_scribe.{name}",
        html=read(f"{name}.html"),
        css=read(f"{name}.css"),
        js="\n".join(map(read, [*scripts, f"{name}.js"])),
    )
