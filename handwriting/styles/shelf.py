"""Styles by name: those that travel with the package, and the user's own. A style is a small JSON file.

The user's lie in `$HANDWRITING_STYLES`, else in `show-and-scribe/styles` under `$XDG_DATA_HOME` (~/.local/share where that is not
set); on Windows under %APPDATA%, on macOS under ~/Library/Application Support.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from handwriting.formats import READ, decode, read_ink
from handwriting.styles import KIND
from handwriting.transcript import text_beside, transcribe
from shared.errors import UserError
from shared.files import read_at_most, write_whole

if TYPE_CHECKING:
    # What is on the shelf can be told without torch.
    from handwriting.page import Page
    from handwriting.prime import Hand
    from handwriting.strokes import Strokes
    from handwriting.styles.style import Style

SHIPPED = Path(__file__).parent / "shipped"
FOLDER = "HANDWRITING_STYLES"
"""the environment variable"""
LARGEST_STYLE = 2**20
"""bytes of a style's file"""
_WRITER = re.compile(r"writer:(\d{1,9})")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")


class Kept(NamedTuple):
    """What a style's file holds."""

    text: str
    strokes: Strokes
    """in mm"""
    origin: str
    terms: str


def user_folder() -> Path:
    """Where the user's own styles lie; it need not exist."""
    if given := os.environ.get(FOLDER):
        return Path(given).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("APPDATA") or "~/AppData/Roaming"
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "show-and-scribe" / "styles"


def names() -> list[str]:
    """The names of all styles, the shipped ones first."""
    return [*_names(SHIPPED), *_names(user_folder())]


def place_of(name: str) -> Path:
    """The file of a style.

    Raises:
        UserError: if there is none of that name.
    """
    known = names()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
        raise UserError(f"there is no style {name!r}; {hint} (`handwriting style add` makes one)")
    shipped = SHIPPED / f"{name}.json"
    return shipped if shipped.exists() else user_folder() / shipped.name


def load(wanted: str) -> Hand:
    """A style by its name or by a file of ink that has its text; or a blend, spelled `one+other` or, with the share of the other,
    `one+other:0.3`; or a writer whom the network knows, `writer:37`.

    Raises:
        UserError: if there is no such style, or its file is none.
    """
    if writer := _WRITER.fullmatch(wanted):
        from handwriting.prime import KnownWriter

        return KnownWriter(int(writer[1]))
    if "+" not in wanted or Path(wanted).is_file():
        return find(wanted)
    from handwriting.styles.style import Blend

    one, _, other = wanted.partition("+")
    other, colon, share = other.partition(":")
    try:
        return Blend(find(one.strip()), find(other.strip()), float(share) if colon else 0.5)
    except ValueError as error:
        raise UserError(f"a blend is spelled one+other:0.3, with a share from 0 to 1, got {wanted!r}") from error


def find(wanted: str) -> Style:
    """The style of that name, or in that file.

    Raises:
        UserError: if there is none.
    """
    if _is_file(wanted):
        return from_ink(Path(wanted))
    from handwriting.styles.style import Style

    return Style(wanted, *read(wanted))


def read(name: str) -> Kept:
    """What is kept under a name.

    Raises:
        UserError: if there is no such style, or its file is none.
    """
    file = place_of(name)
    content = read_at_most(file, LARGEST_STYLE)
    try:
        found = json.loads(content) if len(content) <= LARGEST_STYLE else None
    except (ValueError, RecursionError) as error:
        raise UserError(f"the style {file} cannot be read ({str(error)[:80]})") from error
    if not isinstance(found, dict) or found.get("format") != KIND:
        raise UserError(f"{file} is not a style; remove it, and add it again with `handwriting style add`")
    (line,) = decode(content, ".json", str(file))[0].lines
    origin, terms = (str(found.get(key, ""))[:500] for key in ("origin", "terms"))
    return Kept(line.text, line.strokes, origin, terms)


def from_ink(path: Path, text: str = "", name: str = "") -> Style:
    """A style from a file of ink.

    Args:
        path: .json, .inkml, .xopp or .xoj, or the .xml of a line of IAM-OnDB, with one line of ink or several.
        text: what it says, its lines separated by \\n; by default what the file says, or a .txt of the same name beside it.
        name: by default that of the file.

    Raises:
        UserError: if it is no ink, or nobody knows what it says, or it does not say that.
    """
    pages = read_ink(path)
    return from_pages(pages, path.name, text or text_beside(path, pages), name or path.stem)


def from_content(content: bytes, file: str, text: str = "", name: str = "") -> Style:
    """A style from what a file of ink holds, whose own name is `file`; see `from_ink`."""
    path = Path(file)
    return from_pages(decode(content, path.suffix.lower(), path.name), path.name, text, name or path.stem)


def from_pages(pages: Sequence[Page], file: str, text: str, name: str) -> Style:
    """A style from the ink of a file; see `from_ink`."""
    from handwriting.styles.normal import LONGEST_TEXT
    from handwriting.styles.style import Style

    styles = [Style(name, line.text, line.strokes, origin=file) for line in transcribe(pages, text, file)]
    fit = [one for one in styles if len(one.text) <= LONGEST_TEXT]
    style = max(fit or styles, key=lambda one: len(one.text))
    try:
        style.prime  # noqa: B018 - it says what is wrong
    except UserError as error:
        raise UserError(f"{file} makes no style: {error}") from error
    return style


def add(name: str, style: Style, replace: bool = False) -> Path:
    """Keeps a style under a name; returns its file.

    Raises:
        UserError: for a name that is none, or is taken, or a folder that cannot be written to.
    """
    folder = user_folder()
    file = folder / f"{_checked(name)}.json"
    if name in _names(SHIPPED):
        raise UserError(f"there is a style {name!r} that travels with the package; take another name")
    if file.exists() and not replace:
        raise UserError(f"there is a style {name!r} already; take another name, or --replace it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror or error}") from error
    from handwriting.styles.style import Style

    kept = Style(name, style.prime.text, style.prime.strokes, style.origin, style.terms)
    write_whole(file, kept.encode())
    return file


def remove(name: str) -> Path:
    """Removes one of the user's styles; returns where its file was.

    Raises:
        UserError: if there is none, or it travels with the package.
    """
    file = place_of(name)
    if file.parent == SHIPPED:
        raise UserError(f"the style {name!r} travels with the package and stays")
    try:
        file.unlink()
    except OSError as error:
        raise UserError(f"cannot remove {file}: {error.strerror or error}") from error
    return file


def _names(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.json") if _NAME.fullmatch(file.stem))


def _is_file(wanted: str) -> bool:
    return "/" in wanted or "\\" in wanted or Path(wanted).suffix.lower() in READ


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UserError(
            f"a style's name has up to 40 small letters, digits, - and _, with a letter or digit at both ends, got {name!r}"
        )
    return name
