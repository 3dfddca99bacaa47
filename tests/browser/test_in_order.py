"""Updates of a component, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

import ui

pytestmark = pytest.mark.browser
SCRIPT = "function mount({ data, parentElement }) { parentElement.textContent = data.text; return () => data.text; }\n"


def test_what_is_older_does_not_replace_what_is_newer(page: Page) -> None:
    script = SCRIPT + (Path(ui.__file__).with_name("in_order.js")).read_text(encoding="utf-8")
    shown = page.evaluate(
        """async (script) => {
            const component = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
            const [place, other] = [document.createElement("p"), document.createElement("p")];
            const show = (order, parentElement) => {
                const rest = component.default({ data: { order, text: String(order) }, parentElement });
                return [parentElement.textContent, rest?.()];
            };
            return [show(1, place), show(3, place), show(2, place), show(3, place), show(2, other), show(4, place)];
        }""",
        script,
    )
    assert shown == [["1", "1"], ["3", "3"], ["3", None], ["3", "3"], ["2", "2"], ["4", "4"]]
