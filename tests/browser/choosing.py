"""Choosing from Streamlit's lists, as a visitor does who tries again."""

from __future__ import annotations

from playwright.sync_api import Page, TimeoutError


def choose(page: Page, label: str, option: str, attempts: int = 20) -> None:
    """Takes an option of a list. An open list closes when the page is made anew, as when an answer has come; then once more."""
    box = page.get_by_role("combobox", name=label, exact=True)
    for attempt in range(attempts):
        box.focus()
        box.press("ArrowDown")
        try:
            page.get_by_role("option", name=option, exact=True).click(timeout=3000)
            return
        except TimeoutError:
            if attempt == attempts - 1:
                raise
