"""The photos that people mean, found one after another: nothing is listed before it is needed, however large the folder.

Files, folders, patterns, COCO and Karpathy JSON, tables with a column of paths, tar shards (WebDataset), pages of HTML, and lists
on standard input. What an input names comes in the same order each time, so that a run can be shared out or taken up again.
"""

from __future__ import annotations

import csv
import glob
import io
import json
import os
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG
from typing import Any

from captioning.photos import SUFFIXES, PhotoError
from shared.errors import UserError

SHARDS = (".tar", ".tar.gz", ".tgz")
COLUMNS = ("photo", "path", "image", "file", "filename", "file_name", "filepath", "image_path")


@dataclass(frozen=True)
class Wanted:
    """A photo that someone asked for, under the name that they will recognise."""

    path: Path
    id: int | str
    member: str = ""
    """its name inside of `path`, when that is a tar"""
    start: int = 0
    """where in the tar its bytes begin"""
    size: int = 0
    content: bytes | None = None
    """its bytes, if they had to be read already (out of a compressed tar)"""
    problem: str = ""
    """why it cannot be had, if that is known beforehand"""

    @property
    def name(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    def source(self) -> Path | bytes:
        """The file, or the bytes where it is no file of its own.

        Raises:
            PhotoError: with the reason why there is none.
        """
        if self.problem:
            raise PhotoError(self.problem)
        if self.content is not None:
            return self.content
        try:
            if self.member:
                with self.path.open("rb") as tar:
                    tar.seek(self.start)
                    return tar.read(self.size)
            kind = self.path.stat().st_mode
        except FileNotFoundError as error:
            raise PhotoError("no such file") from error
        except (OSError, ValueError) as error:
            raise PhotoError(f"cannot be read ({error})") from error
        if not S_ISREG(kind):  # a pipe would be waited for without end
            raise PhotoError("a folder, not a photo" if S_ISDIR(kind) else "not a file")
        return self.path


def find_photos(inputs: Sequence[str], images: str = "", column: str = "") -> Iterator[Wanted]:
    """The photos that are meant: files as named, folders with all photos below them (hidden ones aside), patterns, COCO or
    Karpathy JSON, CSV, tar shards, HTML, - for a list on standard input.

    A file that is not there is still one photo, whose record will say so.

    Args:
        inputs: what people typed.
        images: the folder of the photos that a JSON, a table or a page names; empty: the folder in which that lies.
        column: the column of a table that has the paths, by name or by number from 1; empty: one with a usual name.

    Raises:
        UserError: for an input that names no photos at all, or a table or JSON that cannot be read; once it is reached.
    """
    for text in inputs:
        path = Path(text)
        if text == "-":
            yield from _some((_wanted(name) for name in _lines(sys.stdin)), "list on standard input")
        elif path.is_dir():
            yield from _some(_folder(path), f"folder {text}")
        elif glob.has_magic(text) and not path.exists():
            names = (name for name in sorted(glob.glob(text, recursive=True)) if os.path.isfile(name))
            yield from _some(
                chain.from_iterable(_file(Path(name), images, column) for name in names), f"pattern {text}"
            )
        else:
            yield from _file(path, images, column)


def take_shard(photos: Iterable[Wanted], shard: str) -> Iterator[Wanted]:
    """Every n-th photo beginning with the i-th, for `shard` "i/n"; all of them for "".

    Raises:
        UserError: for a shard that is none.
    """
    if not shard:
        return iter(photos)
    number, slash, count = shard.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise UserError(f"--shard must be i/n with i from 1 to n, such as 1/4 for the first of four, got {shard!r}")
    return islice(photos, int(number) - 1, None, int(count))


def _file(path: Path, images: str, column: str) -> Iterator[Wanted]:
    """The photos that a file names or holds; itself, for a photo."""
    folder = Path(images) if images else path.parent
    name = path.name.lower()
    if name.endswith(".json"):
        return _some(_from_json(path, folder), str(path))
    if name.endswith((".csv", ".tsv")):
        return _some(_from_table(path, folder, column), f"table {path}")
    if name.endswith(SHARDS):
        return _some(_from_tar(path), f"shard {path}")
    if name.endswith((".html", ".htm", ".xhtml")):
        from captioning.pages import Page

        return _some((_wanted(photo) for photo in Page.read(path, images).photos()), f"page {path}")
    return iter([_wanted(path)])


def _wanted(path: str | Path, problem: str = "") -> Wanted:
    return Wanted(Path(path), image_number(Path(path).stem), problem=problem)


def image_number(stem: str) -> int | str:
    """By what COCO files know a photo: its name, or the number in which COCO's own names end (COCO_val2014_000000391895)."""
    number = stem.rsplit("_", 1)[-1]
    return int(number) if number.isascii() and number.isdigit() else stem


def _some(photos: Iterator[Wanted], where: str) -> Iterator[Wanted]:
    first = next(photos, None)
    if first is None:
        raise UserError(f"no photos in the {where}; expected files ending in {', '.join(sorted(SUFFIXES))}")
    yield first
    yield from photos


def _lines(stream: Iterable[str]) -> Iterator[str]:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="surrogateescape")  # a file's name may be any bytes
    return (line.rstrip("\r\n") for line in stream if line.strip())


def _folder(folder: Path) -> Iterator[Wanted]:
    """The photos below a folder by name, with no more than one folder's names in memory; links to folders are not followed."""
    try:
        with os.scandir(folder) as entries:
            names = sorted((entry.name, entry.is_dir(follow_symlinks=False), entry.is_file()) for entry in entries)
    except OSError as error:
        yield _wanted(folder, f"a folder that cannot be read ({error.strerror})")
        return
    for name, is_folder, is_file in names:
        if name.startswith("."):
            continue
        if is_folder:
            yield from _folder(folder / name)
        elif is_file and os.path.splitext(name)[1].lower() in SUFFIXES:
            yield _wanted(folder / name)


def _from_json(path: Path, folder: Path) -> Iterator[Wanted]:
    """The images of a COCO file (with or without annotations) or of Karpathy's."""
    try:
        images = json.loads(path.read_text(encoding="utf-8"))["images"]
        for number, image in enumerate(images):
            yield Wanted(folder / _file_name(image), image.get("id", image.get("cocoid", image.get("imgid", number))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"cannot read {path} as a list of photos ({type(error).__name__}: {error}); expected a COCO or Karpathy JSON file"
        ) from error


def _file_name(image: dict[str, Any]) -> str:
    if "file_name" in image:
        return str(image["file_name"])
    return str(PurePosixPath(image.get("filepath", "")) / image["filename"])


def _from_table(path: Path, folder: Path, column: str) -> Iterator[Wanted]:
    """The photos of a CSV. Its first row is a photo too if it looks like one, and else names the columns."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            head = stream.readline()
            stream.seek(0)
            comma = "\t" if path.suffix.lower() == ".tsv" else ";" if ";" in head and "," not in head else ","
            rows = csv.reader(stream, delimiter=comma)
            names = next(rows, [])
            at = _find_column(names, column, path)
            number = next((i for i, name in enumerate(names) if name.strip().lower() in ("image_id", "id")), None)
            headless = Path(names[at]).suffix.lower() in SUFFIXES
            for row in chain([names] if headless else [], rows):
                if row:
                    photo = _wanted(folder / row[at].strip())
                    yield photo if number is None else Wanted(photo.path, image_number(row[number].strip()))
    except (OSError, csv.Error, IndexError) as error:
        raise UserError(
            f"cannot read {path} as a table of photos ({error}); expected CSV with a column of paths"
        ) from error


def _find_column(names: Sequence[str], column: str, path: Path) -> int:
    known = [name.strip().lower() for name in names]
    if column.strip() and column.strip().lower() in known:
        return known.index(column.strip().lower())
    if column.isdecimal() and 1 <= int(column) <= len(names):
        return int(column) - 1
    usual = [known.index(name) for name in COLUMNS if name in known]
    if not column and (usual or len(names) == 1):
        return usual[0] if usual else 0
    wanted = f"no column {column!r}" if column else "no column with a usual name"
    raise UserError(f"{path} has {wanted}; its columns are {', '.join(names) or 'none'}; name one with --column")


def _from_tar(path: Path) -> Iterator[Wanted]:
    """The photos in a tar, in its order; of a plain tar only the headers are read here.

    A sample's key is its name up to the first dot, as WebDataset has it.
    """
    try:
        with path.open("rb") as file:
            plain = file.read(2) != b"\x1f\x8b"
        with tarfile.open(path, "r:" if plain else "r|gz") as tar:
            while (member := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]  # it would remember all
                if member.isfile() and os.path.splitext(member.name)[1].lower() in SUFFIXES:
                    yield _member(path, tar, member, plain)
            if plain and _goes_on(path, tar.offset):
                yield _wanted(path, f"damaged from byte {tar.offset} on: the photos behind it are lost")
    except FileNotFoundError:
        yield _wanted(path)
    except Exception as error:  # out of damaged archives come zlib's, struct's and lzma's errors too
        yield _wanted(path, f"a damaged or incomplete tar ({error})")


def _member(path: Path, tar: tarfile.TarFile, member: tarfile.TarInfo, plain: bool) -> Wanted:
    key = re.split(r"\.", PurePosixPath(member.name).name, maxsplit=1)[0]
    if plain and not member.issparse():
        return Wanted(path, image_number(key), member.name, member.offset_data, member.size)
    content = tar.extractfile(member)
    return Wanted(path, image_number(key), member.name, content=content.read() if content else b"")


def _goes_on(path: Path, offset: int) -> bool:
    """Whether a tar has more behind what tarfile takes for its end; it does not tell damage from an end."""
    with path.open("rb") as file:
        file.seek(offset)
        return any(file.read(512))
