"""Pictures that lie on a page, under its ink."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from PIL import Image

from shared.errors import UserError

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png"}
"""what every format that shows pictures can hold"""
JPEG_QUALITY = 90


@dataclass(frozen=True)
class Picture:
    """A picture on a page. All lengths are mm, from the sheet's corner.

    Raises:
        UserError: for bytes that are neither a JPEG nor a PNG file, or a place that is none.
    """

    content: bytes = field(repr=False)
    """a JPEG or PNG file; a PNG may be transparent"""
    left: float
    top: float
    width: float
    height: float
    alt: str = ""
    """what it shows, for those who do not see it; "" for mere decoration"""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UserError("a picture on a page must be a JPEG or a PNG file")
        place = (self.left, self.top, self.width, self.height)
        if not (all(map(math.isfinite, place)) and self.width > 0 and self.height > 0):
            raise UserError(f"a picture needs a place with two sides over 0 mm, got {place}")

    @classmethod
    def of(cls, image: Image.Image, box: tuple[float, float, float, float], alt: str = "") -> Self:
        """An image in memory, as a PNG if it may be transparent and else as a JPEG; `box` is left, top, width and height in mm."""
        file = io.BytesIO()
        if image.has_transparency_data:
            image.save(file, "PNG", optimize=True)
        else:
            # Full colour: where a photo meets paper of one colour, half of it would leave a seam.
            image.convert("RGB").save(file, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4", optimize=True)
        return cls(file.getvalue(), *box, alt)

    @cached_property
    def kind(self) -> str:
        """JPEG or PNG; "" for anything else."""
        starts = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
        return next((kind for start, kind in starts.items() if self.content.startswith(start)), "")

    @property
    def url(self) -> str:
        """The file itself as a data: URL."""
        return f"data:{KINDS[self.kind]};base64,{base64.b64encode(self.content).decode()}"

    def lay_on(self, sheet: Image.Image, resolution: float) -> None:
        """Draws it on a picture of the sheet that has `resolution` pixels a mm."""
        edges = (self.left, self.top, self.left + self.width, self.top + self.height)
        left, top, right, bottom = (round(edge * resolution) for edge in edges)
        with Image.open(io.BytesIO(self.content)) as image:
            scaled = image.convert("RGBA").resize(
                (max(1, right - left), max(1, bottom - top)), Image.Resampling.LANCZOS
            )
        sheet.paste(scaled, (left, top), scaled)
