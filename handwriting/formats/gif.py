"""GIF of the pen writing, at the pace of a hand. It plays once and ends with the whole page.

A frame holds nothing but the box of what was written since the last one, in the page's own few colours: a second of writing
takes about a kilobyte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from struct import pack

import numpy as np
from jaxtyping import Float, UInt8
from PIL import GifImagePlugin, Image, ImageColor

from handwriting import strokes as ink_of
from handwriting.formats.png import CURVE_STEPS, Box, blank, brush
from handwriting.pace import pen_times
from handwriting.page import RULE_COLOUR, Page, Pen
from handwriting.strokes import Points

RESOLUTION = 6.0
"""pixels a mm: a line of 130 mm is 780 wide"""
FRAMES_PER_SECOND = 10
SHADES = 15
"""from the paper's colour to a pen's"""
OVERLAP = 6
"""ends that are drawn again by the next frame, so that no seam is seen"""
REST = 3.0
"""seconds that the finished page stays, for viewers that begin again all the same"""
LONGEST_FRAME = 655.0
"""seconds; the format has no room for more"""


@dataclass(frozen=True)
class Trail:
    """A stroke as it is drawn: chords in pixels, and when (s) the pen is at each of their ends."""

    pen: Pen
    points: Points
    times: Float[np.ndarray, " N"]

    def parted(self, time: float) -> tuple[Points, Trail | None]:
        """What is drawn by then, and what is left."""
        reached = int(np.searchsorted(self.times, time, side="right"))
        if reached == len(self.points):
            return self.points, None
        again = max(0, reached - OVERLAP)
        return self.points[:reached], Trail(self.pen, self.points[again:], self.times[again:])


def write(pages: Sequence[Page], resolution: float = RESOLUTION, speed: float = 1.0, loop: bool = False) -> bytes:
    """The file of one page.

    Args:
        pages: one.
        resolution: pixels a mm.
        speed: 2 writes twice as fast as people do.
        loop: whether it begins again for ever.

    Raises:
        UserError: for more than 100 million pixels.
    """
    (page,) = pages
    paper = blank(page, resolution)
    palette = _palette(page, paper)
    parts = [_header(paper.size, palette, loop)]
    still = _dithered(paper, palette) if page.pictures else _indexed(paper, palette)
    corner, shown = (0, 0), 0.0
    for time, picture, place in _frames(page, paper, resolution, speed):
        parts.append(_frame(still, corner, time - shown))
        still, corner, shown = _indexed(picture, palette), place, time
    parts.append(_frame(still, corner, REST))
    return b"".join([*parts, b";"])


def _frames(
    page: Page, paper: Image.Image, resolution: float, speed: float
) -> Iterator[tuple[float, Image.Image, tuple[int, int]]]:
    """Each change of the page: when (s), what is there now, and where its corner is."""
    masks = {pen: Image.new("L", paper.size) for pen in page.by_pen()}
    trails = _trails(page, resolution)[::-1]
    for frame in count(1):
        now = frame / FRAMES_PER_SECOND
        boxes: list[Box | None] = []
        while trails and trails[-1].times[0] <= now * speed:
            trail = trails.pop()
            drawn, rest = trail.parted(now * speed)
            boxes.append(brush(masks[trail.pen], drawn, trail.pen.width * resolution))
            if rest:
                trails.append(rest)
                break
        if touched := [box for box in boxes if box]:
            left, top = (min(box[side] for box in touched) for side in (0, 1))
            right, bottom = (max(box[side] for box in touched) for side in (2, 3))
            picture = paper.crop((left, top, right, bottom))
            for pen, mask in masks.items():
                picture.paste(pen.colour, mask=mask.crop((left, top, right, bottom)))
            yield now, picture, (left, top)
        if not trails:
            return


def _trails(page: Page, resolution: float) -> list[Trail]:
    """All strokes in writing order."""
    times, found, start = pen_times(page.strokes), [], 0
    for line in page.lines:
        for stroke in ink_of.split(line.strokes, page.origin):
            points = ink_of.smooth(stroke, CURVE_STEPS) * resolution
            ends = times[start : start + len(stroke)]
            places = np.linspace(0, len(stroke) - 1, len(points))
            found.append(Trail(line.pen, points, np.interp(places, np.arange(len(stroke)), ends)))
            start += len(stroke)
    return found


def _palette(page: Page, sheet: Image.Image) -> UInt8[np.ndarray, "P 3"]:
    """Colours that run from the paper's to each pen's, for smooth edges; what is left of 256 goes to the pictures on the sheet."""
    inks = [pen.colour for pen in page.by_pen()][: 255 // SHADES - 1] + [RULE_COLOUR] * bool(page.paper.rules())
    paper = np.array(ImageColor.getrgb(page.paper.colour))
    steps = np.linspace(0, 1, SHADES + 1)[1:, None]
    shades = [paper + steps * (np.array(ImageColor.getrgb(ink)) - paper) for ink in dict.fromkeys(inks)]
    drawn = np.concatenate([paper[None], *shades]).round().astype(np.uint8)
    if not page.pictures or len(drawn) == 256:
        return drawn
    found = sheet.quantize(256 - len(drawn)).getpalette() or []
    return np.concatenate([drawn, np.array(found, dtype=np.uint8).reshape(-1, 3)])


def _indexed(picture: Image.Image, palette: UInt8[np.ndarray, "P 3"]) -> Image.Image:
    """The picture in the palette's nearest colours. (Pillow's own search is only nearly the nearest: it tints white paper.)"""
    pixels = np.asarray(picture).reshape(-1, 3).astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.int32)
    colours, where = np.unique(pixels, return_inverse=True)
    channels = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], 1)
    nearest = np.square(channels[:, None] - palette.astype(np.int32)).sum(-1).argmin(1).astype(np.uint8)
    return Image.fromarray(nearest[where].reshape(picture.height, picture.width))


def _dithered(sheet: Image.Image, palette: UInt8[np.ndarray, "P 3"]) -> Image.Image:
    """A sheet with pictures in the palette's colours, mixed from dots where there is none; bare paper stays as it is."""
    table = Image.new("P", (1, 1))
    table.putpalette(palette.tobytes())
    mixed = np.asarray(sheet.quantize(palette=table, dither=Image.Dither.FLOYDSTEINBERG))
    return Image.fromarray(np.where((np.asarray(sheet) == palette[0]).all(-1), 0, mixed).astype(np.uint8))


def _header(size: tuple[int, int], palette: UInt8[np.ndarray, "P 3"], loop: bool) -> bytes:
    """The file's beginning: size, colours, and whether it is repeated."""
    bits = max(1, (len(palette) - 1).bit_length())
    screen = b"GIF89a" + pack("<HHBBB", *size, 0xF0 | (bits - 1), 0, 0)
    forever = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00" if loop else b""
    return screen + palette.tobytes().ljust(3 * 2**bits, b"\0") + forever


def _frame(indexed: Image.Image, corner: tuple[int, int], seconds: float) -> bytes:
    """A picture that is laid over the ones before, and how long it is seen."""
    milliseconds = round(min(seconds, LONGEST_FRAME) * 100) * 10
    return b"".join(GifImagePlugin.getdata(indexed, corner, duration=milliseconds, disposal=1))
