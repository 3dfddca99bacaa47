"""A postcard: a photo, and words written by hand under it, or beside it where that shows more of the photo.

All lengths are mm. Nothing here knows of pages in a browser or of networks; what it makes is a page of ink like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from PIL import Image

from handwriting.page import Line, Page, Paper, Pen, hexadecimal
from handwriting.picture import Picture
from handwriting.sheet import Sheet
from shared.config import ConfigError
from shared.errors import UserError
from ui import border as borders
from ui.border import BORDERS, Border, Box
from ui.card_words import SPACING, Fit, Measured

if TYPE_CHECKING:
    from handwriting.ink import Ink

Orientation = Literal["landscape", "portrait"]
Cut = Literal["crop", "whole"]
SIZES = {"postcard": "148x105", "a6": "148x105", "a5": "210x148", "square": "120x120"}
PAPERS = {
    "white": "#ffffff", "cream": "#fbf5e6", "rose": "#fbeeee", "sky": "#edf3f9", "mint": "#eef5ee", "kraft": "#dcc7a5",
}  # fmt: skip
SHORTEST, LONGEST, SLIMMEST = 70.0, 420.0, 2.5
"""of a card's sides, and how much longer one may be than the other"""
MARGIN, GAP, FOOT = 0.07, 0.04, 0.05
"""of the card's shorter side: round the photo, between photo and words, and under the words"""
WORDS = tuple(np.geomspace(0.14, 0.72, 16).tolist())
"""shares of the card's height that words may take, which are tried; of its width where they stand beside the photo"""
MOST_CROPPED = 0.2
"""of a photo that has a border, so that it fills its place"""
LEAST_ROOM = 10.5
"""for words, both ways"""
FOCUS = 0.4
"""how far down lies what people look at in a photo: what is cut off below is more than above"""
LOWERED = 0.25
"""of the room that words leave empty, which goes over the photo"""
USUAL_SIZE = 0.0208
"""x-height of good writing, of the geometric mean of the card's sides: 2.6 mm on a postcard"""
LARGEST = 1.25
"""of that; where there is much room for few words"""
LONG_ROW = 26.0
"""x-heights: in narrower columns words stand one under the other like a list"""
HEAVIEST = 0.26
"""width of the pen's line, of the x-height, at most"""


@dataclass(frozen=True)
class Design:
    """What a card looks like.

    Raises:
        UserError: for a card, colour or border that cannot be.
    """

    size: str = "postcard"
    """postcard, a6, a5, square, or WIDTHxHEIGHT in mm"""
    orientation: Orientation = "landscape"
    paper: str = "white"
    """its colour: white, cream, rose, sky, mint, kraft, #rrggbb or an HTML name"""
    border: Border = "white"
    cut: Cut = "crop"
    """whether a part of the photo may be cut off for its place, a fifth at most where it has a border"""
    pen: Pen = Pen()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        for name, known in (("orientation", get_args(Orientation)), ("border", BORDERS), ("cut", get_args(Cut))):
            if getattr(self, name) not in known:
                raise UserError(f"{name} must be {', '.join(known)}, got {getattr(self, name)!r}")
        try:
            short, long = sorted(self.sides)
        except ConfigError as error:
            raise UserError(str(error)) from error
        if short < SHORTEST or long > LONGEST or long > SLIMMEST * short:
            raise UserError(
                f"a card's sides must be {SHORTEST:g} to {LONGEST:g} mm, the longer at most {SLIMMEST:g} times the other, "
                f"got {self.size}"
            )
        hexadecimal(self.colour)

    @property
    def sides(self) -> tuple[float, float]:
        """Width and height."""
        return Sheet(SIZES.get(self.size, self.size), self.orientation, margin=0.0).sides

    @property
    def colour(self) -> str:
        """Of the paper, #rrggbb."""
        return hexadecimal(PAPERS.get(self.paper, self.paper))


class Places(NamedTuple):
    """Where things lie on a card."""

    photo: Box
    """with its border"""
    kept: float
    """share of the photo that is seen"""
    words: Box
    """the room for them"""


def make(photo: Image.Image, ink: Ink | None, design: Design, alt: str = "") -> Page:
    """The card, or without ink one with room for a row of it.

    Args:
        photo: upright, in RGB.
        ink: the words.
        design: how it looks.
        alt: what the photo shows, in words.

    Raises:
        UserError: for a text that is too long for such a card.
    """
    places, fit = _arrange(photo, Measured(ink), design)
    pictures = [_print(photo, borders.inside(places.photo, design.border), alt)]
    if edge := borders.draw(places.photo, design.border, design.colour, design.pen.colour, ink.seed if ink else 0):
        pictures.append(edge)
    paper = Paper(*design.sides, colour=design.colour)
    lines = _write(ink, places.words, fit, design) if ink else []
    about = {name: fact for name, fact in ink.about.items() if name != "text"} if ink else {}
    return Page(paper, lines, about, pictures)


def _arrange(photo: Image.Image, words: Measured, design: Design) -> tuple[Places, Fit]:
    """The arrangement that shows most of photo and words."""
    usual = USUAL_SIZE * float(np.sqrt(np.prod(design.sides)))
    best: tuple[float, Places, Fit] | None = None
    for places in _arrangements(photo.width / photo.height, design):
        room = places.words[2:]
        if min(room) < LEAST_ROOM:
            continue
        fit = words.fit(*room, LARGEST * usual, min(design.pen.width, HEAVIEST * usual))
        if not fit:
            continue
        shown = places.photo[2] * places.photo[3] / float(np.prod(design.sides))
        legible = min(fit.size / usual, 1.0) ** 1.5
        flowing = min(fit.width / fit.size / LONG_ROW, 1.0) ** 0.5 if fit.rows > 1 else 1.0
        score = shown * places.kept**1.5 * legible * flowing
        if best is None or score > best[0]:
            best = (score, places, fit)
    if best is None:
        raise UserError("this text is too long for the card: shorten it, or take a larger card")
    return _settled(*best[1:], design)


def _settled(places: Places, fit: Fit, design: Design) -> tuple[Places, Fit]:
    """Where the words need little of the room under the photo, the photo comes down towards the middle of the card."""
    left, top, width, height = places.photo
    room_left, room_top, room_width, room_height = places.words
    if design.border == "none" or room_top < top + height:
        return places, fit
    down = LOWERED * max(room_height - fit.height, 0.0)
    room = (room_left, room_top + down, room_width, room_height - down)
    return places._replace(photo=(left, top + down, width, height), words=room), fit


def _arrangements(aspect: float, design: Design) -> Iterator[Places]:
    """Ways to share out the card between a photo so much wider than high, and the words."""
    width, height = design.sides
    short = min(width, height)
    margin, gap, foot = MARGIN * short, GAP * short, FOOT * short
    bleeds = design.border == "none"
    edge = 0.0 if bleeds else margin
    for share in WORDS:
        room = (edge, edge, width - 2 * edge, height * (1 - share) - edge)
        photo, kept = _place(aspect, room, design)
        top = photo[1] + photo[3] + gap
        yield Places(photo, kept, (margin, top, width - 2 * margin, height - foot - top))
    for share in WORDS:
        room = (edge, edge, width * (1 - share) - edge, height - 2 * edge)
        photo, kept = _place(aspect, room, design, beside=True)
        left = photo[0] + photo[2] + 1.5 * gap
        yield Places(photo, kept, (left, margin, width - margin - left, height - 2 * margin))


def _place(aspect: float, room: Box, design: Design, beside: bool = False) -> tuple[Box, float]:
    """Where the photo goes, with its border, in the room for both; and the share of it that is seen."""
    left, top, width, height = borders.inside(room, design.border)
    least, most = _shapes(aspect, design)
    shape = float(np.clip(width / height, least, most))
    wide, high = (width, width / shape) if shape > width / height else (height * shape, height)
    # Beside words it keeps to its edge of the card; over them it stands in the middle.
    across = 0.0 if beside else (width - wide) / 2
    down = (height - high) / 2 if beside else 0.0
    return borders.outside((left + across, top + down, wide, high), design.border), min(shape / aspect, aspect / shape)


def _shapes(aspect: float, design: Design) -> tuple[float, float]:
    """The slimmest and the broadest that a photo may be cut to, as width by height."""
    if design.border == "none":
        return 0.0, np.inf
    most = MOST_CROPPED if design.cut == "crop" else 0.0
    return aspect * (1 - most), aspect / (1 - most)


def _print(photo: Image.Image, box: Box, alt: str) -> Picture:
    """The photo cut to its place, with no more pixels than a printer needs."""
    _, _, width, height = box
    shape = width / height
    wide, high = min(photo.width, photo.height * shape), min(photo.height, photo.width / shape)
    scale = min(borders.RESOLUTION, wide / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    across, down = (photo.width - wide) / 2, (photo.height - high) * FOCUS
    cut = photo.resize(size, Image.Resampling.LANCZOS, (across, down, across + wide, down + high))
    return Picture.of(cut, box, alt)


def _write(ink: Ink, room: Box, fit: Fit, design: Design) -> Sequence[Line]:
    """The words in the middle of their room."""
    left, top, width, height = room
    (card_width, card_height), size = design.sides, fit.size
    while True:
        pen = Pen(design.pen.colour, min(design.pen.width, HEAVIEST * size))
        side = max(width - max(fit.width, LEAST_ROOM), 0.0) / 2
        sheet = Sheet(
            f"{card_width}x{card_height}",
            margin=(top, card_width - left - width + side, card_height - top - height, left + side),
            align="centre", x_height=size, spacing=max(SPACING * size, 2.0),
        )  # fmt: skip
        pages = ink.pages(sheet, pen)
        if len(pages) == 1:
            return _centred(pages[0].lines, top + pen.width / 2, top + height - pen.width / 2)
        size *= 0.97


def _centred(lines: Sequence[Line], top: float, bottom: float) -> list[Line]:
    """Lines moved so that most of their ink is in the middle of the room, and all of it inside."""
    points = np.concatenate([np.cumsum(line.strokes[:, 1]) for line in lines])
    down = (top + bottom) / 2 - float((np.median(points) + points.min() + points.max()) / 3)
    down = float(np.clip(down, top - points.min(), bottom - points.max()))
    return [_moved(line, down) for line in lines if len(line.strokes)]


def _moved(line: Line, down: float) -> Line:
    strokes = line.strokes.copy()
    strokes[0, 1] += down
    return replace(line, strokes=strokes)
