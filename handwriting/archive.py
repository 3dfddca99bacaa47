"""The files of a data base, whether its archives were extracted or not. Nothing is extracted: members are read where they are."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from shared.errors import UserError

PACKED = (".tar.gz", ".tgz", ".tar")
LARGEST_MEMBER = 16 * 2**20
"""bytes; the ink of a line has about 50,000"""


def files_of(
    source: Path, parts: Sequence[str], wanted: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The wanted files in a folder, one after the other, and then those in packed archives in it.

    Args:
        source: the folder, or an archive.
        parts: the folders that the archives hold, whose names theirs begin with. An archive of a part that lies there extracted
            is passed by.
        wanted: whether a file is, by its name.

    Raises:
        UserError: if there is no such folder, or an archive or a file in it cannot be read.
    """
    if source.is_file():
        yield from _members(source, parts, wanted)
        return
    if not source.is_dir():
        raise UserError(f"there is no folder {source}; give the one with the archives of the data base")
    seen: set[str] = set()
    packed = []
    for file in sorted(source.rglob("*")):
        name = PurePosixPath(file.relative_to(source).as_posix())
        if name.name.endswith(PACKED):
            packed.append(file)
        elif wanted(name) and not name.name.startswith("._") and file.is_file():
            seen.update(name.parts)
            yield name, _content(file)
    for archive in packed:
        if not any(archive.name.startswith(part) for part in parts if part in seen):
            yield from _members(archive, parts, wanted)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror or error}") from error


def _members(
    archive: Path, parts: Sequence[str], wanted: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    part = next((part for part in parts if archive.name.startswith(part)), "")
    try:
        with tarfile.open(archive, "r|*") as packed:
            for member in packed:
                name = PurePosixPath(member.name)
                name = name if part in name.parts else PurePosixPath(part) / name
                if not member.isfile() or not wanted(name) or name.name.startswith("._"):
                    continue
                if member.size > LARGEST_MEMBER:
                    raise UserError(
                        f"{archive} holds {name} of {member.size} bytes: no line of ink; is it the right archive?"
                    )
                file = packed.extractfile(member)
                yield name, file.read() if file else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UserError(f"cannot read {archive}: no .tar.gz, or cut off ({error}); download it again") from error
