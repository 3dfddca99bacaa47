"""SVG that writes itself: each stroke appears as fast as the pen moved. CSS alone, no script.

What is drawn is the whole page; the animation only holds strokes back. Where motion is not wanted (prefers-reduced-motion), not
understood, or on paper, the page stands there finished.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from handwriting import strokes as ink_of
from handwriting.formats import svg
from handwriting.pace import pen_times
from handwriting.page import Line, Page
from handwriting.strokes import Points

STYLE = """<style>
@media (prefers-reduced-motion: no-preference) {
path { animation: write 0s linear backwards }
path.dot { animation-name: touch }
}
@keyframes write {
from { visibility: hidden; stroke-dasharray: 1 2; stroke-dashoffset: 1 }
to { visibility: visible; stroke-dasharray: 1 2; stroke-dashoffset: 0 }
}
@keyframes touch { from { visibility: hidden } to { visibility: visible } }
#layer99 path { animation: none }
</style>"""
EVERY = 3
"""points from one mark of the pen's pace to the next"""


def write(pages: Sequence[Page]) -> bytes:
    """The file of one page."""
    (page,) = pages
    whole = page.strokes
    times = pen_times(whole)
    starts = np.cumsum([0, *(len(line.strokes) for line in page.lines)])
    moving = {
        id(line): list(_paths(page, line, times[start:])) for line, start in zip(page.lines, starts, strict=False)
    }
    layers = [
        svg.group(number, pen, (path for line in lines for path in moving[id(line)]))
        for number, (pen, lines) in enumerate(page.by_pen().items(), 1)
    ]
    return svg.sheet(page, [STYLE, *svg.paper(page), *layers]).encode()


def _paths(page: Page, line: Line, times: np.ndarray) -> Iterator[str]:
    """The strokes of a line; `times` (s) of its points and those after."""
    start = 0
    for stroke in ink_of.split(line.strokes, page.origin):
        begin, end = times[start], times[start + len(stroke) - 1]
        pace = _pace(stroke)
        kind = ' pathLength="1"' if pace else ' class="dot"'
        timing = f";animation-timing-function:linear({pace})" if pace else ""
        yield (
            f'<path d="{svg.path(stroke)}"{kind}'
            f' style="animation-delay:{begin:.2f}s;animation-duration:{max(end - begin, 0.01):.2f}s{timing}"/>'
        )
        start += len(stroke)


def _pace(stroke: Points) -> str:
    """How much of a stroke is drawn, at even steps of time; "" for a dot, which is there at once."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    if way[-1] < 2 * svg.DOT:
        return ""
    steps = max(1, round((len(stroke) - 1) / EVERY))
    drawn = np.interp(np.linspace(0, len(stroke) - 1, steps + 1), np.arange(len(stroke)), way / way[-1])
    return ",".join(f"{part:.3g}" for part in drawn)
