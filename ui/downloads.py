"""Ink as files, in every format of `handwriting write -o`. A file is made when somebody asks for it, and never on a disk here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from handwriting.formats import FORMATS

if TYPE_CHECKING:
    from handwriting.page import Page

ICON = ":material/download:"


class Kind(NamedTuple):
    """A format as it is offered."""

    label: str
    mime: str
    meaning: str


KINDS = {
    ".svg": Kind("SVG", "image/svg+xml", "Lines in mm, for drawing programs and plotters"),
    ".png": Kind("PNG", "image/png", "A picture of 305 dpi"),
    ".pdf": Kind("PDF", "application/pdf", "To print; the text in it can be searched"),
    ".animated.svg": Kind("Animated SVG", "image/svg+xml", "Written before your eyes, on any web page"),
    ".gif": Kind("GIF", "image/gif", "The pen writing, as a film"),
    ".xopp": Kind("Xournal++", "application/x-xopp", "Pages of notes, to be written on"),
    ".inkml": Kind("InkML", "application/inkml+xml", "Strokes, for other programs that know ink"),
    ".json": Kind("JSON", "application/json", "All that is known of the ink"),
    ".hpgl": Kind("HPGL", "application/vnd.hp-hpgl", "For pen plotters"),
    ".gcode": Kind("G-code", "text/plain", "For pen plotters and other machines"),
}
FIRST = (".svg", ".png", ".pdf")
FOR_PLOTTERS = (".hpgl", ".gcode")
MOST_PIXELS = 1e8
"""of a PNG"""
RESOLUTION = 12.0
"""its pixels a mm"""


def offer(
    make: Callable[[], Sequence[Page]], count: int, sides: tuple[float, float], name: str, prefix: str = ""
) -> None:
    """Buttons for all formats.

    Args:
        make: the pages, when a file is asked for.
        count: how many there are: several become a zip where a format holds one page a file.
        sides: of each, mm.
        name: of the files, without their ending.
        prefix: of the buttons' keys.
    """
    button = partial(_button, make, count, sides, name, prefix)
    with st.container(horizontal=True):
        for ending in FIRST:
            button(ending)
        more = st.popover("More files", icon=":material/folder_zip:", key=f"{prefix}files", on_change="rerun")
        with more:
            for ending in KINDS:
                if ending not in FIRST and (ending not in FOR_PLOTTERS or _plots()):
                    with st.container(horizontal=True, vertical_alignment="center"):
                        button(ending)
                        st.caption(KINDS[ending].meaning, width="content")
            if not _plots():
                st.caption(
                    "Files for plotters are made where vpype is installed: `pip install show-and-scribe[plotter]`."
                )
            elif more.open:
                st.caption(f"{_plotting(make()).capitalize()}.")


def pack(pages: Sequence[Page], ending: str, name: str) -> bytes:
    """The file of these pages; a zip of several where the format holds one page a file."""
    from handwriting.formats import encode

    contents = encode(pages, ending)
    if len(contents) == 1:
        return contents[0]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for number, content in enumerate(contents, 1):
            folder.writestr(f"{name}-{number}{ending}", content)
    return packed.getvalue()


def _button(
    make: Callable[[], Sequence[Page]], count: int, sides: tuple[float, float], name: str, prefix: str, ending: str
) -> None:
    kind = KINDS[ending]
    zipped = count > 1 and not FORMATS[ending].many_pages
    too_large = ending == ".png" and sides[0] * sides[1] * RESOLUTION**2 > MOST_PIXELS
    st.download_button(
        kind.label,
        lambda: pack(make(), ending, name),
        f"{name}{ending}.zip" if zipped else f"{name}{ending}",
        "application/zip" if zipped else kind.mime,
        key=f"{prefix}{ending[1:]}",
        help="The picture would have over 100 million pixels; take SVG or PDF, or smaller paper." if too_large else None,
        disabled=too_large,
        on_click="ignore",
        icon=ICON,
    )  # fmt: skip


def _plots() -> bool:
    return bool(find_spec("vpype") and find_spec("vpype_gcode"))


def _plotting(pages: Sequence[Page]) -> str:
    from handwriting.formats.plotter import plotting

    return str(plotting(pages))
