"""A text as the pen writes it: characters that the network knows, and the accents that are drawn over them afterwards."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple, Self

from handwriting.alphabet import PRINTABLE

Accent = Literal[
    "grave", "acute", "circumflex", "tilde", "macron", "breve", "dot above", "diaeresis", "hook above", "ring",
    "double acute", "caron", "horn", "dot below", "comma below", "cedilla", "ogonek", "stroke", "dotless",
]  # fmt: skip

_COMBINING: dict[str, Accent] = {
    "\u0300": "grave", "\u0301": "acute", "\u0302": "circumflex", "\u0303": "tilde", "\u0304": "macron",
    "\u0306": "breve", "\u0307": "dot above", "\u0308": "diaeresis", "\u0309": "hook above", "\u030a": "ring",
    "\u030b": "double acute", "\u030c": "caron", "\u031b": "horn", "\u0323": "dot below", "\u0326": "comma below",
    "\u0327": "cedilla", "\u0328": "ogonek",
}  # fmt: skip
_BY_NAME = {accent: character for character, accent in _COMBINING.items()}
# Letters that Unicode does not take apart, though a hand does.
_MARKED: dict[str, tuple[str, Accent]] = {
    "ø": ("o", "stroke"), "Ø": ("O", "stroke"), "ł": ("l", "stroke"), "Ł": ("L", "stroke"), "đ": ("d", "stroke"),
    "Đ": ("D", "stroke"), "ħ": ("h", "stroke"), "Ħ": ("H", "stroke"), "ŧ": ("t", "stroke"), "Ŧ": ("T", "stroke"),
    "ı": ("i", "dotless"),
}  # fmt: skip
_BY_PARTS = {parts: character for character, parts in _MARKED.items()}
# Signs that fonts tell apart and hands do not, and letters that are spelled with others where they are unknown.
_SUBSTITUTES = {
    "‘": "'", "’": "'", "‚": ",", "‹": "'", "›": "'", "ʼ": "'", "´": "'", "′": "'", "“": '"', "”": '"', "„": '"',
    "«": '"', "»": '"', "″": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "•": "-", "·": ".", "…": "...",
    "×": "x", "÷": "/", "⁄": "/", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th",
    "Þ": "Th", "ð": "đ", "Ð": "Đ", "ŋ": "ng", "Ŋ": "Ng",
}  # fmt: skip
# Signs beyond the network's that are drawn alike.
_LIKENESSES = {"\u03bc": "µ", "❤": "♥", "♡": "♥", "✔": "✓", "🙂": "☺", "😊": "☺", "😀": "☺", "😃": "☺", "😄": "☺"}
VARIATION_SELECTORS = "\ufe0e\ufe0f"
"""whether the sign before is text or a coloured picture"""


class Mark(NamedTuple):
    """An accent and its letter."""

    position: int
    """of the letter, in the text"""
    accent: Accent


class Spelling(NamedTuple):
    """A text as the pen writes it. Made by `spell`."""

    plain: str
    """what the network writes, in characters of its alphabet, and what else was asked to be kept"""
    marks: tuple[Mark, ...]
    """what is drawn over it, by letter; the marks of one letter from the inside to the outside"""
    replaced: dict[str, str]
    """each character that is written as something else, and what is written instead ("" for nothing)"""

    @property
    def written(self) -> str:
        """How it reads, accents included: one character for each of `plain`.

        An accent on a letter that Unicode has no common character for is not seen here, though it is drawn.
        """
        letters = list(self.plain)
        for position, accent in self.marks:
            letters[position] = _composed(letters[position], accent)
        return "".join(letters)

    def part(self, start: int, end: int) -> Self:
        """The characters from `start` to before `end`, with their marks: how a text is broken into lines."""
        marks = (Mark(position - start, accent) for position, accent in self.marks if start <= position < end)
        return self._replace(plain=self.plain[start:end], marks=tuple(marks))


def spell(text: str, keep: Collection[str] = ()) -> Spelling:
    """How to write a text.

    The accents of Latin letters become marks, typographic signs become plain ones, line ends and any other space become single
    spaces, invisible signs go, and what has no likeness is left out (replaced by "").

    Args:
        keep: characters that are none of the network's, and stay: somebody draws them.
    """
    plain = ""
    marks: list[Mark] = []
    replaced: dict[str, str] = {}
    for cluster in _clusters(text):
        if cluster.isspace():
            plain += " " if plain and not plain.endswith(" ") else ""
            continue
        letters, own, as_it_is = _taken_apart(cluster, keep)
        if not as_it_is:
            replaced[cluster] = Spelling(letters, tuple(own), {}).written
        marks += [Mark(len(plain) + position, accent) for position, accent in own]
        plain += letters
    return Spelling(plain.rstrip(), tuple(marks), replaced)


def _clusters(text: str) -> Iterator[str]:
    """Each character, composed, with all that stands over and under it. Invisible signs are left out."""
    cluster = ""
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category == "Cf" or character in VARIATION_SELECTORS:
            continue
        if cluster and (cluster.isspace() or not category.startswith("M")):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _taken_apart(cluster: str, keep: Collection[str]) -> tuple[str, list[Mark], bool]:
    """The letters that a character is written with, their marks, and whether nothing of it is lost or replaced."""
    # Before Unicode takes it apart: ≠ would be an equals sign with a stroke over it.
    if cluster in keep:
        return cluster, [], True
    base, *combining = list(unicodedata.normalize("NFD", cluster))
    letters, marks, as_it_is = _base(base, keep)
    known = [_COMBINING[character] for character in combining if character in _COMBINING and letters[-1:].isalpha()]
    # Every i that is written has its dot.
    marks += [Mark(len(letters) - 1, accent) for accent in known if (letters, accent) != ("i", "dot above")]
    return letters, marks, as_it_is and len(known) == len(combining)


def _base(character: str, keep: Collection[str]) -> tuple[str, list[Mark], bool]:
    """`_taken_apart` for a character that nothing stands over or under."""
    if character in PRINTABLE or character in keep:
        return character, [], True
    if character in _MARKED:
        letter, accent = _MARKED[character]
        return letter, [Mark(0, accent)], True
    likeness = _LIKENESSES.get(character, character)
    if likeness not in keep:
        likeness = _SUBSTITUTES.get(character) or unicodedata.normalize("NFKC", character)
    if likeness == character:
        return "", [], False
    spelling = spell(likeness, keep)
    return spelling.plain, list(spelling.marks), False


def _composed(letter: str, accent: Accent) -> str:
    if (letter, accent) in _BY_PARTS:
        return _BY_PARTS[letter, accent]
    composed = unicodedata.normalize("NFC", letter + _BY_NAME.get(accent, ""))
    return composed if len(composed) == 1 else letter
