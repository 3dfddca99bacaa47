"""Files and folders that a reader sees complete or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import UserError


def check_place(path: Path) -> None:
    """Says early, before the work, that a file could not be written there.

    Raises:
        UserError: for a folder's own path, or a folder that is not there or not writable.
    """
    if path.is_dir():
        raise UserError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise UserError(f"cannot write {path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise UserError(f"cannot write {path}: the folder {path.parent} is not writable")


def read_text(path: Path) -> str:
    """The text of a file in UTF-8.

    Raises:
        UserError: if it cannot be read, or is none.
    """
    try:
        return decode_text(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error


def decode_text(content: bytes, name: str) -> str:
    """The text of what is called by that name, in UTF-8.

    Raises:
        UserError: if it is none.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"cannot read {name}: it is no text in UTF-8 (see byte {error.start}); save it as plain text"
        ) from error


def read_at_most(path: Path, most: int) -> bytes:
    """The content of a file, or of one that is longer the first `most` bytes and one more, which tells.

    Raises:
        UserError: if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Writes beside the file and then gives it the name: whoever reads it meanwhile gets the old one. A link stays, and what it
    points at is written.

    Raises:
        UserError: if it cannot be written.
    """
    scratch = None
    try:
        place = path.resolve()
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{path.name[:40]}.", delete=False) as file:
            scratch = Path(file.name)
            file.write(content)
        scratch.chmod(0o666 & ~_umask())
        os.replace(scratch, place)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if scratch:
            scratch.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Gives a new folder to write into, which takes this one's name and place at the end; an error leaves nothing of it.

    Raises:
        UserError: if it cannot be written.
    """
    scratch = folder.parent / f".{folder.name}.part"
    try:
        shutil.rmtree(scratch, ignore_errors=True)  # of a run that came to a sudden end
        scratch.mkdir(parents=True)
        yield scratch
        scratch.replace(folder)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
