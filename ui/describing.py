"""What is asked of the captioner: one photo looked at closely, or many described one after the other."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import UserError
from ui import jobs, models
from ui.photos import SHOWN_PIXELS, THUMBNAIL_PIXELS, Photo

if TYPE_CHECKING:
    from captioning import Caption, Captioner
    from captioning.config import SearchConfig
    from captioning.outputs import Record

BATCH = 4
"""photos that are described in one turn"""
ALTERNATIVES = 6

Alternatives = list[list[tuple[str, float]]]


class Look(NamedTuple):
    """A photo and all that is known of its captions."""

    picture: str
    """as large as it is shown, and no more of it than the network saw; a data: URL"""
    record: Record
    """what the batch command would write of it"""
    captions: list[Caption]
    """the likeliest first, drawn ones as they were drawn"""
    alternatives: tuple[Alternatives, ...] = ()
    """of each caption, once they have been found; see `Captioner.alternatives`"""


class Card(NamedTuple):
    """A photo among many."""

    thumbnail: str
    """a data: URL; "" of a photo that could not be used"""
    record: Record


Cards = dict[str, Card]
"""by the keys of the photos"""


def look(photo: Photo, search: SearchConfig, model: str = "") -> jobs.Job[Look, Look]:
    """Looks at a photo closely.

    Its one piece is the captions, its result has the alternatives too. It fails with a UserError for a photo that cannot be used,
    and for words that cannot be banned or required.
    """

    def work(captioner: Captioner) -> Generator[Look, None, Look]:
        from captioning.batch import record_of
        from captioning.photos import PhotoError

        wanted = photo.wanted()
        try:
            grid = captioner.encode([wanted.source()], search.mirrored)
            picture = photo.picture(SHOWN_PIXELS, captioner.config.fit)
        except PhotoError as error:
            photo.refuse(str(error))
            raise UserError(f"{photo.short_name} cannot be used: {error}") from error
        captions = captioner.describe_all(grid, search)[0]
        seen = Look(picture, record_of(wanted, captions), captions)
        yield seen
        others = (captioner.alternatives(grid, caption, ALTERNATIVES) for caption in captions)
        return seen._replace(alternatives=tuple(others))

    return jobs.start("look", ("look", model, search, photo.key), models.captioner(model), work)


def describe_all(photos: list[Photo], search: SearchConfig, model: str, known: Cards) -> jobs.Job[int, Cards]:
    """Describes many photos, a few in each turn; a piece is their number so far.

    Args:
        photos: all of them.
        search: how.
        model: which.
        known: what is known of them already; what is found is added as it comes, so that another job need not find it again.
    """

    def work(captioner: Captioner) -> Generator[int, None, Cards]:
        from captioning.batch import caption_batch

        yield len(known)
        left = list({photo.key: photo for photo in photos if photo.key not in known}.values())
        for start in range(0, len(left), BATCH):
            batch = left[start : start + BATCH]
            records = caption_batch(captioner, [photo.wanted() for photo in batch], search)
            known.update({photo.key: _card(photo, record) for photo, record in zip(batch, records, strict=True)})
            yield len(known)
        return {photo.key: known[photo.key] for photo in photos}

    question = ("album", model, search, tuple(photo.key for photo in photos))
    return jobs.start("album", question, models.captioner(model), work)


def _card(photo: Photo, record: Record) -> Card:
    if record.error:
        photo.refuse(record.error)
        return Card("", record)
    return Card(photo.picture(THUMBNAIL_PIXELS), record)
