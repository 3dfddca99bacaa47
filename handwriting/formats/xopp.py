"""Notes of Xournal++, and of Xournal before it (.xoj): pages to write on, and one's own hand from there.

The file is XML, packed by gzip, in points of 1/72 inch from the sheet's corner. Ink is written as chords of its curve, for these
programs draw straight from point to point. What is printed on the paper (rules, pictures) is a layer below it, which is not read
back.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from PIL import Image

from handwriting import formats
from handwriting import strokes as ink_of
from handwriting.formats.checks import MM, joined, parsed
from handwriting.formats.svg import PAPER_LAYER, plain, seen
from handwriting.page import RULE_COLOUR, RULE_WIDTH, Line, Page, Paper, Pen
from handwriting.picture import Picture
from handwriting.strokes import Points
from shared.errors import UserError

PT = MM["pt"]
CREATOR = "Show & Scribe"
CURVE_STEPS = 4
"""chords between two points"""


def write(pages: Sequence[Page]) -> bytes:
    """The file of all pages."""
    rows = [
        '<?xml version="1.0" standalone="no"?>',
        f'<xournal creator={quoteattr(CREATOR)} fileversion="4">',
        f"<title>{plain(pages[0].text)}</title>",
        *[row for page in pages for row in _sheet(page)],
        "</xournal>",
        "",
    ]
    return gzip.compress("\n".join(rows).encode(), mtime=0)


def _sheet(page: Page) -> Iterator[str]:
    yield f'<page width="{page.paper.width / PT:.3f}" height="{page.paper.height / PT:.3f}">'
    yield f'<background type="solid" color="{page.paper.colour}ff" style="plain"/>'
    printed = Pen(RULE_COLOUR, RULE_WIDTH)
    printing = [
        *map(_image, page.pictures),
        *[_stroke(np.array(rule).reshape(2, 2), printed) for rule in page.paper.rules()],
    ]
    if printing:
        yield from (f'<layer name="{PAPER_LAYER}">', *printing, "</layer>")
    yield "<layer>"
    for line in page.lines:
        for stroke in ink_of.split(line.strokes, page.origin):
            yield _stroke(ink_of.smooth(seen(stroke), CURVE_STEPS), line.pen)
    yield from ("</layer>", "</page>")


def _stroke(points: Points, pen: Pen) -> str:
    """mm in points; the colour with its opacity."""
    places = " ".join(f"{place:.3f}" for place in (points / PT).ravel().tolist())
    return f'<stroke tool="pen" color="{pen.colour}ff" width="{pen.width / PT:.3f}">{places}</stroke>'


def _image(laid: Picture) -> str:
    """A picture, as a PNG: it knows no other kind."""
    file = BytesIO()
    with Image.open(BytesIO(laid.content)) as image:
        image.convert("RGBA" if image.has_transparency_data else "RGB").save(file, "PNG")  # CMYK is none
    left, top = laid.left / PT, laid.top / PT
    right, bottom = left + laid.width / PT, top + laid.height / PT
    box = f'left="{left:.3f}" top="{top:.3f}" right="{right:.3f}" bottom="{bottom:.3f}"'
    return f"<image {box}>{base64.b64encode(file.getvalue()).decode()}</image>"


def read(content: bytes) -> list[Page]:
    """The pages of a file, on each a line of ink for every pen in turn; what was typed, marked or pasted in is left out.

    Raises:
        UserError: for what are no such notes, or a number that is none.
    """
    root = parsed(_unpacked(content), "these are no notes of Xournal++")
    if root.tag != "xournal":
        raise UserError(f"it is XML, but no notes of Xournal++: it begins with <{root.tag[:40]}>")
    text = root.findtext("title", "") if root.get("creator") == CREATOR else ""
    return [_page(page, text) for page in root.findall("page")]


def _unpacked(content: bytes) -> bytes:
    """The XML, which may also stand there as it is."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    unpacking = zlib.decompressobj(wbits=31)
    try:
        xml = unpacking.decompress(content, formats.LARGEST_FILE + 1)
    except zlib.error as error:
        raise UserError(f"it cannot be unpacked ({error})") from error
    if len(xml) > formats.LARGEST_FILE:
        raise UserError(f"it is larger than {formats.LARGEST_FILE // 2**20} MiB when it is unpacked")
    if not unpacking.eof:
        raise UserError("it is cut short")
    return xml


def _page(page: Any, text: str) -> Page:
    try:
        paper = Paper(float(page.get("width")) * PT, float(page.get("height")) * PT)
    except (TypeError, ValueError) as error:
        raise UserError(f"a page is {page.get('width')} by {page.get('height')}, not two numbers") from error
    strokes = [
        stroke
        for layer in page.findall("layer")
        if layer.get("name") != PAPER_LAYER
        for stroke in layer.findall("stroke")
        if stroke.get("tool", "pen") == "pen"
    ]
    lines = [Line(joined([_points(stroke) for stroke in own]), pen=pen) for pen, own in groupby(strokes, _pen)]
    return Page(paper, tuple(lines), {"text": text} if text else {})


def _pen(stroke: Any) -> Pen:
    """A width that the pen's pressure changes is the first of many numbers."""
    try:
        return Pen(stroke.get("color", Pen.colour), float(stroke.get("width", "").split()[0]) * PT)
    except (IndexError, ValueError) as error:
        raise UserError(f"a stroke is {stroke.get('width', '')[:40]!r} wide, not a number of points") from error


def _points(stroke: Any) -> Points:
    numbers = (stroke.text or "").split()
    try:
        return np.array(numbers, np.float64).reshape(-1, 2) * PT
    except ValueError as error:
        raise UserError(f"a stroke has {' '.join(numbers)[:40]!r}, not pairs of numbers") from error
