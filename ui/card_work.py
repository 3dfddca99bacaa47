"""What a card asks of the networks beside the ink of its words: what its photo shows."""

from __future__ import annotations

from collections.abc import Generator
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from ui import jobs, models
from ui.sentences import as_sentence

if TYPE_CHECKING:
    from PIL.Image import Image

    from captioning import Captioner
    from ui.photos import Photo

PRINTED_PIXELS = 2000
"""the longer side of a photo as it is kept for the card: 300 dpi on a postcard"""
QUALITY = 92


class Seen(NamedTuple):
    """A photo that was opened, and what it shows."""

    photo: bytes
    """a JPEG file, upright and no larger than it is printed: small enough to be remembered"""
    caption: str = ""
    """a sentence; "" before it was found"""


def look(photo: Photo) -> jobs.Job[Seen, Seen]:
    """Looks at a photo; a piece is the photo alone. Fails with a UserError for one that cannot be used."""

    def work(captioner: Captioner) -> Generator[Seen, None, Seen]:
        image = photo.open(PRINTED_PIXELS // 2)
        seen = Seen(_as_jpeg(image))
        yield seen
        return seen._replace(caption=as_sentence(captioner.caption(image)))

    question = ("card photo", models.captioner_names()[0], photo.key)
    return jobs.start("card photo", question, models.captioner(), work)


def _as_jpeg(image: Image) -> bytes:
    image.thumbnail((PRINTED_PIXELS, PRINTED_PIXELS))
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
