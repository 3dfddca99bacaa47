from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from captioning.photos import PhotoError, load_photo, open_photo


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def colour_of(source: bytes) -> tuple[int, ...]:
    image = open_photo(source)
    assert image.mode == "RGB"
    return image.getpixel((0, 0))  # type: ignore[return-value]


def test_a_turned_photo_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    assert open_photo(encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif)).size == (20, 40)


@pytest.mark.parametrize(
    ("image", "form", "expected"),
    [
        (Image.new("CMYK", (9, 9), (0, 255, 0, 0)), "TIFF", (255, 0, 255)),
        (Image.fromarray(np.full((9, 9), 40000, np.uint16)), "PNG", (156,) * 3),
        (Image.fromarray(np.full((9, 9), 200, np.int32)), "TIFF", (200,) * 3),
        (Image.new("L", (9, 9), 77), "PNG", (77,) * 3),
        (Image.new("1", (9, 9), 1), "PNG", (255,) * 3),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 0)), "PNG", (255,) * 3),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 128)), "PNG", (255, 127, 127)),
        (Image.new("LA", (9, 9), (0, 0)), "PNG", (255,) * 3),
        (Image.new("RGB", (9, 9), (1, 2, 3)).quantize(4), "GIF", (1, 2, 3)),
    ],
)
def test_every_kind_of_pixel_becomes_rgb(image: Image.Image, form: str, expected: tuple[int, ...]) -> None:
    assert colour_of(encoded(image, form)) == expected


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    assert colour_of(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])) == (255, 0, 0)


def test_one_pixel_is_a_photo() -> None:
    assert load_photo(encoded(Image.new("RGB", (1, 1), "red"), "PNG"), 8).float().mean((1, 2)).tolist() == [255, 0, 0]


def test_a_big_jpeg_is_decoded_at_a_fraction() -> None:
    big = encoded(Image.new("RGB", (2400, 1600)), "JPEG")
    assert open_photo(big, 224).size == (1200, 800)
    assert open_photo(big).size == (2400, 1600)


def test_squash_keeps_everything_and_crop_keeps_proportions() -> None:
    image = Image.new("RGB", (30, 10), "red")
    image.paste((0, 0, 255), (10, 0, 20, 10))
    assert load_photo(image, 10, "crop")[2].min() == 255
    assert load_photo(image, 10, "squash")[0, :, 0].min() == 255


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    begun = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + struct.pack(">I", 9) + b"IDAT"
    return b"\x89PNG\r\n\x1a\n" + begun


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (png_header(20_000, 20_000), "too large: at most 120 megapixels"),
        (png_header(12_000, 12_000), "too large: 12000x12000 pixels"),
        (png_header(100, 100), "damaged or incomplete"),
        (encoded(Image.effect_noise((200, 200), 50), "JPEG")[:2000], "damaged or incomplete"),
        (b"<html>no photo</html>", "not a photo"),
        (b"", "not a photo"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a photo"),  # would start Ghostscript
        ("missing.jpg", "no such file"),
        (Path(__file__).parent, "a folder"),
        (encoded(Image.new("F", (3, 3)), "TIFF"), "floating-point"),
    ],
)
def test_what_is_no_photo_gives_its_reason(source: bytes | str | Path, reason: str) -> None:
    with pytest.raises(PhotoError, match=reason):
        open_photo(source)
