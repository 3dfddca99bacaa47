"""HPGL for plotters with 40 units a mm, the origin at the paper's lower left corner."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from handwriting.formats.plotter import DRAWING_SPEED, document
from handwriting.page import Page

DEVICE = {
    "name": "handwriting",
    "plotter_unit_length": "0.025mm",
    "pen_count": 8,
    "paper": [
        {"name": "any", "y_axis_up": True, "origin_location": ["0mm", "0mm"], "origin_location_reference": "botleft"}
    ],
}


def write(pages: Sequence[Page]) -> bytes:
    """The file of one page.

    Raises:
        UserError: if vpype is not installed.
    """
    (page,) = pages
    drawing = document(page)
    import vpype

    vpype.config_manager.config["device"]["handwriting"] = DEVICE
    file = StringIO()
    landscape = page.paper.width > page.paper.height
    vpype.write_hpgl(file, drawing, "any", landscape, False, "handwriting", round(DRAWING_SPEED / 10), quiet=True)
    return file.getvalue().encode()
