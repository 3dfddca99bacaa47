"""PNG pictures, and the brush that draws ink into any picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageDraw, PngImagePlugin

from handwriting import strokes as ink_of
from handwriting.page import RULE_COLOUR, RULE_WIDTH, Page
from handwriting.strokes import Points
from shared.errors import UserError

RESOLUTION = 12.0
"""pixels a mm: 305 dpi"""
MOST_PIXELS = 1e8
FINER, CURVE_STEPS = 4, 4
"""ink is drawn so much finer than the picture, and with so many chords between two points"""
Box = tuple[int, int, int, int]


def write(pages: Sequence[Page]) -> bytes:
    """The file of one page. It knows its resolution, its text and the other facts."""
    (page,) = pages
    facts = PngImagePlugin.PngInfo()
    facts.add_itxt("Title", page.text)
    facts.add_itxt("Software", "Show & Scribe")
    facts.add_itxt("Comment", "; ".join(f"{name} {value}" for name, value in page.about.items() if name != "text"))
    buffer = BytesIO()
    dots_an_inch = RESOLUTION * 25.4
    draw(page).save(buffer, "PNG", dpi=(dots_an_inch, dots_an_inch), pnginfo=facts, optimize=False)
    return buffer.getvalue()


def draw(page: Page, resolution: float = RESOLUTION) -> Image.Image:
    """The page as a picture of `resolution` pixels a mm.

    Raises:
        UserError: for more than 100 million pixels.
    """
    picture = blank(page, resolution)
    for pen, lines in page.by_pen().items():
        mask = Image.new("L", picture.size)
        for line in lines:
            for stroke in ink_of.split(line.strokes, page.origin):
                brush(mask, ink_of.smooth(stroke, CURVE_STEPS) * resolution, pen.width * resolution)
        picture.paste(pen.colour, mask=mask)
    return picture


def blank(page: Page, resolution: float) -> Image.Image:
    """The paper without ink.

    Raises:
        UserError: for more than 100 million pixels.
    """
    width, height = page.paper.width * resolution, page.paper.height * resolution
    if width * height > MOST_PIXELS:
        raise UserError(
            "the picture would have over 100 million pixels; write less at a time, or save it as .svg or .pdf"
        )
    picture = Image.new("RGB", (max(1, round(width)), max(1, round(height))), page.paper.colour)
    rules = Image.new("L", picture.size)
    for rule in page.paper.rules():
        brush(rules, np.array(rule).reshape(2, 2) * resolution, RULE_WIDTH * resolution)
    picture.paste(RULE_COLOUR, mask=rules)
    for laid in page.pictures:
        laid.lay_on(picture, resolution)
    return picture


def brush(mask: Image.Image, points: Points, width: float) -> Box | None:
    """Draws a polyline with round joins and ends (all in pixels) over a mask of 0 to 255; returns the box that was touched.

    Each is drawn finely on a small piece of its own and reduced: smooth edges cost no memory for the whole picture.
    """
    reach = width / 2 + 1
    left, top = np.maximum(np.floor(points.min(0) - reach).astype(int), 0).tolist()
    right, bottom = np.minimum(np.ceil(points.max(0) + reach).astype(int), mask.size).tolist()
    if right <= left or bottom <= top:
        return None
    finer = FINER if (right - left) * (bottom - top) < 4e6 else 1
    fine = Image.new("L", ((right - left) * finer, (bottom - top) * finer))
    pen = ImageDraw.Draw(fine)
    path, radius = (points - (left, top)) * finer, width * finer / 2
    for x, y in path.tolist():
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    # Pillow's own thick lines are rough where chords are short: their corners are rounded before their sides are known.
    ways = np.diff(path, axis=0)
    lengths = np.hypot(*ways.T)
    sides = radius * np.stack([-ways[:, 1], ways[:, 0]], 1)[lengths > 0] / lengths[lengths > 0, None]
    starts, ends = path[:-1][lengths > 0], path[1:][lengths > 0]
    for corners in np.concatenate([starts + sides, ends + sides, ends - sides, starts - sides], 1).tolist():
        pen.polygon(corners, fill=255)
    box = (left, top, right, bottom)
    mask.paste(ImageChops.lighter(mask.crop(box), fine.reduce(finer)), box)
    return box
