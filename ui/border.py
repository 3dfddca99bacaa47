"""What goes round the photo on a card: a white edge, deckled or plain, a fine line, rounded corners. Drawn as a picture over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

from handwriting.picture import Picture

Border = Literal["white", "deckle", "line", "rounded", "none"]
BORDERS: tuple[Border, ...] = get_args(Border)
EDGE = {"white": 2.6, "deckle": 3.2, "line": 1.6}
"""mm of the photo's place that the border takes on each side; the others take none"""
RESOLUTION, FINER = 11.811, 2
"""pixels a mm: 300 dpi; borders are drawn so much finer, for smooth edges"""
PRINT_COLOUR = "#fffefb"
SHADOW, SHADOW_DOWN, SHADOW_SOFTNESS = 0.34, 0.5, 0.9
"""the darkest it gets, and mm"""
LINE_WIDTH = 0.25
ROUNDNESS = 0.06
"""of the photo's shorter side"""
OVERLAP = 0.08
"""mm of the photo that its border covers, so that no seam is seen"""

Box = tuple[float, float, float, float]
"""left, top, width and height in mm"""


def inside(box: Box, border: Border) -> Box:
    """Where the photo itself lies in its place."""
    edge = EDGE.get(border, 0.0)
    left, top, width, height = box
    return left + edge, top + edge, width - 2 * edge, height - 2 * edge


def outside(box: Box, border: Border) -> Box:
    """The place of a photo that lies there."""
    edge = EDGE.get(border, 0.0)
    left, top, width, height = box
    return left - edge, top - edge, width + 2 * edge, height + 2 * edge


def draw(box: Box, border: Border, paper: str, ink: str, seed: int = 0) -> Picture | None:
    """The border of a photo's place, to be laid over the photo; None if there is nothing to draw.

    Args:
        box: the photo's place, with the border.
        border: which.
        paper: colour of the paper, #rrggbb.
        ink: colour of the ink.
        seed: of the deckle's chance.
    """
    drawers: dict[Border, Callable[[Box, str, int], Picture]] = {
        "white": lambda place, _, seed: _print(place, EDGE["white"], 0.0, seed),
        "deckle": lambda place, _, seed: _print(place, EDGE["deckle"], 0.34, seed),
        "line": lambda place, ink, _: _line(place, ink),
        "rounded": lambda place, _, __: _rounded(place, paper),
    }
    return drawers[border](box, ink, seed) if border in drawers else None


def _print(box: Box, edge: float, roughness: float, seed: int) -> Picture:
    """A photo print's white edge, and the shadow that it throws on the paper."""
    reach = 3 * SHADOW_SOFTNESS
    left, top, width, height = box
    whole = (left - reach, top - reach, width + 2 * reach, height + 2 * reach)
    scale = RESOLUTION * FINER
    sheet = Image.new("L", _pixels(whole, scale))
    outline = _outline(width, height, roughness, np.random.default_rng(seed)) + reach
    ImageDraw.Draw(sheet).polygon([tuple(point) for point in (outline * scale).tolist()], fill=255)
    window = Image.new("L", sheet.size)
    inset = reach + edge + OVERLAP
    corners = (inset, inset, reach + width - edge - OVERLAP, reach + height - edge - OVERLAP)
    ImageDraw.Draw(window).rectangle([corner * scale for corner in corners], fill=255)
    sheet, window = sheet.reduce(FINER), window.reduce(FINER)
    shadow = ImageChops.offset(sheet, 0, round(SHADOW_DOWN * RESOLUTION))
    shadow = shadow.filter(ImageFilter.GaussianBlur(SHADOW_SOFTNESS * RESOLUTION / 2)).point(lambda n: n * SHADOW)
    image = Image.new("RGBA", sheet.size, (30, 24, 16, 0))
    image.putalpha(shadow)
    image.paste(ImageColor.getrgb(PRINT_COLOUR), mask=sheet)
    image.putalpha(ImageChops.subtract(ImageChops.lighter(shadow, sheet), window))
    return Picture.of(image, _whole_pixels(whole, image))


def _outline(width: float, height: float, roughness: float, chance: np.random.Generator) -> np.ndarray:
    """A rectangle's outline in mm, [N, 2]; rough to that many mm, as if it had been torn along a toothed edge."""
    sides = []
    for length, origin, along, across in (
        (width, (0, 0), (1, 0), (0, 1)),
        (height, (width, 0), (0, 1), (-1, 0)),
        (width, (width, height), (-1, 0), (0, -1)),
        (height, (0, height), (0, -1), (1, 0)),
    ):
        places = np.arange(0, length, 0.25)
        tooth = 0.5 + 0.5 * np.sin(2 * np.pi * places / (length / max(round(length / 2.2), 1)))
        uneven = np.interp(
            places, np.arange(0, length + 3, 3), chance.uniform(0, 0.6, len(np.arange(0, length + 3, 3)))
        )
        depth = roughness * (0.8 * tooth + uneven + chance.uniform(0, 0.25, len(places)))
        sides.append(np.array(origin) + places[:, None] * np.array(along) + depth[:, None] * np.array(across))
    return np.concatenate(sides)


def _line(box: Box, ink: str) -> Picture:
    """A fine line at the outer edge of the place."""
    scale = RESOLUTION * FINER
    sheet = Image.new("L", _pixels(box, scale))
    end = (sheet.width - 1, sheet.height - 1)
    ImageDraw.Draw(sheet).rectangle((0, 0, *end), outline=255, width=round(LINE_WIDTH * scale))
    image = Image.new("RGBA", sheet.reduce(FINER).size, ink)
    image.putalpha(sheet.reduce(FINER).point(lambda n: n * 0.8))
    return Picture.of(image, _whole_pixels(box, image))


def _rounded(box: Box, paper: str) -> Picture:
    """Paper over the corners, and a hair of it over the sides."""
    scale = RESOLUTION * FINER
    left, top, width, height = box
    whole = (left - OVERLAP, top - OVERLAP, width + 3 * OVERLAP, height + 3 * OVERLAP)
    sheet = Image.new("L", _pixels(whole, scale), 255)
    hole = [edge * scale for edge in (2 * OVERLAP, 2 * OVERLAP, width, height)]
    ImageDraw.Draw(sheet).rounded_rectangle(hole, ROUNDNESS * min(width, height) * scale, fill=0)
    image = Image.new("RGBA", sheet.reduce(FINER).size, paper)
    image.putalpha(sheet.reduce(FINER))
    return Picture.of(image, _whole_pixels(whole, image))


def _pixels(box: Box, scale: float) -> tuple[int, int]:
    return max(1, round(box[2] * scale)), max(1, round(box[3] * scale))


def _whole_pixels(box: Box, image: Image.Image) -> Box:
    """The place of a drawing of whole pixels, which is hardly larger or smaller than its box."""
    return box[0], box[1], image.width / RESOLUTION, image.height / RESOLUTION
