"""SVG in mm: a layer for each pen, a path for each stroke, in writing order. What pen plotters and Inkscape want.

A layer's label begins with its number, as vpype and AxiDraw expect. Printed paper (rules, a colour, pictures) is a layer of its own
whose label begins with %, which AxiDraw leaves out; `vpype read page.svg ldelete 99` does the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from handwriting import strokes as ink_of
from handwriting.page import PAPER_COLOUR, RULE_COLOUR, RULE_WIDTH, Page, Pen
from handwriting.picture import Picture
from handwriting.strokes import Points

PAPER_LAYER = "%99 paper"
DOT = 0.02
"""the length that a dot is drawn with: programs drop lines of none"""


def write(pages: Sequence[Page]) -> bytes:
    """The file of one page."""
    (page,) = pages
    return draw(page).encode()


def draw(page: Page) -> str:
    """The page as the text of an SVG file."""
    layers = [
        group(
            number,
            pen,
            [
                f"<path d={quoteattr(path(stroke))}/>"
                for line in lines
                for stroke in ink_of.split(line.strokes, page.origin)
            ],
        )
        for number, (pen, lines) in enumerate(page.by_pen().items(), 1)
    ]
    return sheet(page, [*paper(page), *layers])


def sheet(page: Page, content: Iterable[str]) -> str:
    """A whole SVG file of the page's size, title and facts."""
    width, height = f"{page.paper.width:.2f}", f"{page.paper.height:.2f}"
    facts = "; ".join(f"{name} {value}" for name, value in page.about.items() if name != "text")
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
            f' width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">',
            f"<title>{plain(page.text)}</title>",
            *([f"<desc>{plain(facts)}</desc>"] if facts else []),
            *content,
            "</svg>",
            "",
        ]
    )


def group(number: int, pen: Pen, content: Iterable[str]) -> str:
    """The layer of a pen."""
    looks = (
        f'fill="none" stroke="{pen.colour}" stroke-width="{pen.width:g}" stroke-linecap="round" stroke-linejoin="round"'
    )
    layer = f'id="layer{number}" inkscape:groupmode="layer" inkscape:label="{number} ink {pen.colour}"'
    return "\n".join([f"<g {layer} {looks}>", *content, "</g>"])


def paper(page: Page) -> list[str]:
    """The layer of what is printed on the paper; none for blank white paper."""
    sides = page.paper.width, page.paper.height
    coloured = page.paper.colour != PAPER_COLOUR
    content = [f'<rect width="{sides[0]:.2f}" height="{sides[1]:.2f}" fill="{page.paper.colour}"/>'] if coloured else []
    rules = "".join(f"M{a:.2f} {b:.2f}L{c:.2f} {d:.2f}" for a, b, c, d in page.paper.rules())
    if rules:
        content.append(f'<path d="{rules}" fill="none" stroke="{RULE_COLOUR}" stroke-width="{RULE_WIDTH:g}"/>')
    content += map(picture, page.pictures)
    layer = f'id="layer99" inkscape:groupmode="layer" inkscape:label="{PAPER_LAYER}"'
    return [f"<g {layer}>", *content, "</g>"] if content else []


def picture(laid: Picture) -> str:
    """A picture, its file within; what it shows is its title."""
    place = f'x="{laid.left:.3f}" y="{laid.top:.3f}" width="{laid.width:.3f}" height="{laid.height:.3f}"'
    role = 'role="img"' if laid.alt else 'aria-hidden="true"'
    title = f"<title>{plain(laid.alt)}</title>" if laid.alt else ""
    return f'<image {place} preserveAspectRatio="none" {role} href="{laid.url}">{title}</image>'


def path(stroke: Points) -> str:
    """A stroke as the data of a path: a smooth curve through its points."""
    stroke = seen(stroke)
    x, y = stroke[0]
    start = f"M{x:.3f} {y:.3f}"
    if len(stroke) < 3:
        return start + f"L{stroke[-1][0]:.3f} {stroke[-1][1]:.3f}"
    return start + "".join("C" + " ".join(f"{n:.3f}" for n in piece[1:].ravel()) for piece in ink_of.bezier(stroke))


def seen(stroke: Points) -> Points:
    """A stroke; a dot, with a length."""
    return stroke[:1] + np.array([[0.0, 0.0], [DOT, 0.0]]) if np.ptp(stroke, axis=0).max() < DOT else stroke


def plain(text: str) -> str:
    """A text inside XML: signs that XML forbids are left out."""
    return escape(
        "".join(
            c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
        )
    )
