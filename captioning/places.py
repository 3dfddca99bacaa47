"""Where records go: into a file that grows (`record_file`), beside the photos, or into the copy of a page."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from captioning.inputs import Wanted
from captioning.outputs import Record
from captioning.pages import AltChoice, Page
from shared.errors import UserError
from shared.files import check_place, write_whole


class Place(Protocol):
    """Takes records. `done` and `failed` count those that were there before, and the failures among them."""

    done: int
    failed: int

    def remaining(self, photos: Iterator[Wanted]) -> Iterator[Wanted]:
        """The photos that have no record here yet."""

    def write(self, record: Record) -> None:
        """Keeps a record; it is safe from the end of this process once this returns."""

    def close(self, whole: bool) -> None:
        """Ends the writing; `whole` says whether all records came."""


class BesidePhotos:
    """For each photo a file with its caption beside it, of the same name but for the ending .txt.

    Args:
        resume: pass over photos that have their file.
        overwrite: replace such files; without either, they are left alone and their photos count as failed.
    """

    def __init__(self, *, resume: bool = False, overwrite: bool = False) -> None:
        if resume and overwrite:
            raise UserError("--resume keeps the .txt files that are there, --overwrite replaces them: choose one")
        self.resume, self.overwrite, self.done, self.failed = resume, overwrite, 0, 0
        self._began = time.time_ns()

    def remaining(self, photos: Iterator[Wanted]) -> Iterator[Wanted]:
        for photo in photos:
            if photo.member:
                raise UserError(f"no file can stand beside {photo.name} in its tar; take --format jsonl")
            if self.overwrite or not _beside(photo.path).exists():
                yield photo
            elif self.resume:
                self.done += 1
            else:
                self._fail(photo.name, f"{_beside(photo.path)} is there already; --overwrite replaces it")

    def write(self, record: Record) -> None:
        target = _beside(Path(record.photo))
        if record.error:
            print(f"{record.photo}: {record.error}", file=sys.stderr)
        elif target.exists() and not (self.overwrite and target.stat().st_mtime_ns < self._began):
            self._fail(record.photo, f"{target} is there already, of another photo")
        else:
            try:
                write_whole(target, f"{record.caption}\n".encode())
            except UserError as error:
                self._fail(record.photo, str(error))

    def close(self, whole: bool) -> None:
        """Nothing is owed."""

    def _fail(self, photo: str, reason: str) -> None:
        self.failed += 1
        print(f"{photo}: {reason}", file=sys.stderr)


def _beside(photo: Path) -> Path:
    return photo.parent / f"{photo.stem}.txt"


class PageCopy:
    """A copy of a page whose photos have alternative texts; it appears when all of them are there.

    Args:
        page: the page.
        path: the copy; empty or "-" for standard output.
        alt: which texts to write: those that are missing, those that are missing or empty, or all.
        overwrite: replace a copy that is there.

    Raises:
        UserError: for a copy that would replace the page, or another file that was not spoken of, or cannot be written there.
    """

    def __init__(self, page: Page, path: str, alt: AltChoice, *, overwrite: bool = False) -> None:
        self.page, self.path, self.alt, self.done, self.failed = page, path, alt, 0, 0
        self.texts: dict[Path, str] = {}
        if path in ("", "-"):
            return
        if Path(path).exists() and page.path.samefile(path):
            raise UserError(f"{path} is the page itself; give the copy another name")
        check_place(Path(path))
        if Path(path).exists() and not overwrite:
            raise UserError(f"{path} is there already; --overwrite replaces it")

    def remaining(self, photos: Iterator[Wanted]) -> Iterator[Wanted]:
        return photos

    def write(self, record: Record) -> None:
        if record.error:
            print(f"{record.photo}: {record.error}", file=sys.stderr)
        else:
            self.texts[Path(record.photo)] = record.caption

    def close(self, whole: bool) -> None:
        if not whole:
            return
        content = self.page.with_alt(self.texts, self.alt)
        if self.path in ("", "-"):
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        write_whole(Path(self.path), content)


def keep(place: Place, records: Iterable[Record]) -> int:
    """Writes all records to a place and closes it. Returns how many of all records there are failures."""
    failed, whole = 0, False
    try:
        for record in records:
            place.write(record)
            failed += bool(record.error)
        whole = True
    finally:
        place.close(whole)
    return failed + place.failed
