"""The photos of a visitor: files of any kind until they have been opened, and nothing but pictures afterwards.

Files are only ever looked at here and by `captioning.photos`; what is wrong with one is a sentence to its visitor and a line in
the log.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from shared.errors import UserError

if TYPE_CHECKING:
    from captioning.inputs import Wanted

SUFFIXES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""what is opened: others would start programs (EPS) or are no photos"""
MOST_PHOTOS = 100
MOST_MEGABYTES = 200
"""of all photos of a visitor together"""
MOST_MEGAPIXELS = 30
MOST_JPEG_MEGAPIXELS = 100
"""a JPEG is decoded at a fraction of its size"""
SHOWN_PIXELS = 1100
"""the longer side of a photo on the page, at most"""
THUMBNAIL_PIXELS = 300
LONGEST_NAME = 60


@dataclass(frozen=True)
class Photo:
    """A file that somebody takes for a photo."""

    name: str
    content: bytes = field(repr=False)

    @cached_property
    def key(self) -> str:
        """What tells it from others: the name, and a digest of the bytes. Short enough to be remembered."""
        return f"{hashlib.sha256(self.content).hexdigest()[:32]} {self.name}"

    @property
    def short_name(self) -> str:
        """Its name, the middle left out of a very long one."""
        half = LONGEST_NAME // 2
        return self.name if len(self.name) <= LONGEST_NAME else f"{self.name[:half]}…{self.name[-half:]}"

    @property
    def problem(self) -> str:
        """Why it is not opened at all; "" when there is no reason not to try."""
        if not self.content:
            return "the file is empty"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow's own ceiling warns; ours decides
                with Image.open(BytesIO(self.content), formats=FORMATS) as image:  # reads no more than the file's head
                    width, height = image.size
                    is_jpeg = image.format in ("JPEG", "MPO")
        except Exception:  # a broken file makes Pillow raise almost anything
            return f"it is not a photo of a kind that is opened here ({', '.join(FORMATS)})"
        most = MOST_JPEG_MEGAPIXELS if is_jpeg else MOST_MEGAPIXELS
        too_many = width * height > most * 1_000_000
        return f"it has {width}×{height} pixels, and at most {most} megapixels are opened here" if too_many else ""

    def open(self, side: int) -> Image.Image:
        """The photo, upright and in RGB, its shorter side of `side` pixels or more if it has them. Imports torch.

        Raises:
            UserError: for one that cannot be used; the log has it too.
        """
        from captioning.photos import PhotoError, open_photo

        reason = self.problem
        if not reason:
            try:
                return open_photo(self.content, side)
            except PhotoError as error:
                reason = str(error)
        self.refuse(reason)
        raise UserError(f"{self.short_name} cannot be used: {reason}")

    def wanted(self) -> Wanted:
        """The photo as the batch command takes it. Imports torch."""
        from pathlib import Path

        from captioning.inputs import Wanted, image_number

        path = Path(self.name)  # a name to remember it by: nothing is opened there
        return Wanted(path, image_number(path.stem), content=self.content, problem=self.problem)

    def refuse(self, reason: str) -> None:
        """A line in the log for a photo that could not be used."""
        logging.getLogger(__name__).warning(
            "refused the photo %r, %d bytes: %s", self.short_name, len(self.content), reason
        )

    def picture(self, pixels: int, fit: str = "squash") -> str:
        """The photo as a data: URL that browsers show, its longer side of so many pixels at most. Imports torch.

        Args:
            pixels: the longer side.
            fit: of the captioner: of a photo that it crops, no more is shown than it sees.

        Raises:
            captioning.photos.PhotoError: with the reason.
        """
        from captioning.photos import open_photo

        shown = open_photo(self.content, pixels // 2)
        if fit == "crop":
            shown = ImageOps.fit(shown, (min(shown.size),) * 2)
        shown.thumbnail((pixels, pixels))
        file = BytesIO()
        shown.save(file, "JPEG", quality=85)
        return as_url(file.getvalue())


def as_url(jpeg: bytes) -> str:
    """A picture as a data: URL, so that it needs no place on a server."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def within_limits(photos: list[Photo]) -> tuple[list[Photo], str]:
    """The first photos, as many as are taken at once, and a sentence about the others; "" when there are none."""
    size, taken = 0, []
    for photo in photos[:MOST_PHOTOS]:
        size += len(photo.content)
        if size > MOST_MEGABYTES * 1_000_000:
            break
        taken.append(photo)
    left_out = len(photos) - len(taken)
    if not left_out:
        return taken, ""
    return taken, (
        f"The last {left_out} of these {len(photos)} photos wait outside: at most {MOST_PHOTOS} photos and "
        f"{MOST_MEGABYTES} MB are described at once. For more there is the command captioning caption."
    )
