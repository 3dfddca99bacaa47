"""The pen that writes ink before the visitor's eyes, at the speed of a hand, page after page, also while more is being made.

All playing happens in the browser (`pen.js`): pausing, seeking and speed cost no rerun. What was sent before is not sent
again: Streamlit names messages that the browser has by their digest. Text travels as data and is never part of the page's HTML.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from handwriting.pace import LIFT_SECONDS, POINTS_PER_SECOND, TRAVEL_SPEED
from handwriting.page import RULE_WIDTH, Line, Page
from handwriting.strokes import split
from ui.component import component
from ui.inks import Ink

FINENESS = 100
"""steps a mm in which points are told"""
TURN_SECONDS = 0.8
"""from one page to the next"""
PACE = {
    "pointsPerSecond": POINTS_PER_SECOND,
    "liftSeconds": LIFT_SECONDS,
    "travelSpeed": TRAVEL_SPEED,
    "turnSeconds": TURN_SECONDS,
}

_player = component("pen", "pen_ink.js")


def play(
    name: Hashable,
    pages: Sequence[Page],
    ink: Ink,
    *,
    over: bool = True,
    share: float = 1.0,
    places: Sequence[int] | None = None,
    key: str = "pen",
) -> None:
    """Shows pages being written.

    Args:
        name: of what is written. Under another name the pen begins anew; under the same it goes on at the letter where it was,
            whatever is sent: more ink, or the same on other paper, in another colour or width.
        pages: with the characters of their lines' points.
        ink: what it is drawn with.
        over: whether this is all of it; otherwise the pen waits at the end for more.
        share: of the whole text, what there is.
        places: for each character shown that is no space, which of the whole text's it is, if some before it are not there yet.
        key: of the component, one for each on a page.
    """
    looks = {"colour": ink.colour, "darkColour": ink.on_dark, "width": ink.width}
    data = {"name": repr(name), "over": over, "share": share, "looks": looks, **folio(pages, places)}
    _player(data=data, key=key)


def folio(pages: Sequence[Page], places: Sequence[int] | None = None) -> dict[str, Any]:
    """What `pen.js` needs to know of pages. Lengths are mm, moves hundredths of them."""
    known = iter(_starts(pages, places))
    content = [{"paper": _paper(page), "lines": [_line(line, next(known)) for line in page.lines]} for page in pages]
    return {"version": _digest(pages), "pace": PACE, "pages": content}


def _starts(pages: Sequence[Page], places: Sequence[int] | None) -> Iterator[int]:
    """How many characters that are no spaces stand before each line, in the whole text."""
    before = 0
    for page in pages:
        for line in page.lines:
            yield before if places is None else places[min(before, len(places) - 1)]
            before += sum(not character.isspace() for character in line.text)


def _paper(page: Page) -> dict[str, Any]:
    paper = page.paper
    rules = [[round(number, 2) for number in rule] for rule in paper.rules()]
    box = {name: round(getattr(paper, name), 2) for name in ("left", "top", "width", "height")}
    return {**box, "rules": rules, "ruleWidth": RULE_WIDTH}


def _line(line: Line, start: int) -> dict[str, Any]:
    """A line's moves between points; of whole steps, so that rounding does not add up."""
    steps = np.rint(np.cumsum(line.strokes[:, :2], 0) * FINENESS).astype(int)
    characters = [] if line.characters is None else line.characters.tolist()
    return {
        "text": line.text,
        "from": start,
        "moves": np.diff(steps, axis=0, prepend=0).ravel().tolist(),
        "strokes": [len(stroke) for stroke in split(line.strokes)],
        "letters": [[letter, sum(1 for _ in run)] for letter, run in groupby(characters or [0] * len(steps))],
    }


def _digest(pages: Sequence[Page]) -> str:
    found = hashlib.blake2b(digest_size=12)
    for page in pages:
        found.update(repr(page.paper).encode())
        for line in page.lines:
            found.update(line.text.encode(errors="replace") + np.ascontiguousarray(line.strokes).tobytes())
    return found.hexdigest()
