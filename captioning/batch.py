"""Captions for many photos: whatever people name is found, read and captioned on all cores, and nothing is lost."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor
from tqdm import tqdm

from captioning.captioner import Caption, Captioner
from captioning.config import SearchConfig
from captioning.inputs import Wanted, find_photos, take_shard
from captioning.outputs import Record
from captioning.pages import AltChoice, Page
from captioning.photos import PhotoError, load_photo
from captioning.places import BesidePhotos, PageCopy, Place, keep
from captioning.record_file import RecordFile
from captioning.search.find import rules_of
from shared.errors import UserError

BATCH = 16
MOST_WORKERS = 8
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of malloc.h
_GIGABYTE = 2**30


def caption_files(
    inputs: Sequence[str],
    output: str,
    form: str,
    *,
    images: str = "",
    column: str = "",
    alt: AltChoice = "empty",
    shard: str = "",
    resume: bool = False,
    overwrite: bool = False,
    engine: Literal["local", "ray"] = "local",
    model: str = "default",
    device: str = "auto",
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
) -> int:
    """Captions all photos that `inputs` name, in their order.

    Returns:
        0, or 1 if there were photos that could not be used; each of them has its record with the reason.

    Raises:
        UserError: for inputs that name no photos at all, a model that is none, or an output that cannot be written.
    """
    page = _only_page(inputs, images) if form == "html" else None
    if page and resume:
        raise UserError("--resume goes with formats that grow; a page is written when it is whole")

    def photos() -> Iterator[Wanted]:
        found = (Wanted(p, p.stem) for p in page.photos(alt)) if page else find_photos(inputs, images, column)
        return take_shard(found, shard)

    wanted = photos()
    # Once for the mistakes and the time left, once for the captions: a list in memory would grow with the folder.
    total = None if "-" in inputs else sum(1 for _ in photos())
    caption = _engine(engine, model, device, search)
    place = _place(page, output, form, alt, resume, overwrite)
    records = caption(place.remaining(wanted))
    failed = keep(place, _with_progress(records, total, place.done))
    if failed:
        among = "" if total is None else f" of {total}"
        print(f"{failed}{among} photos could not be captioned", file=sys.stderr)
    return 1 if failed else 0


def _engine(
    engine: str, model: str, device: str, search: SearchConfig
) -> Callable[[Iterable[Wanted]], Iterator[Record]]:
    if engine == "ray":
        from captioning.on_ray import on_ray

        return on_ray(model, device, search)
    captioner = Captioner.from_pretrained(model, device)
    rules_of(search, captioner.vocabulary)  # a mistake is better told before the work than in the midst of it
    return lambda wanted: caption_all(captioner, wanted, search)


def caption_all(
    captioner: Captioner,
    wanted: Iterable[Wanted],
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
) -> Iterator[Record]:
    """A record for each photo, in order, with no more than a few batches under way: memory does not grow with their number.

    Each worker takes a few photos from file to sentence, on its share of the cores: convolutions of small batches gain
    more from cores of their own than from sharing them, and the decoding of one batch hides behind the network of
    another. Workers are threads: Pillow and torch leave the interpreter to the others while they compute, and pixels need
    not be sent from one process to another.
    """
    _keep_memory()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    batches = _batches(wanted)
    first = list(islice(batches, min(MOST_WORKERS, cores)))
    workers = max(1, len(first))
    threads_before = torch.get_num_threads()
    pool = ThreadPoolExecutor(workers, initializer=lambda: torch.set_num_threads(max(1, cores // workers)))
    waiting: deque[Future[list[Record]]] = deque()
    try:
        for batch in chain(first, batches):
            waiting.append(pool.submit(caption_batch, captioner, batch, search))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads_before)


def caption_batch(captioner: Captioner, wanted: Sequence[Wanted], search: SearchConfig) -> list[Record]:
    """The records of a few photos, captioned together.

    Raises:
        UserError: if what is asked for can be said of none of them.
    """
    records: list[Record | None] = []
    pixels = []
    for photo in wanted:
        try:
            pixels.append(load_photo(photo.source(), captioner.config.image_size, captioner.config.fit))
            records.append(None)
        except PhotoError as error:
            records.append(Record(photo.name, photo.id, error=str(error)))
    described = iter(_describe(captioner, pixels, search))
    return [record or record_of(photo, next(described)) for record, photo in zip(records, wanted, strict=True)]


def _describe(captioner: Captioner, pixels: list[Tensor], search: SearchConfig) -> list[list[Caption] | UserError]:
    """Captions of each photo; for one of which no caption can be as it is wanted, the reason."""
    if not pixels:
        return []
    try:
        return list(captioner.describe_all(captioner.encode_pixels(torch.stack(pixels), search.mirrored), search))
    except UserError as error:
        if len(pixels) == 1:
            return [error]
        alone = [_describe(captioner, [one], search)[0] for one in pixels]
        if all(isinstance(one, UserError) for one in alone):
            raise
        return alone


def record_of(photo: Wanted, said: Sequence[Caption] | UserError) -> Record:
    """What is kept of a photo's captions, or of the reason why there are none."""
    if isinstance(said, UserError):
        return Record(photo.name, photo.id, error=str(said))
    best, *others = ((caption.text, caption.log_prob) for caption in said)
    return Record(photo.name, photo.id, *best, others=tuple(others))


def _batches(wanted: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    photos = iter(wanted)
    while batch := list(islice(photos, BATCH)):
        yield batch


def _only_page(inputs: Sequence[str], images: str) -> Page:
    if len(inputs) != 1 or inputs[0] == "-":
        raise UserError(f"--format html writes the copy of one page, got {len(inputs)} inputs; name one HTML file")
    return Page.read(Path(inputs[0]), images)


def _place(page: Page | None, output: str, form: str, alt: AltChoice, resume: bool, overwrite: bool) -> Place:
    if page:
        return PageCopy(page, output, alt, overwrite=overwrite)
    if form == "beside":
        if output:
            raise UserError(f"--format beside writes a file beside each photo; leave out -o {output}")
        return BesidePhotos(resume=resume, overwrite=overwrite)
    return RecordFile(output, form, resume=resume, overwrite=overwrite)


def _with_progress(records: Iterator[Record], total: int | None, done: int) -> Iterator[Record]:
    """Photos a second and the time left, on a terminal; by the mean so far, for records come a batch at a time."""
    yield from tqdm(
        records, "photos", total, initial=done, unit="photo", smoothing=0, disable=None, leave=False, dynamic_ncols=True
    )


def _keep_memory() -> None:
    """Asks the C library to keep freed memory for the next batch, in one arena.

    The maps of a batch are tens of megabytes, which it would hand back to the system and have cleared anew for each layer:
    a seventh of the time. Only glibc knows the call.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        for parameter, value in ((_M_MMAP_THRESHOLD, _GIGABYTE), (_M_TRIM_THRESHOLD, _GIGABYTE), (_M_ARENA_MAX, 1)):
            library.mallopt(parameter, value)
