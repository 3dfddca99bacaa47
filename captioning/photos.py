"""Opening photos as people have them: turned, transparent, in CMYK, sixteen-bit, animated, huge, cut off, or none."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError
from torch import Tensor

# What a decoder may have to hold in memory at once; phones and cameras stay below it, decompression bombs do not.
PIXEL_CEILING = 120_000_000
JPEG_PIXEL_CEILING = 1_000_000_000  # a JPEG is decoded at a fraction of its size
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".jfif", ".ppm"})
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM", "TGA", "ICO")
"""what files may be inside, whatever their names say: Pillow knows others, for one of which (EPS) it starts a program"""

PhotoSource = str | Path | bytes | Image.Image


class PhotoError(ValueError):
    """A photo that cannot be used; the message is the reason."""


def open_photo(source: PhotoSource, side: int | None = None) -> Image.Image:
    """A photo, upright and in RGB.

    Args:
        source: a file, its bytes, or an image already open.
        side: the shorter side in pixels that will be needed; a much bigger JPEG is decoded at a fraction of its size.

    Raises:
        PhotoError: with the reason.
    """
    if isinstance(source, Image.Image):
        return _to_rgb(ImageOps.exif_transpose(source))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own ceiling warns; ours decides
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as image:
                return _decode(image, side)
    except PhotoError:
        raise
    except FileNotFoundError as error:
        raise PhotoError("no such file") from error
    except UnidentifiedImageError as error:
        raise PhotoError("not a photo in any format that is opened") from error
    except Image.DecompressionBombError as error:
        raise PhotoError(f"too large: at most {PIXEL_CEILING // 1_000_000} megapixels are opened") from error
    except MemoryError as error:
        raise PhotoError("too large for this machine's memory") from error
    except IsADirectoryError as error:
        raise PhotoError("a folder, not a photo") from error
    except Exception as error:  # a broken file makes Pillow's decoders raise almost anything
        raise PhotoError(f"damaged or incomplete ({error})") from error


def photo_to_tensor(image: Image.Image, size: int, fit: Literal["squash", "crop"] = "squash") -> UInt8[Tensor, "3 S S"]:
    """The square that the encoder sees: squashed to `size`, or its short side scaled to it and the middle kept."""
    if fit == "crop":
        image = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
    elif image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def load_photo(source: PhotoSource, size: int, fit: Literal["squash", "crop"] = "squash") -> UInt8[Tensor, "3 S S"]:
    """`open_photo`, then `photo_to_tensor`."""
    return photo_to_tensor(open_photo(source, size), size, fit)


def _decode(image: ImageFile.ImageFile, side: int | None) -> Image.Image:
    width, height = image.size
    ceiling = JPEG_PIXEL_CEILING if image.format in ("JPEG", "MPO") and side else PIXEL_CEILING
    if width * height > ceiling:
        raise PhotoError(f"too large: {width}x{height} pixels; at most {ceiling // 1_000_000} megapixels are opened")
    if side:
        image.draft("RGB", (2 * side, 2 * side))  # JPEG alone heeds it; twice the side leaves the resampling to us
    image.load()
    return _to_rgb(ImageOps.exif_transpose(image))


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return _sixteen_bit_to_rgb(image)
    if image.mode == "F":
        raise PhotoError("floating-point pixels have no known range; save it as PNG or JPEG")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _sixteen_bit_to_rgb(image: Image.Image) -> Image.Image:
    """Grey of sixteen bits, which Pillow's own conversion would clip to white."""
    grey = np.asarray(image).astype(np.int64)
    if image.mode.startswith("I;16") or grey.max(initial=0) > 255:
        grey = grey >> 8
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8), "L").convert("RGB")
