"""A picture to begin with: a small landscape, drawn here so that the page is never empty."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 640


def draw_scene(seed: int = 3) -> bytes:
    """A lake below mountains in the evening, with a boat on it, as a JPEG file; the same for the same seed."""
    chance = np.random.default_rng(seed)
    scene = _gradient([(0.0, (86, 138, 196)), (0.45, (242, 206, 168)), (0.55, (245, 220, 190)), (1.0, (36, 78, 110))])
    draw = ImageDraw.Draw(scene)
    draw.ellipse((455, 165, 520, 230), fill=(255, 241, 205))
    for height, roughness, colour in ((250, 70, (139, 150, 178)), (300, 50, (88, 106, 134)), (340, 26, (44, 72, 70))):
        ridge = height + _ridge(chance, roughness)
        draw.polygon([(0, 372), *zip(range(0, WIDTH + 1, 8), ridge.tolist(), strict=False), (WIDTH, 372)], fill=colour)
    for _ in range(260):  # light on the water
        y = 376 + int(chance.random() ** 1.5 * 250)
        x, length = chance.normal(500, 60 + (y - 376) * 0.8), 4 + (y - 376) // 9
        draw.line(
            (x, y, x + length, y),
            fill=(250, 214, 170) if chance.random() < 0.6 else (70, 116, 148),
            width=1 + (y - 376) // 120,
        )
    _boat(draw, 300, 470)
    grain = chance.normal(0, 5, (HEIGHT, WIDTH, 1))
    pixels = np.asarray(scene.filter(ImageFilter.GaussianBlur(1.2)), dtype=np.float64) + grain
    file = BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _gradient(stops: list[tuple[float, tuple[int, int, int]]]) -> Image.Image:
    places, colours = zip(*stops, strict=True)
    rows = np.linspace(0, 1, HEIGHT)
    column = np.stack([np.interp(rows, places, channel) for channel in zip(*colours, strict=True)], -1)
    return Image.fromarray(np.repeat(column[:, None], WIDTH, 1).astype(np.uint8))


def _ridge(chance: np.random.Generator, roughness: float) -> np.ndarray:
    """Heights of a mountain ridge every 8 pixels: waves of every length, the longer the higher."""
    x = np.linspace(0, 1, WIDTH // 8 + 1)
    waves = [np.sin(2 * np.pi * (n * x + chance.random())) / n**1.1 for n in range(1, 24)]
    return np.sum(waves, 0) * roughness * 0.6


def _boat(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    draw.polygon([(x - 70, y - 10), (x + 80, y - 14), (x + 52, y + 16), (x - 46, y + 16)], fill=(122, 44, 36))
    draw.polygon([(x - 4, y - 150), (x - 4, y - 22), (x + 66, y - 24)], fill=(250, 246, 236))
    draw.polygon([(x - 12, y - 130), (x - 12, y - 22), (x - 52, y - 20)], fill=(232, 224, 208))
    draw.line((x - 8, y - 156, x - 8, y - 12), fill=(70, 50, 40), width=5)
    draw.polygon([(x - 46, y + 18), (x + 52, y + 18), (x + 40, y + 44), (x - 30, y + 40)], fill=(58, 62, 78))
