"""What a visitor's files are taken for."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from captioning.photos import PhotoError
from ui import photos
from ui.photos import LONGEST_NAME, Photo, within_limits


def content(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, size, "red").save(file, form)
    return file.getvalue()


@pytest.mark.parametrize("form", photos.FORMATS)
def test_photos_of_all_kinds_are_welcome(form: str) -> None:
    assert Photo(f"a.{form}", content(form)).problem == ""


@pytest.mark.parametrize("form", ["EPS", "PPM", "PDF", "ICO"])
def test_other_kinds_are_not_even_tried(form: str) -> None:
    assert "not a photo" in Photo("a.png", content(form)).problem


def test_no_bytes_are_no_photo() -> None:
    assert Photo("a.png", b"").problem == "the file is empty"


@pytest.mark.parametrize(
    ("form", "size", "refused"),
    [("PNG", (6000, 5001), True), ("PNG", (6000, 5000), False), ("JPEG", (6000, 5001), False)],
)
def test_pixels_have_a_limit_that_jpegs_may_pass(form: str, size: tuple[int, int], refused: bool) -> None:
    assert ("megapixels" in Photo("a", content(form, size)).problem) == refused


def test_a_photo_is_known_by_its_name_and_its_bytes() -> None:
    keys = {Photo(name, bytes_).key for name, bytes_ in (("a", b"1"), ("a", b"2"), ("b", b"1"), ("a", b"1"))}
    assert len(keys) == 3


def test_a_long_name_is_shortened_in_the_middle() -> None:
    name = Photo("<script>" + 300 * "x" + ".png", b"").short_name
    assert len(name) == LONGEST_NAME + 1
    assert name.startswith("<script>")
    assert name.endswith(".png")
    assert Photo("a.png", b"").short_name == "a.png"


def test_a_name_that_looks_like_a_path_is_never_opened(tmp_path) -> None:
    (secret := tmp_path / "secret.png").write_bytes(content("PNG"))
    wanted = Photo(str(secret), b"no photo").wanted()
    with pytest.raises(PhotoError, match="not a photo"):
        wanted.source()


def test_photos_are_shown_no_larger_than_asked_and_cropped_where_the_network_crops() -> None:
    photo = Photo("a.jpg", content("JPEG", (800, 400)))
    assert _size(photo.picture(200)) == (200, 100)
    assert _size(photo.picture(200, "crop")) == (200, 200)


def test_so_many_photos_and_bytes_are_taken_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [Photo(str(number), bytes(300_000)) for number in range(6)]
    assert within_limits(many) == (many, "")
    monkeypatch.setattr(photos, "MOST_PHOTOS", 4)
    taken, left_out = within_limits(many)
    assert taken == many[:4]
    assert "last 2 of these 6 photos" in left_out
    monkeypatch.setattr(photos, "MOST_MEGABYTES", 1)
    assert within_limits(many)[0] == many[:3]


def _size(url: str) -> tuple[int, int]:
    import base64

    with Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return image.size
