"""The picture to begin with."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from ui.scene import HEIGHT, WIDTH, draw_scene


def test_the_drawing_is_a_photo_of_its_size_and_always_the_same() -> None:
    with Image.open(BytesIO(draw_scene())) as drawing:
        assert drawing.format == "JPEG"
        assert drawing.size == (WIDTH, HEIGHT)
    assert draw_scene() == draw_scene.__wrapped__()
    assert draw_scene(seed=4) != draw_scene()
