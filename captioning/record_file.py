"""A file of records that grows, and may be gone on with after any end of a run, however sudden."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import IO, BinaryIO

from captioning.inputs import Wanted
from captioning.outputs import FORMATS, Record, Text
from shared.errors import UserError

LONGEST_RECORD = 65_536  # bytes; names of files end at a few thousand


class RecordFile:
    """A file of records, or standard output. It may be gone on with after any end, however sudden.

    Args:
        path: the file; empty or "-" for standard output.
        form: one of FORMATS.
        resume: go on with the file; a record that was cut off is taken away.
        overwrite: begin anew though there is a file.

    Raises:
        UserError: for a file that is there and was not spoken of, cannot be written, holds something else, or is being
            written by another run.
    """

    def __init__(self, path: str, form: str, *, resume: bool = False, overwrite: bool = False) -> None:
        self.format, self.path, self.done, self.failed = FORMATS[form], path, 0, 0
        self.file: IO[str]
        if path in ("", "-"):
            if resume:
                raise UserError("--resume goes on with a file: name it with -o")
            self.file = sys.stdout
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(errors="surrogateescape")  # a file's name may be any bytes
        else:
            self.file = _open(path, resume or overwrite)
            with self._closed_at_error():
                self.end = self._take_up(resume)
        self.writer: Text = self.format(self.file, begun=self.done > 0)

    def remaining(self, photos: Iterator[Wanted]) -> Iterator[Wanted]:
        if not self.done:
            return photos
        return _without(photos, (key for key, _, _ in read_records(self.path, self.format, self.end)), self.format)

    def write(self, record: Record) -> None:
        self.writer.write(record)
        self.file.flush()

    def close(self, whole: bool) -> None:
        try:
            self.writer.close()
            self.file.flush()
        finally:
            if self.file is not sys.stdout:
                self.file.close()

    def _take_up(self, resume: bool) -> int:
        """Cuts the file off behind its last whole record, and returns that place."""
        end = 0
        if not stat.S_ISREG(os.fstat(self.file.fileno()).st_mode):
            return end
        size = os.path.getsize(self.path)
        for _, failed, end in read_records(self.path, self.format, size) if resume else ():  # noqa: B007
            self.done += 1
            self.failed += failed
        if resume and size - end > LONGEST_RECORD:
            raise UserError(f"{self.path} is no output of this command from byte {end} on; mend it, or --overwrite it")
        self.file.truncate(end)
        self.file.seek(end)
        return end

    @contextlib.contextmanager
    def _closed_at_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.file.close()
            raise


def _open(path: str, may_exist: bool) -> IO[str]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error
    state = os.fstat(descriptor)
    regular = stat.S_ISREG(state.st_mode)  # a pipe cannot be read back
    file = os.fdopen(descriptor, "r+" if regular else "w", encoding="utf-8", errors="surrogateescape", newline="")
    if regular and state.st_size and not may_exist:
        file.close()
        raise UserError(f"{path} is there already: --resume goes on with it, --overwrite begins anew")
    if not _lock(descriptor):
        file.close()
        raise UserError(f"{path} is being written by another run; give each its own -o")
    return file


def _lock(descriptor: int) -> bool:
    """Keeps other runs out for as long as the file is open, where the system has such locks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


class _Lines:
    """The whole lines of a file up to a byte, as text; `end` is where the last one given out ended."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size, self.end, self.number = file, size, 0, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.file.readline()
        if not line.endswith(b"\n") or self.end + len(line) > self.size:
            raise StopIteration
        self.end += len(line)
        self.number += 1
        return line.decode("utf-8", "surrogateescape")


def read_records(path: str, form: type[Text], size: int) -> Iterator[tuple[str, bool, int]]:
    """Of each whole record among the first `size` bytes: its key, whether it is an error, and where it ends.

    Raises:
        UserError: at a whole line that is no record. What was cut off at the end is passed over.
    """
    with open(path, "rb") as file:
        lines = _Lines(file, size)
        try:
            for key, failed in form.read(lines):
                yield key, failed, lines.end
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            if isinstance(error, csv.Error) and next(lines, None) is None:
                return  # the end of the file came within quotes
            raise UserError(f"{path} is no output of this command near line {lines.number} ({error})") from error


def _without(photos: Iterator[Wanted], keys: Iterator[str], form: type[Text]) -> Iterator[Wanted]:
    """The photos that have no record. As long as records and photos come in the same order, nothing is remembered."""
    left: Counter[str] = Counter()
    for key in keys:
        photo = next(photos, None)
        if photo is None:
            return
        if form.key(photo.name, photo.id) != key:  # photos came, went or failed since: from here on by name
            left = Counter(chain([key], keys))
            photos = chain([photo], photos)
    for photo in photos:
        key = form.key(photo.name, photo.id)
        if left[key]:
            left[key] -= 1
        else:
            yield photo
