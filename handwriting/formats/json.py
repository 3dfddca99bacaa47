"""JSON: all that is known of some ink. Numbers are written so that they are read back bit for bit.

Ours is `{"format": "handwriting", "version": 1, "unit": "mm", "pages": [page, …]}`. A page has `paper`, `lines` and `about`; a line
`text`, `pen` and `points`, each [dx, dy, pen_up]: the way from the point before (of a line's first, from the ink's origin), y
downward, and 1 where a stroke ends.

Ink from elsewhere may be a list of strokes, or an object with `strokes` and perhaps `text`; a stroke is a list of [x, y, …], in
mm or the `unit` that is told (cm, m, in, pt or pc). What would be wider than any writing, and has no `unit`, is taken for
hundredths of mm, in which many tablets count.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from handwriting.formats.checks import MM, check_points, in_mm, joined
from handwriting.page import Line, Page, Paper, Pen
from handwriting.strokes import Strokes
from shared.errors import UserError

KIND, VERSION = "handwriting", 1


def write(pages: Sequence[Page]) -> bytes:
    """The file of all pages."""
    content = {"format": KIND, "version": VERSION, "unit": "mm", "pages": [_page(page) for page in pages]}
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode(
        errors="replace"
    )


def read(content: bytes) -> list[Page]:
    """The pages of a file.

    Raises:
        UserError: for what is no JSON, no ink, or a number that is none.
    """
    try:
        found = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UserError(f"it is not JSON ({error if str(error) else 'nested too deeply'})") from error
    try:
        if isinstance(found, dict) and "pages" in found:
            if found.get("format") != KIND or found.get("version") != VERSION:
                raise UserError(f"it is of another kind, or of a newer version than {VERSION}")
            if _scale(found) not in (None, 1.0):
                raise UserError(f"its pages are in {found['unit']}; a file of pages is in mm")
            return [_read_page(page) for page in found["pages"]]
        theirs = found if isinstance(found, dict) else {"strokes": found}
        scale = _scale(theirs)
        strokes = [np.array([point[:2] for point in stroke], np.float64) for stroke in theirs["strokes"]]
        ink = joined([stroke * (scale or 1.0) for stroke in strokes])
        return [Page.around(ink if scale else in_mm(ink), _plain(str(theirs.get("text", ""))))]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise UserError(
            f"it is JSON, but not ink as `handwriting write -o ink.json` writes it ({_say(error)})"
        ) from error


def _page(page: Page) -> dict[str, Any]:
    return {"paper": asdict(page.paper), "lines": [_line(line) for line in page.lines], "about": dict(page.about)}


def _line(line: Line) -> dict[str, Any]:
    known = {"characters": line.characters.tolist()} if line.characters is not None else {}
    points = [[dx, dy, int(pen_up > 0.5)] for dx, dy, pen_up in line.strokes.tolist()]
    return {"text": line.text, "pen": asdict(line.pen), **known, "points": points}


def _read_page(page: dict[str, Any]) -> Page:
    about = {str(name): value for name, value in page.get("about", {}).items() if isinstance(value, str | int | float)}
    paper = Paper(
        **{
            name: _typed(value, name in ("colour", "ruling"))
            for name, value in page["paper"].items()
            if name in _names(Paper)
        }
    )
    return Page(paper, tuple(_read_line(line) for line in page["lines"]), about)


def _read_line(line: dict[str, Any]) -> Line:
    strokes: Strokes = np.array(line["points"], np.float64).reshape(-1, 3)
    if not np.isin(strokes[:, 2], (0.0, 1.0)).all():
        raise UserError("the third number of a point must be 0, or 1 where a stroke ends")
    check_points(strokes[:, :2])
    check_points(np.cumsum(strokes[:, :2], 0))
    pen = Pen(
        **{name: _typed(value, name == "colour") for name, value in line.get("pen", {}).items() if name in _names(Pen)}
    )
    characters = np.array(line["characters"], np.int64) if "characters" in line else None
    if characters is not None and characters.shape != (len(strokes),):
        raise UserError(f"a line of {len(strokes)} points has {characters.size} characters of points")
    return Line(strokes, _plain(str(line.get("text", ""))), pen, characters)


def _scale(found: dict[str, Any]) -> float | None:
    """mm of the file's unit, if it tells one."""
    if "unit" not in found:
        return None
    unit = str(found["unit"])
    if unit not in MM:
        raise UserError(f"its unit is {unit[:40]!r}; there are {', '.join(MM)}")
    return MM[unit]


def _plain(text: str) -> str:
    """A text that can be written into any file: JSON can hold halves of characters, which nothing else can."""
    return text.encode(errors="replace").decode()


def _names(kind: type[Paper] | type[Pen]) -> set[str]:
    return {field.name for field in fields(kind)}


def _typed(value: Any, text: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, str if text else (int, float)):
        raise UserError(f"expected {'a text' if text else 'a number'}, got {str(value)[:40]!r}")
    return value


def _no_number(name: str) -> float:
    raise UserError(f"it holds {name} where a number should be")


def _say(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)[:100]
