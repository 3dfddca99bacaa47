"""Characters as numbers: all 95 printable ASCII characters, and 0 where there is none."""

from __future__ import annotations

import string
from collections.abc import Iterable

PRINTABLE = "".join(sorted(string.digits + string.ascii_letters + string.punctuation + " "))
SIZE = 1 + len(PRINTABLE)
"""Symbols: the padding symbol 0, then PRINTABLE in code order."""

GRAVES_2013 = string.ascii_letters + ' .,"'
"""The signs that Graves 2013 (sec. 5.2) tells apart, 57 with the "non-letter" that all others become. He does not name those that
are no letters; these are the commonest in IAM-OnDB."""
FOLDED_SIZE = 1 + len(GRAVES_2013)

_NUMBER = {character: number for number, character in enumerate(PRINTABLE, start=1)}


def encode(text: str) -> list[int]:
    """The numbers of a text's characters.

    Raises:
        ValueError: for a character outside the alphabet; `spelling.spell` replaces those beforehand.
    """
    try:
        return [_NUMBER[character] for character in text]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not in the alphabet of printable ASCII characters") from None


def folding() -> list[int]:
    """For each number of this alphabet that of the sign in `GRAVES_2013`, counted from 1; 0 is the non-letter."""
    return [0, *(GRAVES_2013.find(character) + 1 for character in PRINTABLE)]


def decode(numbers: Iterable[int]) -> str:
    """The text behind the numbers; padding is left out."""
    return "".join(PRINTABLE[number - 1] for number in numbers if number)
