"""Ink as files and pictures. The names of the formats are their file extensions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from handwriting import strokes as ink_of
from handwriting.strokes import Strokes
from shared.errors import UserError

if TYPE_CHECKING:
    from handwriting.scribe import Ink

PEN_WIDTH = 0.45
"""mm"""
RESOLUTION = 12.0
"""pixels a mm: 305 dpi"""
MARGIN = 4.0
"""mm of paper around the ink"""
INK_COLOUR, PAPER_COLOUR = "#1c2b57", "#ffffff"


def save(ink: Ink, path: Path | str) -> Path:
    """Writes ink into a file of the format that its extension names. The file appears whole or not at all.

    Raises:
        UserError: for an unknown extension, or a place that cannot be written to.
    """
    path = Path(path)
    check_writable(path)
    write_whole(path, WRITERS[path.suffix.lower()](ink))
    return path


def check_writable(path: Path) -> None:
    """Says early, before the work, that ink could not be written there.

    Raises:
        UserError: for an unknown extension, or a folder that is not there or not writable.
    """
    if path.suffix.lower() not in WRITERS:
        raise UserError(f"cannot write {path.name!r}: the formats are {', '.join(WRITERS)}")
    if path.is_dir():
        raise UserError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise UserError(f"cannot write {path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise UserError(f"cannot write {path}: the folder {path.parent} is not writable")


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file that a reader sees complete or not at all.

    Raises:
        UserError: if it cannot be written.
    """
    scratch = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:40]}.", delete=False) as file:
            scratch = Path(file.name)
            file.write(content)
        scratch.chmod(0o666 & ~_umask())
        scratch.replace(path)
    except OSError as error:
        if scratch:
            scratch.unlink(missing_ok=True)
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error


def svg(strokes: Strokes, title: str = "", colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> str:
    """Strokes in mm as SVG: one path a stroke, in writing order, no fills, so that a plotter can draw it as it is.

    Raises:
        UserError: for a colour that is none.
    """
    _colour(colour)
    left, top, paper_width, paper_height = _paper(strokes)
    paths = [f'<path d="{_path(stroke)}"/>' for stroke in ink_of.split(strokes, (-left, -top))]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{paper_width:.2f}mm" height="{paper_height:.2f}mm"'
            f' viewBox="0 0 {paper_width:.2f} {paper_height:.2f}">',
            f"<title>{escape(title)}</title>",
            f'<g fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round">',
            *paths,
            "</g>",
            "</svg>",
            "",
        ]
    )


def image(
    strokes: Strokes,
    resolution: float = RESOLUTION,
    colour: str = INK_COLOUR,
    width: float = PEN_WIDTH,
    paper: str = PAPER_COLOUR,
) -> Image.Image:
    """Strokes in mm as a picture of `resolution` pixels a mm, drawn fine and reduced, so that edges are smooth.

    Raises:
        UserError: for a colour that is none, or more than 100 million pixels.
    """
    left, top, paper_width, paper_height = _paper(strokes)
    if paper_width * paper_height * resolution**2 > 1e8:
        raise UserError("the picture would have over 100 million pixels; write less at a time, or save it as .svg")
    size = (max(1, round(paper_width * resolution)), max(1, round(paper_height * resolution)))
    finer = 3 if size[0] * size[1] < 1e7 else 1
    fine = Image.new("L", (size[0] * finer, size[1] * finer))
    draw = ImageDraw.Draw(fine)
    scale = resolution * finer
    radius = width * scale / 2
    for stroke in ink_of.split(strokes, (-left, -top)):
        points = ink_of.smooth(stroke, 6) * scale
        draw.line([tuple(p) for p in points], fill=255, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (points[0], points[-1]):  # round ends; also what a dot is made of
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    picture = Image.new("RGB", size, _colour(paper))
    picture.paste(Image.new("RGB", size, _colour(colour)), mask=fine.resize(size, Image.Resampling.BOX))
    return picture


def png(strokes: Strokes, resolution: float = RESOLUTION, colour: str = INK_COLOUR, width: float = PEN_WIDTH) -> bytes:
    """Strokes in mm as a PNG file, which knows its resolution."""
    buffer = BytesIO()
    image(strokes, resolution, colour, width).save(buffer, "PNG", dpi=(resolution * 25.4, resolution * 25.4))
    return buffer.getvalue()


WRITERS: dict[str, Callable[[Ink], bytes]] = {
    ".svg": lambda ink: svg(ink.strokes, ink.text).encode(),
    ".png": lambda ink: png(ink.strokes),
}
"""What turns ink into a file's content, by extension."""


def _path(stroke: np.ndarray) -> str:
    """A stroke as the data of an SVG path: a smooth curve through its points; a dot is a line of no length."""
    x, y = stroke[0]
    start = f"M{x:.3f} {y:.3f}"
    if len(stroke) < 3:
        return start + f"L{stroke[-1][0]:.3f} {stroke[-1][1]:.3f}"
    return start + "".join("C" + " ".join(f"{n:.3f}" for n in piece[1:].ravel()) for piece in ink_of.bezier(stroke))


def _paper(strokes: Strokes) -> tuple[float, float, float, float]:
    """Left and top edge, width and height of the paper around some ink, mm."""
    left, top, right, bottom = ink_of.bounds(strokes)
    return left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN


def _colour(name: str) -> tuple[int, ...]:
    try:
        return ImageColor.getrgb(name)[:3]
    except ValueError as error:
        raise UserError(f"{name!r} is no colour; use #rrggbb or an HTML name") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
