"""Other views of a photo to learn from, so that a few thousand photos say more: mirrored, cropped, in other light.

A view is told by its number, and the same number of the same photo is always the same picture: views can be kept.
"""

from __future__ import annotations

import zlib

import numpy as np
from jaxtyping import UInt8
from torch import Tensor
from torchvision.transforms.v2 import functional as F

LEAST_SIDE = 0.7
"""share of each side that a crop keeps at least: enough that the captions stay true"""
LIGHT = 0.25
"""by which share brightness, contrast and saturation may rise or fall"""


def view(pixels: UInt8[Tensor, "3 S S"], number: int, photo: str) -> UInt8[Tensor, "3 S S"]:
    """A view of a photo.

    Args:
        pixels: the photo as it is.
        number: 0 is the photo itself, 1 its mirror image, every other a crop of it that chance chose, mirrored or not, in
            other light.
        photo: its name, of which chance is made.
    """
    if number < 2:
        return F.horizontal_flip(pixels) if number else pixels
    chance = np.random.default_rng([zlib.crc32(photo.encode()), number])
    side = pixels.shape[-1]
    height, width = (round(side * share) for share in chance.uniform(LEAST_SIDE, 1, 2))
    top, left = int(chance.integers(side - height + 1)), int(chance.integers(side - width + 1))
    pixels = F.resized_crop(pixels, top, left, height, width, [side, side], antialias=True)
    if chance.random() < 0.5:
        pixels = F.horizontal_flip(pixels)
    for adjust in (F.adjust_brightness, F.adjust_contrast, F.adjust_saturation):
        pixels = adjust(pixels, 1 + float(chance.uniform(-LIGHT, LIGHT)))
    return pixels
