"""What a page shows that Streamlit's test driver does not read out by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest


def sent_to(studio: AppTest, component: str) -> dict[str, Any]:
    """What the page told one of our own components, "pen" or "gaze", to show."""
    found = [element.proto for element in _elements(studio.main) if element.type == "bidi_component"]
    (proto,) = [proto for proto in found if proto.component_name == f"show_and_scribe.{component}"]
    return json.loads(proto.json)


def _elements(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from _elements(child)
