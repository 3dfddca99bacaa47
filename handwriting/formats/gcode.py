"""G-code in mm, the origin at the paper's lower left corner; the pen is lifted and lowered along Z."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

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
    import vpype_cli
    from vpype_gcode import gwrite  # noqa: F401 - adds the command and its profiles

    vpype.config_manager.config["gwrite"]["handwriting"] = PROFILE
    with TemporaryDirectory() as folder:
        file = Path(folder) / "page.gcode"
        vpype_cli.execute(f"gwrite --profile handwriting {shlex.quote(str(file))}", drawing)
        return "".join(f"; {fact}\n" for fact in facts(page)).encode() + file.read_bytes()
