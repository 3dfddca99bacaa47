"""Words broken at the end of a line."""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import normalize

import numpy as np

from handwriting import strokes as ink_of
from handwriting.owners import share_out
from handwriting.strokes import Points
from handwriting.words import Word

LEAST_BEFORE, LEAST_AFTER = 2, 3
"""letters of a word on either side of a break"""
VOWELS = frozenset("aeiouyAEIOUY")
TOGETHER = (
    "ch",
    "ck",
    "gh",
    "ph",
    "qu",
    "sh",
    "th",
    "wh",
    "bl",
    "br",
    "cl",
    "cr",
    "dr",
    "fl",
    "fr",
    "gl",
    "gr",
    "pl",
    "pr",
    "tr",
)
"""letters that no break comes between"""
ACROSS = 5
"""points of a stroke that must be of another letter, for it to be of both"""
HYPHEN_GAP, HYPHEN_WIDTH, HYPHEN_HEIGHT = 0.25, 0.8, 0.5
"""from the word, its length, and over the baseline, in x-heights"""


class Parts(NamedTuple):
    before: Word
    """with a hyphen"""
    after: Word


def break_word(word: Word, room: float, x_height: float) -> Parts | None:
    """Breaks a word in two, the first as long as the room (mm) allows; None if it cannot be.

    A break comes between syllables, as a rule of thumb has them (before a consonant that a vowel follows, with a vowel on both
    sides), and only where the pen was lifted and neither side reaches over the other: no stroke is cut.
    """
    syllables = [place for place in range(len(word.text), 0, -1) if is_syllable(word.text, place)]
    if not syllables:
        return None
    strokes = ink_of.split(word.strokes)
    characters = np.split(word.characters, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    shares = share_out(strokes, characters, [False] * len(strokes), len(word.text), ACROSS)
    for place in syllables:
        if place not in [share.first for share in shares]:
            continue
        first = [stroke for share in shares if share.last < place for stroke in share.strokes]
        second = [stroke for share in shares if share.first >= place for stroke in share.strokes]
        ends, begins = max(strokes[n][:, 0].max() for n in first), min(strokes[n][:, 0].min() for n in second)
        if ends > begins or ends + (HYPHEN_GAP + HYPHEN_WIDTH) * x_height > room:
            continue
        hyphen = _hyphen(ends + HYPHEN_GAP * x_height, x_height)
        own = [*(characters[n].clip(max=place - 1) for n in first), np.full(len(hyphen), place)]
        rest = np.concatenate([characters[n] for n in second])
        return Parts(
            Word.of(word.text[:place] + "-", [*(strokes[n] for n in first), hyphen], np.concatenate(own), word.gap),
            Word.of(word.text[place:], [strokes[n] for n in second], (rest - place).clip(0), word.gap, word.ends),
        )
    return None


def is_syllable(text: str, place: int) -> bool:
    """Whether a syllable may begin at that place of a word, by the rule of thumb."""
    text = "".join(normalize("NFD", character)[0] for character in text)  # an accented vowel is one too
    before, after = text[:place], text[place:]
    return (
        len(after) >= 2
        and (before[-LEAST_BEFORE:] + after[:LEAST_AFTER]).isalpha()
        and min(len(before) - LEAST_BEFORE, len(after) - LEAST_AFTER) >= 0
        and after[0] not in VOWELS
        and (after[1] in VOWELS or after[:2].lower() in TOGETHER)
        and not VOWELS.isdisjoint(before)
        and not VOWELS.isdisjoint(after)
        and (before[-1] + after[0]).lower() not in TOGETHER
    )


def _hyphen(left: float, x_height: float) -> Points:
    x = left + np.linspace(0, HYPHEN_WIDTH, 4) * x_height
    return np.stack([x, np.full(4, -HYPHEN_HEIGHT * x_height)], 1)
