"""The character error rate of a recogniser: on real ink, its own; on ink that a network wrote, that network's."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence

from handwriting.recogniser.distance import alignment, character_error_rate
from handwriting.recogniser.reader import Reader
from handwriting.strokes import Strokes

KINDS = {
    "letters": string.ascii_lowercase,
    "capitals": string.ascii_uppercase,
    "digits": string.digits,
    "signs": string.punctuation,
    "spaces": " ",
}


def evaluate(reader: Reader, ink: Sequence[Strokes], texts: Sequence[str], beam: int = 1) -> dict[str, object]:
    """Reads all lines and compares them with what they say.

    Returns:
        character_error_rate (edits of all lines, a share of all their characters), word_error_rate, lines_without_error (a
        share), missed (for each kind of character the share that was not read as it was written), lines, characters, beam.
    """
    read = reader.read(ink, beam)
    return {
        "character_error_rate": character_error_rate(read, texts),
        "word_error_rate": character_error_rate([r.split() for r in read], [t.split() for t in texts]),
        "lines_without_error": sum(r == t for r, t in zip(read, texts, strict=True)) / len(texts),
        "missed": missed(read, texts),
        "lines": len(texts),
        "characters": sum(map(len, texts)),
        "beam": beam,
    }


def missed(read: Sequence[str], written: Sequence[str]) -> dict[str, float]:
    """For each kind of character that was written, the share that was left out or read as another."""
    there: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for one, other in zip(read, written, strict=True):
        for character, seen in alignment(other, one):
            there[character] += 1
            wrong[character] += character != seen
    totals = {kind: sum(there[c] for c in members) for kind, members in KINDS.items()}
    return {kind: sum(wrong[c] for c in members) / totals[kind] for kind, members in KINDS.items() if totals[kind]}
