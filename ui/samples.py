"""A visitor's own hands. They last as long as the visit, in its memory alone: no file, and no other visitor, ever sees them."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from shared.errors import UserError

if TYPE_CHECKING:
    from handwriting.recogniser.reader import Reader
    from handwriting.styles.style import Style

MARK = "own-"
"""what the names of own hands begin with"""
MOST = 12
"""kept at a time"""
LARGEST_FILE = 2**20
"""bytes of a file of ink: a line of writing has far less"""
LONGEST_SAID = 600
"""characters of what a file says, all its lines together"""
LONGEST_TITLE = 24
"""characters"""
_DRAWER = "own hands"


class Sample(NamedTuple):
    """A hand of the visitor's own."""

    name: str
    """tells its ink, so no other ink has it"""
    title: str
    """as it is shown"""
    style: Style
    doubt: str
    """a sentence, if the ink seems to say something else than its text; else empty"""


def mine() -> dict[str, Sample]:
    """This visitor's hands by name."""
    return st.session_state.setdefault(_DRAWER, {})


def keep(style: Style, title: str, doubt: str = "") -> Sample:
    """Keeps a hand; one with the same ink is the same hand.

    Raises:
        UserError: when there are too many.
    """
    own = mine()
    name = MARK + digest(style)
    if name not in own and len(own) >= MOST:
        raise UserError(f"there are {MOST} hands of your own already; forget one of them first")
    own[name] = Sample(name, _untaken(title, {one.title for one in own.values() if one.name != name}), style, doubt)
    return own[name]


def forget(name: str) -> None:
    """Nothing of that hand remains."""
    mine().pop(name, None)


def digest(style: Style) -> str:
    """Of what the network reads: the same for the same ink alone."""
    prime = style.prime
    return hashlib.sha256(prime.text.encode() + b"\0" + prime.strokes.tobytes()).hexdigest()[:24]


def from_file(content: bytes, file: str, text: str) -> Style:
    """The hand in a file of ink, notes of Xournal++, InkML, JSON or the XML of a line of IAM-OnDB.

    Args:
        content: of the file.
        file: its name.
        text: what it says; "" if the file tells.

    Raises:
        UserError: if there is none.
    """
    from handwriting.styles import shelf

    if len(content) > LARGEST_FILE:
        raise UserError(f"{file} is larger than {LARGEST_FILE // 2**20} MB; a line of writing is far smaller")
    return shelf.from_content(content, file[-80:], text.strip()[:LONGEST_SAID])


def doubt(style: Style, reader: Reader) -> str:
    """A kind sentence, if a reader reads something very different from what the sample should say; else ""."""
    from handwriting.styles.doubt import misread

    read = misread(style, reader)
    if read is None:
        return ""
    like = f"this looks more like “{read}”" if read else "this is hard to read"
    return f"To our reader, {like}. If that is not what you wrote, try again with the right words; or just go on."


def refuse(error: Exception) -> str:
    """Logs why a sample was not taken; the sentence for its visitor."""
    logging.getLogger(__name__).warning("a sample was refused: %r", str(error)[:300])
    return f"{error}."


def file_name(title: str) -> str:
    """A title as the name of a file and of a style: what `handwriting style add` takes."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "my-hand"


def _untaken(title: str, taken: set[str]) -> str:
    title = re.sub(r"\s+", " ", title).strip()[:LONGEST_TITLE] or "My hand"
    return next(one for one in (title, *(f"{title} {number}" for number in range(2, MOST + 2))) if one not in taken)
