"""What a card asks of the networks: what its photo shows, and the ink of its words."""

from __future__ import annotations

from collections.abc import Callable, Generator
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import UserError
from ui import jobs, models
from ui.sentences import as_sentence

if TYPE_CHECKING:
    from PIL.Image import Image

    from captioning import Captioner
    from handwriting import Ink, Scribe
    from handwriting.drawing import Stretch
    from ui.hands import Chosen
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
        from captioning.photos import PhotoError, open_photo

        if reason := photo.problem:
            photo.refuse(reason)
            raise UserError(f"{photo.short_name} cannot be used: {reason}")
        try:
            image = open_photo(photo.content, PRINTED_PIXELS // 2)
        except PhotoError as error:
            photo.refuse(str(error))
            raise UserError(f"{photo.short_name} cannot be used: {error}") from error
        seen = Seen(_as_jpeg(image))
        yield seen
        return seen._replace(caption=as_sentence(captioner.caption(image)))

    question = ("card photo", models.captioner_names()[0], photo.key)
    return jobs.start("card photo", question, models.captioner(), work)


def write(words: str, bias: float, seed: int, hand: Chosen, best_of: int) -> jobs.Job[Stretch, Ink]:
    """Writes the words of a card."""

    def work(scribe: Scribe) -> Generator[Stretch, None, Ink]:
        return (yield from scribe.stream(words, bias=bias, seed=seed, style=hand.hand, best_of=best_of))

    question = ("card words", models.scribe_names()[0], words, bias, seed, hand.name, best_of)
    return jobs.start("card words", question, models.scribe(), work)


def progress(words: str) -> Callable[[jobs.Job[Stretch, Ink]], float]:
    """How much of the words is written, 0 to 1, by the pieces of their job."""

    def share(job: jobs.Job[Stretch, Ink]) -> float:
        reached = {piece.line: int(piece.characters.max()) + 1 for piece in job.pieces if len(piece.characters)}
        return sum(reached.values()) / max(len(words), 1)

    return share


def _as_jpeg(image: Image) -> bytes:
    image.thumbnail((PRINTED_PIXELS, PRINTED_PIXELS))
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
