"""Captions for many photos: whatever people name is found, read and captioned on all cores, and nothing is lost."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from captioning.captioner import Captioner
from captioning.data import read_captions
from captioning.outputs import WRITERS, Record, Stream, Text
from captioning.photos import SUFFIXES, PhotoError, load_photo
from shared.errors import UserError

BATCH = 16
MOST_WORKERS = 8
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of malloc.h
_GIGABYTE = 2**30


@dataclass(frozen=True)
class Wanted:
    """A photo that someone asked for, under the name that they will recognise."""

    path: Path
    id: int | str

    @property
    def name(self) -> str:
        return str(self.path)


def caption_files(
    inputs: Sequence[str],
    output: str,
    form: str,
    *,
    images: str = "",
    model: str = "default",
    device: str = "auto",
    beam: int = 3,
    maximum_words: int = 24,
) -> int:
    """Captions all photos that `inputs` name, in their order.

    Returns:
        0, or 1 if there were photos that could not be used; each of them has its record with the reason.

    Raises:
        UserError: for inputs that name no photos at all, a model that is none, or an output that cannot be written.
    """
    if beam < 1 or maximum_words < 1:
        raise UserError(f"--beam and --maximum-words must be at least 1, got {beam} and {maximum_words}")
    wanted = find_photos(inputs, images)
    captioner = Captioner.from_pretrained(model, device)
    failed = 0
    with _open(output) as stream:
        writer: Text = WRITERS[form](stream)
        records = caption_all(captioner, wanted, beam, maximum_words)
        try:
            for record in tqdm(records, "photos", len(wanted), unit="photo", disable=None, leave=False):
                writer.write(record)
                failed += bool(record.error)
        finally:
            writer.close()
    if failed:
        print(f"{failed} of {len(wanted)} photos could not be captioned", file=sys.stderr)
    return 1 if failed else 0


def caption_all(
    captioner: Captioner, wanted: Sequence[Wanted], beam: int = 3, maximum_words: int = 24
) -> Iterator[Record]:
    """A record for each photo, in order.

    Each worker takes a few photos from file to sentence, on its share of the cores: convolutions of small batches gain
    more from cores of their own than from sharing them, and the decoding of one batch hides behind the network of
    another.
    """
    _keep_memory()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = max(1, min(MOST_WORKERS, cores, -(-len(wanted) // BATCH)))
    threads_before = torch.get_num_threads()
    pool = ThreadPoolExecutor(workers, initializer=lambda: torch.set_num_threads(max(1, cores // workers)))
    waiting: deque[Future[list[Record]]] = deque()
    try:
        for start in range(0, len(wanted), BATCH):
            waiting.append(pool.submit(_caption_batch, captioner, wanted[start : start + BATCH], beam, maximum_words))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads_before)


def _keep_memory() -> None:
    """Asks the C library to keep freed memory for the next batch, in one arena.

    The maps of a batch are tens of megabytes, which it would hand back to the system and have cleared anew for each layer:
    a seventh of the time. Only glibc knows the call.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        for parameter, value in ((_M_MMAP_THRESHOLD, _GIGABYTE), (_M_TRIM_THRESHOLD, _GIGABYTE), (_M_ARENA_MAX, 1)):
            library.mallopt(parameter, value)


def find_photos(inputs: Sequence[str], images: str = "") -> list[Wanted]:
    """The photos that are meant: files as named, folders with all photos below them, patterns, COCO files, - for lists.

    A file that is not there is still one photo, whose record will say so.

    Raises:
        UserError: for a folder or pattern without photos.
    """
    found: list[Wanted] = []
    for text in inputs:
        path = Path(text)
        if text == "-":
            found += [_wanted(line.rstrip("\r\n")) for line in sys.stdin if line.strip()]
        elif path.is_dir():
            found += _some(
                (_wanted(p) for p in sorted(path.rglob("*")) if p.suffix.lower() in SUFFIXES), f"folder {text}"
            )
        elif path.suffix.lower() == ".json":
            folder = Path(images) if images else path.parent
            found += [Wanted(folder / photo.file, photo.id) for photo in read_captions(path)]
        elif glob.has_magic(text) and not path.exists():
            found += _some(
                (_wanted(p) for p in sorted(glob.glob(text, recursive=True)) if Path(p).is_file()), f"pattern {text}"
            )
        else:
            found.append(_wanted(text))
    return _some(found, "list")


def _wanted(path: str | Path) -> Wanted:
    stem = Path(path).stem
    # COCO's own names end in the number of the image: COCO_val2014_000000391895.
    number = stem.rsplit("_", 1)[-1]
    return Wanted(Path(path), int(number) if number.isascii() and number.isdigit() else stem)


def _some(found: Iterator[Wanted] | list[Wanted], where: str) -> list[Wanted]:
    photos = list(found)
    if not photos:
        raise UserError(f"no photos in the {where}; expected files ending in {', '.join(sorted(SUFFIXES))}")
    return photos


def _caption_batch(captioner: Captioner, wanted: Sequence[Wanted], beam: int, maximum_words: int) -> list[Record]:
    records: list[Record | None] = []
    pixels = []
    for photo in wanted:
        try:
            pixels.append(load_photo(photo.path, captioner.config.image_size, captioner.config.fit))
            records.append(None)
        except PhotoError as error:
            records.append(Record(photo.name, photo.id, error=str(error)))
    described = iter(
        captioner.describe_all(captioner.encode_pixels(torch.stack(pixels)), beam=beam, maximum_words=maximum_words)
        if pixels
        else []
    )
    return [record or _record(photo, next(described)) for record, photo in zip(records, wanted, strict=True)]


def _record(photo: Wanted, captions: list) -> Record:
    return Record(photo.name, photo.id, captions[0].text, captions[0].log_prob)


@contextlib.contextmanager
def _open(output: str) -> Iterator[Stream]:
    if output in ("", "-"):
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        stream = open(output, "w", encoding="utf-8", newline="")  # noqa: SIM115 - closed below, where errors are no longer ours
    except OSError as error:
        raise UserError(f"cannot write {output}: {error.strerror}") from error
    with stream:
        yield stream
