"""PDF: vector pages in their own sizes, all in one file. The text lies unseen under its ink, to be searched and copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from fpdf import FPDF
from fpdf.drawing import PaintedPath

from handwriting import strokes as ink_of
from handwriting.formats import unseen
from handwriting.page import PAPER_COLOUR, RULE_COLOUR, RULE_WIDTH, Line, Page

NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""the same ink gives the same file, whenever it is written"""


def write(pages: Sequence[Page]) -> bytes:
    """The file of all pages."""
    file = FPDF(unit="mm", format=(pages[0].paper.width, pages[0].paper.height))
    file.set_auto_page_break(False)
    file.set_margin(0)
    file.set_title(pages[0].text.strip()[:200])
    file.set_creator("Show & Scribe")
    file.set_subject("; ".join(f"{name} {value}" for name, value in pages[0].about.items() if name != "text"))
    file.set_creation_date(NO_DATE)
    unseen.add_font(file, pages)
    for page in pages:
        file.add_page(format=(page.paper.width, page.paper.height))
        _print_paper(file, page)
        unseen.lay(file, page)
        with file.drawing_context() as drawing:
            for line in page.lines:
                # Not cloned: fpdf2 would copy each of thousands of curves.
                drawing.add_item(_ink(page, line), clone=False)
    return bytes(file.output())


def _ink(page: Page, line: Line) -> PaintedPath:
    """A line as one path of many pieces."""
    path = _path(line.pen.colour, line.pen.width)
    for stroke in ink_of.split(line.strokes, page.origin):
        path.move_to(*stroke[0].tolist())
        if len(stroke) < 3:
            path.line_to(*stroke[-1].tolist())
            continue
        for piece in ink_of.bezier(stroke):
            path.curve_to(*piece[1:].ravel().tolist())
    return path


def _path(colour: str, width: float) -> PaintedPath:
    path = PaintedPath()
    path.style.stroke_color, path.style.stroke_width = colour, width
    path.style.stroke_cap_style = path.style.stroke_join_style = "round"
    path.style.fill_color = None
    path.style.auto_close = False
    return path


def _print_paper(file: FPDF, page: Page) -> None:
    if page.paper.colour != PAPER_COLOUR:
        file.set_fill_color(page.paper.colour)
        file.rect(0, 0, page.paper.width, page.paper.height, style="F")
    file.set_draw_color(RULE_COLOUR)
    file.set_line_width(RULE_WIDTH)
    for rule in page.paper.rules():
        file.line(*rule)
    for laid in page.pictures:
        file.image(BytesIO(laid.content), laid.left, laid.top, laid.width, laid.height, alt_text=laid.alt or None)
