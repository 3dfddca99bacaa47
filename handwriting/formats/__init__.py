"""Ink as files, and files as ink. The names of the formats are their endings.

| ending | what | pages in a file |
| --- | --- | --- |
| .svg | strokes in mm, a layer for each pen, a path for each stroke in writing order | one |
| .animated.svg | the same, written before your eyes; no script | one |
| .png | a picture of 305 dpi | one |
| .gif | the pen writing, at the pace of a hand | one |
| .pdf | vector pages in their own size, the text beneath to be searched and copied | all |
| .inkml | W3C InkML; read back within 0.000001 mm | all |
| .json | all that is known of the ink; read back bit for bit | all |
| .xopp | notes of Xournal++, to be written on; those of Xournal (.xoj) are read too | all |
| .hpgl, .gcode | for pen plotters, by vpype (the extra `plotter`) | one |
| .xml | a line of IAM-OnDB; only read | |

Pictures on a page are in .svg, .animated.svg, .png, .gif, .pdf and .xopp; the others hold ink alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from handwriting.page import Page
from shared.errors import UserError
from shared.files import check_place, read_at_most, write_whole

LARGEST_FILE = 32 * 2**20
"""bytes that are read"""


@dataclass(frozen=True)
class Format:
    """A module of this package with `write(pages) -> bytes`, `read(content) -> pages`, or both; imported when it is used."""

    module: str
    many_pages: bool = False
    written: bool = True
    read: bool = False


FORMATS = {
    ".svg": Format("svg"),
    ".animated.svg": Format("animated_svg"),
    ".png": Format("png"),
    ".gif": Format("gif"),
    ".pdf": Format("pdf", many_pages=True),
    ".inkml": Format("inkml", many_pages=True, read=True),
    ".json": Format("json", many_pages=True, read=True),
    ".xopp": Format("xopp", many_pages=True, read=True),
    ".xoj": Format("xopp", written=False, read=True),
    ".hpgl": Format("hpgl"),
    ".gcode": Format("gcode"),
    ".xml": Format("iam_xml", written=False, read=True),
}
WRITTEN = [ending for ending, kind in FORMATS.items() if kind.written]
READ = [ending for ending, kind in FORMATS.items() if kind.read]


def write_ink(pages: Page | Sequence[Page], path: Path | str) -> list[Path]:
    """Writes pages into a file of the format that its ending names. Each file appears whole or not at all.

    Where a format holds one page a file, several pages become several files: name-1.svg, name-2.svg, …

    Returns:
        the files.

    Raises:
        UserError: for an unknown ending, no page, or a place that cannot be written to.
    """
    path = Path(path)
    check_writable(path)
    contents = encode(pages, _ending(path))
    files = [path] if len(contents) == 1 else [numbered(path, n) for n in range(1, len(contents) + 1)]
    for file in files:
        check_place(file)
    for file, content in zip(files, contents, strict=True):
        write_whole(file, content)
    return files


def numbered(path: Path, number: int) -> Path:
    """The file of one of several pages: name-1.svg for the first of name.svg."""
    stem = path.name[: len(path.name) - len(_ending(path))]
    return path.with_name(f"{stem}-{number}{path.name[len(stem) :]}")


def encode(pages: Page | Sequence[Page], ending: str) -> list[bytes]:
    """The contents of the files that `write_ink` would write.

    Raises:
        UserError: for an unknown ending, or no page.
    """
    pages = [pages] if isinstance(pages, Page) else list(pages)
    if ending not in WRITTEN:
        raise UserError(f"cannot write {ending!r}: the formats are {', '.join(WRITTEN)}")
    if not pages:
        raise UserError("there is no page to write")
    write = import_module(f"handwriting.formats.{FORMATS[ending].module}").write
    return [write(pages)] if FORMATS[ending].many_pages else [write([page]) for page in pages]


def check_writable(path: Path) -> None:
    """Says early, before the work, that ink could not be written there.

    Raises:
        UserError: for an unknown ending, a folder that is not there or not writable, or a library that is missing.
    """
    kind = FORMATS.get(_ending(path))
    if not kind or not kind.written:
        raise UserError(f"cannot write {path.name!r}: the formats are {', '.join(WRITTEN)}")
    check_place(path)
    if kind.module in ("hpgl", "gcode"):
        from handwriting.formats.plotter import check_vpype

        check_vpype()


def read_ink(path: Path | str) -> list[Page]:
    """The pages of a file of ink: what this package wrote, or InkML, JSON and notes of others, or a line of IAM-OnDB.

    Raises:
        UserError: if it is no such file, or holds numbers that are none, hardly any points or too many.
    """
    path = Path(path)
    kind = FORMATS.get(_ending(path))
    if path.is_dir():
        raise UserError(f"cannot read {path}: it is a folder; give a file of ink ({', '.join(READ)})")
    if not kind or not kind.read:
        raise UserError(f"cannot read {path.name!r}: ink is read from {', '.join(READ)}")
    return decode(read_at_most(path, LARGEST_FILE), _ending(path), str(path))


def decode(content: bytes, ending: str, name: str) -> list[Page]:
    """The pages in the content of a file; `name` is what it is called in messages.

    Raises:
        UserError: see `read_ink`.
    """
    if ending not in READ:
        raise UserError(f"cannot read {name}: ink is read from {', '.join(READ)}")
    if len(content) > LARGEST_FILE:
        raise UserError(f"{name} is larger than {LARGEST_FILE // 2**20} MiB; no ink that a hand wrote is")
    if not content.strip():
        raise UserError(f"{name} is empty")
    try:
        pages: list[Page] = import_module(f"handwriting.formats.{FORMATS[ending].module}").read(content)
    except UserError as error:
        raise UserError(f"{name} cannot be read: {error}") from error
    points = sum(len(line.strokes) for page in pages for line in page.lines)
    if points < 2:
        raise UserError(f"{name} holds {'one point' if points else 'no stroke'}; ink has at least two points")
    return pages


def _ending(path: Path) -> str:
    """The longest ending that names a format; "" if none does."""
    name = path.name.lower()
    return max((ending for ending in FORMATS if name.endswith(ending)), key=len, default="")
