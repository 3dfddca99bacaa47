"""Pages for pen plotters, by vpype: what HPGL and G-code have in common, and how long plotting takes.

Strokes are drawn in writing order, each as chords within 0.02 mm of its curve. Every pen is a layer; rules and the colour of the
paper are not drawn. For a certain machine's own format, origin or pen lift, give the SVG file to vpype.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from handwriting import strokes as ink_of
from handwriting.page import Page
from handwriting.strokes import Points
from shared.errors import UserError

if TYPE_CHECKING:
    import vpype

DRAWING_SPEED, TRAVEL_SPEED = 40.0, 100.0
"""mm/s, pen down and up"""
LIFT_SECONDS = 0.15
"""to lift the pen or to lower it"""
TOLERANCE = 0.02
PIXELS_A_MM = 96 / 25.4
"""vpype counts in CSS pixels"""


@dataclass(frozen=True)
class Plotting:
    """What a plotter has to do."""

    seconds: float
    drawn: float
    """mm with the pen down"""
    travelled: float
    """mm with the pen up, from the paper's lower left corner and back"""
    strokes: int

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds), 60)
        time = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        ways = f"{self.drawn / 1000:.2f} m drawn in {self.strokes} strokes, {self.travelled / 1000:.2f} m in the air"
        return f"about {time} to plot: {ways}"


def plotting(pages: Page | Sequence[Page]) -> Plotting:
    """An estimate for a plotter that draws at 40 mm/s, travels at 100 mm/s and needs 0.15 s to lift or lower its pen."""
    drawn = travelled = 0.0
    count = 0
    for page in [pages] if isinstance(pages, Page) else pages:
        home = np.array([0.0, page.paper.height])
        place = home
        for _, stroke in _strokes(page):
            travelled += float(np.hypot(*(stroke[0] - place)))
            drawn += float(np.hypot(*np.diff(stroke, axis=0).T).sum())
            place, count = stroke[-1], count + 1
        travelled += float(np.hypot(*(home - place)))
    seconds = drawn / DRAWING_SPEED + travelled / TRAVEL_SPEED + 2 * LIFT_SECONDS * count
    return Plotting(seconds, drawn, travelled, count)


def check_vpype() -> None:
    """Says how to install what is missing.

    Raises:
        UserError: if it is.
    """
    if not (find_spec("vpype") and find_spec("vpype_gcode")):
        raise UserError(
            "files for plotters are made by vpype, which is not installed; `pip install show-and-scribe[plotter]` adds it"
        )


def document(page: Page) -> vpype.Document:
    """The page in vpype's terms: a layer for each pen.

    Raises:
        UserError: if vpype is not installed.
    """
    check_vpype()
    import vpype
    from shapely import LineString

    found = vpype.Document(page_size=(page.paper.width * PIXELS_A_MM, page.paper.height * PIXELS_A_MM))
    for layer, stroke in _strokes(page):
        chords = (
            np.array(LineString(stroke).simplify(TOLERANCE / 2).coords) if np.ptp(stroke, axis=0).any() else stroke[:2]
        )
        found.add(vpype.LineCollection([chords @ [PIXELS_A_MM, 1j * PIXELS_A_MM]]), layer_id=layer)
    return found


def facts(page: Page) -> list[str]:
    """What a comment in a file may say of it: plain ASCII, one line each."""
    first = " ".join(page.text.split())[:60].encode("ascii", "replace").decode()
    return [first, f"{page.paper.width:g} x {page.paper.height:g} mm, {plotting(page)}"]


def _strokes(page: Page) -> list[tuple[int, Points]]:
    """The number of its pen and the chords of each stroke, pen after pen; a dot has two ends at one place."""
    found = []
    for number, lines in enumerate(page.by_pen().values(), 1):
        for line in lines:
            for stroke in ink_of.split(line.strokes, page.origin):
                chords = ink_of.smooth(stroke, 6)
                found.append((number, chords if len(chords) > 1 else np.repeat(chords, 2, axis=0)))
    return found
