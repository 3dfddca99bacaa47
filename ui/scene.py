"""A picture to begin with: a dog on a meadow, drawn here so that the page is never empty."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 640
HORIZON = 256
COAT, SHADE, DARK = (226, 218, 204), (163, 157, 147), (20, 18, 18)

# Outlines of the running dog, in pixels.
LEGS = (
    ((360, 400), (330, 455), (290, 490), (300, 502), (350, 470), (392, 412)),
    ((395, 405), (400, 470), (380, 515), (396, 520), (422, 472), (425, 410)),
    ((560, 400), (600, 455), (650, 470), (652, 484), (590, 472), (535, 412)),
    ((540, 405), (540, 462), (575, 512), (588, 506), (562, 460), (568, 405)),
)
TAIL = ((352, 350), (310, 310), (280, 270), (270, 240))
BODY = ((345, 320, 600, 430), (520, 300, 620, 420), (598, 236, 676, 306))
NECK = ((560, 330), (610, 262), (660, 290), (615, 370))
SNOUT = ((650, 258), (722, 276), (722, 296), (650, 304))
EAR = ((604, 246), (584, 300), (604, 322), (630, 268))
NOSE_AND_EYE = ((708, 270, 728, 288), (650, 256, 660, 266))


@cache
def draw_scene(seed: int = 3) -> bytes:
    """The drawing as a JPEG file, soft and grainy like a photo; the same for the same seed."""
    chance = np.random.default_rng(seed)
    scene = _sky_and_ground()
    draw = ImageDraw.Draw(scene)
    _trees(draw, chance)
    _grass(draw, chance)
    _dog(draw)
    grain = chance.normal(0, 6, (HEIGHT, WIDTH, 1))
    pixels = np.asarray(scene.filter(ImageFilter.GaussianBlur(1.6)), dtype=np.float64) + grain
    file = BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _sky_and_ground() -> Image.Image:
    heights = [0, HORIZON - 12, HORIZON, HEIGHT]
    colours = [(150, 196, 236), (214, 230, 240), (96, 142, 66), (62, 120, 44)]
    column = np.stack([np.interp(range(HEIGHT), heights, channel) for channel in zip(*colours, strict=True)], -1)
    return Image.fromarray(np.repeat(column[:, None], WIDTH, 1).astype(np.uint8))


def _trees(draw: ImageDraw.ImageDraw, chance: np.random.Generator) -> None:
    for x in range(0, WIDTH, 30):
        height = int(chance.integers(40, 110))
        red, green, blue = (np.array((52, 92, 50)) + chance.integers(-12, 12, 3)).tolist()
        draw.ellipse((x - 40, HORIZON + 6 - height, x + 50, HORIZON + 34), fill=(red, green, blue))


def _grass(draw: ImageDraw.ImageDraw, chance: np.random.Generator) -> None:
    for _ in range(5000):
        x, y = chance.random() * WIDTH, HORIZON + 19 + chance.random() * (HEIGHT - HORIZON)
        lean, tone = chance.normal(0, 3), int(chance.integers(-22, 24))
        nearness = (y - HORIZON) / 14
        draw.line((x, y, x + lean, y - 4 - nearness), fill=(78 + tone, 134 + tone, 52 + tone // 2), width=2)


def _dog(draw: ImageDraw.ImageDraw) -> None:
    for leg in LEGS:
        draw.polygon(leg, fill=SHADE)
    draw.line(TAIL, fill=COAT, width=18, joint="curve")
    for part in BODY:
        draw.ellipse(part, fill=COAT)
    draw.polygon(NECK, fill=COAT)
    draw.polygon(SNOUT, fill=COAT)
    draw.polygon(EAR, fill=SHADE)
    for spot in NOSE_AND_EYE:
        draw.ellipse(spot, fill=DARK)
