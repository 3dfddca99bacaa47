"""Parts of a page that are ours: HTML, CSS and JavaScript as the browser takes them, without a build step."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_here = Path(__file__).parent


def component(name: str, *scripts: str) -> Callable[..., Any]:
    """What is mounted from `name`.html, .css and .js of this folder, whose function `mount` the browser calls at each update.

    Args:
        name: of the files.
        scripts: before the last one, others that belong to it: a component has one script, however many files make it.
    """

    def read(file: str) -> str:
        return (_here / file).read_text(encoding="utf-8")

    mounted = st.components.v2.component(
        f"show_and_scribe.{name}",
        html=read(f"{name}.html"),
        css=read(f"{name}.css"),
        js="\n".join(map(read, [*scripts, f"{name}.js", "in_order.js"])),
    )

    def show(data: dict[str, Any], key: str, **callbacks: Any) -> Any:
        return mounted(data=data | {"order": _order(key, data)}, key=key, **callbacks)

    return show


def _order(key: str, data: dict[str, Any]) -> int:
    """A number for what is shown there that grows when it changes, though the server be started anew meanwhile: µs."""
    content = hash(json.dumps(data))
    order, before = st.session_state.get(f"order {key}", (0, None))
    if content != before:
        order = max(order + 1, time.time_ns() // 1000)
        st.session_state[f"order {key}"] = order, content
    return order
