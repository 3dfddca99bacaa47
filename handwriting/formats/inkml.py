"""InkML (W3C Recommendation, 20 September 2011): ink for other programs, and theirs for us.

Points are written in mm with six decimals: read back, each lies within 0.0000005 mm of where it was, and a file that is read and
written again is the same. A page is a traceGroup with its paper, a line a traceGroup in it with its text and its brush.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from jaxtyping import Float

from handwriting import strokes as ink_of
from handwriting.formats.checks import MM, in_mm, joined, parsed
from handwriting.formats.svg import plain
from handwriting.page import Line, Page, Paper, Pen
from handwriting.strokes import Points
from shared.errors import UserError

NAMESPACE = "{http://www.w3.org/2003/InkML}"
TEXTS = ("truth", "text", "label", "normalizedLabel", "transcription")
"""under what names programs keep what is written"""
DESCRIBED = ("traceFormatRef", "inkSourceRef", "contextRef")
"""by what a context refers to where it is described, the nearest first"""
_VALUE = re.compile(r"""([!'"]?)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[*?TFtf]|#[0-9a-fA-F]+|nan|inf)""")


def write(pages: Sequence[Page]) -> bytes:
    """The file of all pages."""
    pens = list(dict.fromkeys(line.pen for page in pages for line in page.lines))
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<ink xmlns="http://www.w3.org/2003/InkML">',
        *[_annotation(name, value) for name, value in pages[0].about.items()],
        "<definitions>",
        *[_brush(number, pen) for number, pen in enumerate(pens, 1)],
        "</definitions>",
        '<context><traceFormat><channel name="X" type="decimal" units="mm"/><channel name="Y" type="decimal" units="mm"/>'
        "</traceFormat></context>",
    ]
    for page in pages:
        paper = " ".join(f"{name}={quoteattr(_decimal(value))}" for name, value in vars(page.paper).items())
        rows += ["<traceGroup>", f'<annotationXML type="paper"><paper {paper}/></annotationXML>']
        for line in page.lines:
            rows += [f'<traceGroup brushRef="#pen{pens.index(line.pen) + 1}">', _annotation("truth", line.text)]
            rows += [f"<trace>{_points(stroke)}</trace>" for stroke in ink_of.split(line.strokes)]
            rows += ["</traceGroup>"]
        rows += ["</traceGroup>"]
    return "\n".join([*rows, "</ink>", ""]).encode()


def read(content: bytes) -> list[Page]:
    """The pages of a file; ink of other programs comes as one line on one page.

    Raises:
        UserError: for what is no InkML, or a number that is none.
    """
    root = parsed(content, "it is not InkML")
    if root.tag.rpartition("}")[2] != "ink":
        raise UserError(f"it is XML, but not InkML: it begins with <{root.tag.rpartition('}')[2][:40]}>")
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    traces = _Traces(root)
    about = {key: element.text or "" for element in root.findall("annotation") if (key := element.get("type"))}
    groups = [group for group in root.findall("traceGroup") if group.find("annotationXML[@type='paper']") is not None]
    if groups:
        pens = {f"#{key}": _pen(brush) for brush in root.iter("brush") for key in _ids(brush)}
        return [_page(group, traces, pens, about) for group in groups]
    text = _said(root) or "\n".join(map(_said, _told(root)))
    ink = joined(list(traces.strokes(root)))
    return [Page.around(ink if traces.have_unit else in_mm(ink), text, about=about)]


def _said(element: Any) -> str:
    """What is written, as a file or a part of it tells: the text under the first of the names of `TEXTS` that it has."""
    told = {found.get("type"): found.text or "" for found in element.findall("annotation")}
    return next((told[name].strip() for name in TEXTS if told.get(name, "").strip()), "")


def _told(element: Any) -> Iterator[Any]:
    """The outermost groups below that tell what is written: lines, in the files of programs that keep them apart."""
    for group in element.findall("traceGroup"):
        if _said(group):
            yield group
        else:
            yield from _told(group)


class _Traces:
    """The traces of a file, each read as its own context says (section 4.1): pens and mice that wrote into one file count in
    channels and units of their own. A trace without a context is of the one that stands before it, or of the file's first format.
    """

    def __init__(self, root: Any) -> None:
        self.root = root
        self.named = {f"#{key}": element for element in root.iter() for key in _ids(element)}
        self.formats: dict[Any, _Channels] = {}

    @property
    def have_unit(self) -> bool:
        """Whether the traces that were read are in mm."""
        return any(channels.have_unit for channels in self.formats.values())

    def strokes(self, element: Any, context: Any = None) -> Iterator[Points]:
        """Those of all traces below, in mm where the file knows its unit."""
        for part in element:
            if part.tag == "context":
                context = part
            elif part.tag != "trace":
                yield from self.strokes(part, self.named.get(part.get("contextRef"), context))
            elif part.get("type") != "penUp":
                yield self._channels(self.named.get(part.get("contextRef"), context)).stroke(part.text or "")

    def _channels(self, context: Any) -> _Channels:
        if context not in self.formats:
            self.formats[context] = _Channels(self._described(context))
        return self.formats[context]

    def _described(self, context: Any) -> Any:
        """The part of the file in which the traces of a context are described: itself, what it refers to, or all of it."""
        seen = list[Any]()
        while context is not None and context not in seen:
            if context.find(".//channel") is not None:
                return context
            seen.append(context)
            context = next((self.named.get(context.get(name)) for name in DESCRIBED if context.get(name)), None)
        return self.root


class _Channels:
    """How the numbers of traces are meant, as a part of the file tells.

    Raises:
        UserError: if there is no X or no Y among them.
    """

    def __init__(self, root: Any) -> None:
        channels = [channel for form in list(root.iter("traceFormat"))[:1] for channel in form.iter("channel")]
        self.names = [channel.get("name", "") for channel in channels] or ["X", "Y"]
        if not {"X", "Y"} <= set(self.names):
            raise UserError(f"its traces have the channels {', '.join(self.names)[:80]}, not X and Y")
        self.x, self.y = self.names.index("X"), self.names.index("Y")
        x, y = (self._millimetres(name, channels, root) for name in ("X", "Y"))
        self.have_unit = bool(x or y)
        down = -1 if any(c.get("name") == "Y" and c.get("orientation") == "-ve" for c in channels) else 1
        self.scale = np.array([x or 1.0, down * (y or 1.0)])

    @staticmethod
    def _millimetres(name: str, channels: list[Any], root: Any) -> float | None:
        """How long a channel's unit is, if the file tells."""
        channel: Any = next((channel for channel in channels if channel.get("name") == name), {})
        unit = channel.get("units", "")
        # Office counts in whole device units, and yet calls the channel's unit what its resolution is per.
        counts = unit in ("", "dev") or channel.get("type") == "integer"
        for found in root.iter("channelProperty"):  # so many device units a cm, …
            per = found.get("units", "").partition("1/")[2]
            if counts and found.get("channel") == name and found.get("name") == "resolution" and per in MM:
                try:
                    return MM[per] / float(found.get("value", ""))
                except (ValueError, ZeroDivisionError) as error:
                    raise UserError(f"its resolution is {found.get('value')!r}, not a number over 0") from error
        return MM.get(unit)

    def stroke(self, text: str) -> Points:
        """The points of a trace, in mm where its unit is known."""
        return self._values(text)[:, [self.x, self.y]] * self.scale

    def _values(self, text: str) -> Float[np.ndarray, "N C"]:
        points = [point for point in text.split(",") if point.strip()]
        try:
            rows = [point.split() for point in points]
            if all(len(row) == len(self.names) for row in rows):
                return np.array(rows, np.float64).reshape(-1, len(self.names))
        except ValueError:
            pass  # numbers with marks before them, or none
        return np.array(list(self._unfold(points)), np.float64).reshape(-1, len(self.names))

    def _unfold(self, points: list[str]) -> Iterator[list[float]]:
        """The values of points that are not all plain numbers."""
        running = [_Running() for _ in self.names]
        for point in points:
            found = _VALUE.findall(point)
            if not max(self.x, self.y) < len(found) <= len(running) or "".join(_VALUE.sub("", point).split()):
                names = ", ".join(self.names)
                raise UserError(f"a point is {point.strip()[:40]!r}; expected {len(running)} numbers ({names})")
            for place, (mark, number) in enumerate(found):
                if not running[place].take(mark, number) and place in (self.x, self.y):
                    raise UserError(f"a point is {point.strip()[:40]!r}, which has no place")
            yield [channel.value for channel in running]


class _Running:
    """A channel from point to point (section 3.2.1): a value may be one by itself (!), a difference to the one before ('), or a
    difference of differences ("); the mark holds until the next one. An asterisk says: as before.
    """

    def __init__(self) -> None:
        self.mark, self.value, self.speed = "!", 0.0, 0.0

    def take(self, mark: str, number: str) -> bool:
        """Goes on to the next point; whether it says where that is."""
        self.mark = mark or self.mark
        if number in "*?TFtf" or number.startswith("#"):
            return number == "*"
        given = float(number)
        if self.mark == "!":
            self.value, self.speed = given, 0.0
        else:
            self.speed = given if self.mark == "'" else self.speed + given
            self.value += self.speed
        return True


def _page(group: Any, traces: _Traces, pens: dict[str, Pen], about: dict[str, str]) -> Page:
    try:
        paper: dict[str, Any] = {
            key: value if key in ("colour", "ruling") else float(value)
            for key, value in group.find(".//paper").attrib.items()
        }
        sheet = Paper(**paper)
    except (AttributeError, TypeError, ValueError) as error:
        raise UserError(f"its paper is not described as this program does ({error})") from error
    return Page(sheet, tuple(_line(line, traces, pens) for line in group.findall("traceGroup")), about)


def _line(group: Any, traces: _Traces, pens: dict[str, Pen]) -> Line:
    strokes = joined(list(traces.strokes(group)))
    return Line(strokes, group.findtext("annotation", ""), pens.get(group.get("brushRef", ""), Pen()))


def _points(stroke: Points) -> str:
    return ",".join(f"{x:.6f} {y:.6f}" for x, y in np.round(stroke, 6) + 0.0)  # no -0


def _decimal(value: str | float) -> str:
    return value if isinstance(value, str) else repr(float(value))


def _annotation(name: str, value: object) -> str:
    return f"<annotation type={quoteattr(name)}>{plain(str(value))}</annotation>"


def _brush(number: int, pen: Pen) -> str:
    return (
        f'<brush xml:id="pen{number}"><brushProperty name="width" value="{_decimal(pen.width)}" units="mm"/>'
        f'<brushProperty name="color" value="{pen.colour}"/></brush>'
    )


def _pen(brush: Any) -> Pen:
    found = {element.get("name"): element.get("value", "") for element in brush.iter("brushProperty")}
    try:
        return Pen(found.get("color", Pen.colour), float(found.get("width", Pen.width)))
    except ValueError as error:
        raise UserError(f"its brush is {found}, not a colour and a width") from error


def _ids(element: Any) -> list[str]:
    return [value for key, value in element.attrib.items() if key.rpartition("}")[2] == "id"]
