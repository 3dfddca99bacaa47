"""G-code in mm, the origin at the paper's lower left corner; the pen is lifted and lowered along Z."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from handwriting.formats.plotter import DRAWING_SPEED, TRAVEL_SPEED, document, facts
from handwriting.page import Page

UP, DOWN = 4.0, 0.0
"""mm above the paper"""
PROFILE = {
    "document_start": f"G21\nG90\nG17\nG0 Z{UP:g}\n",
    "layer_join": f"G0 Z{UP:g}\nM0\n",
    "segment_first": f"G0 X{{x:.3f}} Y{{y:.3f}} F{TRAVEL_SPEED * 60:.0f}\nG1 Z{DOWN:g} F{DRAWING_SPEED * 60:.0f}\n",
    "segment": f"G1 X{{x:.3f}} Y{{y:.3f}} F{DRAWING_SPEED * 60:.0f}\n",
    "line_end": f"G0 Z{UP:g}\n",
    "document_end": f"G0 X0 Y0 F{TRAVEL_SPEED * 60:.0f}\nM2\n",
    "unit": "mm",
    "vertical_flip": True,
}
"""of vpype-gcode; M0 waits for the next pen"""


def write(pages: Sequence[Page]) -> bytes:
    """The file of one page.

    Raises:
        UserError: if vpype is not installed.
    """
    (page,) = pages
    drawing = document(page)
    import vpype
    from vpype_gcode.gwrite import gwrite

    vpype.config_manager.config["gwrite"]["handwriting"] = PROFILE
    file = StringIO()
    file.name = ""  # templates may ask for it
    # What the command `gwrite` does, without its pipeline, which has one state for all threads and leaves its file open.
    gwrite.callback.__wrapped__(drawing, file, "handwriting", ())
    return ("".join(f"; {fact}\n" for fact in facts(page)) + file.getvalue()).encode()
