"""What pages of ink say: which of their lines says which line of a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from handwriting.page import Page
from handwriting.recogniser.rows import rows_of
from handwriting.strokes import Strokes
from shared.errors import UserError
from shared.files import read_text


class Transcribed(NamedTuple):
    """A line of ink, and what it says."""

    text: str
    strokes: Strokes


def text_beside(path: Path, pages: Sequence[Page]) -> str:
    """What is in a text file of the same name beside a file of ink whose lines do not tell what they say; else ""."""
    beside = path.with_suffix(".txt")
    told = any(line.text for page in pages for line in page.lines)
    return read_text(beside) if beside.is_file() and not told else ""


def transcribe(
    pages: Sequence[Page], text: str, file: str, ask: str = "give the text, letter for letter"
) -> list[Transcribed]:
    """The lines of pages with their texts. Ink that is not in as many lines as the text is taken apart, and put
    together where a line is in several colours.

    Args:
        text: what they say, its lines separated by \\n; by default what the pages say that they say. Empty lines have no ink.
        file: what the pages are called in messages.
        ask: what a message asks for if nobody says what they say.

    Raises:
        UserError: if nobody knows what they say, or they are in another number of lines.
    """
    lines = [line for page in pages for line in page.lines if len(line.strokes)]
    said = text or "\n".join(line.text for line in lines if line.text) or pages[0].text
    texts = [row for row in said.splitlines() if row.strip()]
    if not texts:
        raise UserError(f"{file} does not tell what its ink says: {ask}")
    ink = [line.strokes for line in lines]
    if len(ink) != len(texts):
        ink = [row for page in pages for row in rows_of(page.lines)]
    if len(ink) != len(texts):
        raise UserError(
            f"{file} holds {len(ink)} line{'s' * (len(ink) > 1)} of ink, and its text has {len(texts)}: "
            "give the text with the same line ends, or a file of one line"
        )
    return list(map(Transcribed, texts, ink))
