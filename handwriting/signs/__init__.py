"""Numbers, and signs that no network could learn: hardly a line that people wrote has them. They are drawn between what it writes.

Wherever they stand, the network writes a space. When its line is done, the signs are drawn there, as large as its letters and
leaning as they do, and what comes after them moves on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Int

from handwriting.curves import drawn
from handwriting.guides import guides
from handwriting.letters import Letters, Stroke, apart
from handwriting.shape import OWN, Shape
from handwriting.signs.shapes import BESIDE_NUMBERS, BEYOND, CAPITAL, SHAPES
from handwriting.strokes import Points, Strokes, join
from handwriting.words import ACROSS, USUAL_GAP, Word, words

if TYPE_CHECKING:
    from handwriting.ink import InkLine

DRAWN = SHAPES | BEYOND
ALL = DRAWN | BESIDE_NUMBERS
NO_LETTERS = re.compile(f"[{re.escape(''.join(ALL))}]+")
BESIDE = 0.44
"""between a sign and the letter beside it, in heights of a small letter"""
LEAST_SPACE = 0.7
"""between a sign and the word beside it"""
USUAL_WIDTH = 1.45
"""of a letter with its share of the space between letters, in heights of a small one: in the middle of twelve hands of the shipped
network"""
NARROWEST, WIDEST = 0.8, 1.4
"""of signs, to their own width"""
USUAL_BIAS, NEATER = 0.75, 0.6
"""the bias at which `drawn` is as wild as by itself, and the power of e by which each 1 more tames it: to the eye, signs go with
the letters from 0 to 2"""
RISING = "bdfhklABCDEFGHIJKLMNOPQRSTUVWY"
"""characters that are as high as a capital"""


class Gapped(NamedTuple):
    """A text without its signs."""

    text: str
    """what the network writes"""
    places: tuple[int, ...]
    """the position in the whole text of each of its characters"""


class Size(NamedTuple):
    """What a sign must have of the letters about it, mm."""

    letter: float
    """height of a small one"""
    capital: float
    """height of a capital, in small ones"""
    width: float
    """of letters, to the usual one"""
    slant: float
    """how far they lean to the right, over a height of 1"""
    spacing: float
    """from one point to the next"""


OF_SIGNS_ALONE = Size(letter=1.8, capital=CAPITAL, width=1.0, slant=0.1, spacing=0.18)
"""for a line that the network writes nothing of, in a hand of the usual shape"""


class Item(NamedTuple):
    """Something that is set as one: a sign, or words."""

    start: int
    """the position in the whole text of its first character"""
    end: int
    """behind its last"""
    strokes: list[Points]
    """mm, standing on y = 0, at any x"""
    characters: Int[np.ndarray, " T"]
    """the position in the whole text of each point's character"""
    gap: float | None = None
    """of words: to the next word, as the network left it; signs have none"""


class Reach(NamedTuple):
    """Where an item ends, mm."""

    ink: float
    upright: float
    """where it would if its letters did not lean"""


def signs(text: str) -> set[int]:
    """The positions of what is drawn: of each sign of `DRAWN`, with all that is no letter about it, as the comma of a number or the
    dash between two."""
    runs = [found.span() for found in NO_LETTERS.finditer(text)]
    places = {place for start, end in runs if DRAWN.keys() & text[start:end] for place in range(start, end)}
    alone = [(start, end) for start, end in runs if text[:start][-1:] in ("", " ") and text[end : end + 1] in ("", " ")]
    return places.union(*(range(start, end) for start, end in alone if places & {start - 2, end + 1}))


def gapped(text: str) -> Gapped:
    """A text with a space for each sign, or signs, that has none beside it."""
    characters: list[str] = []
    places: list[int] = []
    set_apart = signs(text)
    for place, character in enumerate(text):
        character = " " if place in set_apart else character
        if character != " " or characters[-1:] not in ([], [" "]):
            characters.append(character)
            places.append(place)
    kept = len("".join(characters).rstrip())
    return Gapped("".join(characters[:kept]), tuple(places[:kept]))


def add(
    line: InkLine,
    text: str,
    places: Sequence[int],
    biases: Sequence[float],
    shape: Shape = OWN,
    seed: int = 0,
) -> tuple[Strokes, Int[np.ndarray, " N"]]:
    """Draws a text's signs where they belong. The same ink always gets the same signs.

    Args:
        line: what the network wrote, in mm: `gapped(text)`, or a part of it.
        text: the whole of it.
        places: the position in `text` of each character of the line.
        biases: of each character of `text`: how neat its sign is.
        shape: of the hand, which a line without ink does not tell.
        seed: where chance comes from in such a line.

    Returns:
        the ink of the whole text, and the position in it of the character that each point belongs to.
    """
    set_apart = signs(text)
    if not set_apart:
        return line.strokes, np.asarray(places, dtype=np.int64)[line.characters]
    guide = guides(line.text, line.strokes, line.characters) if len(line.strokes) else None
    there = words(line, guide)
    size = _size(line, there, guide.x_height) if guide else _alone(shape)
    # What makes each sign another is there as soon as the pen was lifted once: signs stay as they are while the line grows.
    chance = int((line.strokes[:, 2] > 0.5).argmax()) if len(line.strokes) else seed
    drawn_ones = [
        _sign(text[place], place, size, biases[place], np.random.default_rng([chance, place])) for place in set_apart
    ]
    items = sorted([*_written(line.text, there, places, set_apart), *drawn_ones], key=lambda item: item.start)
    strokes = [stroke for item in _set(items, text, size) for stroke in item]
    origin = strokes[0][0]
    return join([stroke - origin for stroke in strokes]), np.concatenate([item.characters for item in items])


def _size(line: InkLine, there: Sequence[Word], letter: float) -> Size:
    letters = Letters(line.text, apart(line.strokes, line.characters))
    boxes = [(place, letters.box(place)) for place, character in enumerate(line.text) if character in RISING]
    heights = [(letters.line(place) - box.top) / letter for place, box in boxes if box]
    capital = float(np.clip(np.median(heights), 1.3, 2.4)) if heights else CAPITAL
    width = sum(word.width for word in there) / sum(len(word.text) for word in there)
    wide = float(np.clip(width / (USUAL_WIDTH * letter), NARROWEST, WIDEST))
    return Size(letter, capital, wide, letters.slant, letters.spacing)


def _alone(shape: Shape) -> Size:
    usual = OF_SIGNS_ALONE
    wide = float(np.clip(shape.width / OWN.width, NARROWEST, WIDEST))
    return usual._replace(width=wide, slant=usual.slant + OWN.slant - shape.slant)


def _sign(character: str, place: int, size: Size, bias: float, random: np.random.Generator) -> Item:
    shape = [[(size.width * x, y) for x, y in stroke] for stroke in ALL[character]]
    top = min(y for stroke in shape for _, y in stroke)
    scale = size.capital / CAPITAL if top < -0.75 * CAPITAL else 1.0
    wildness = float(np.exp(NEATER * (USUAL_BIAS - bias)))
    strokes = drawn(shape, size.letter * scale, size.slant, size.spacing, random, wildness)
    return Item(place, place + 1, strokes, np.full(sum(map(len, strokes)), place))


def _written(written: str, there: Sequence[Word], places: Sequence[int], set_apart: set[int]) -> Iterator[Item]:
    """The line's words, those as one that were written without lifting the pen, if no sign is to come between them."""
    start = 0
    for word in there:
        start = written.index(word.text, start)
        own = np.array(places[start : start + len(word.text)])
        spaces = [found.start() for found in re.finditer(" ", word.text)]
        borders = [space for space in spaces if set_apart & {*range(own[space - 1], own[space + 1])}]
        for begin, end, strokes in _cut(word, borders):
            characters = np.concatenate([own[stroke.characters] for stroke in strokes])
            yield Item(own[begin], own[end - 1] + 1, [stroke.points for stroke in strokes], characters, word.gap)
        start += len(word.text)


def _cut(word: Word, borders: Sequence[int]) -> Iterator[tuple[int, int, list[Stroke]]]:
    """A word's ink between these of its characters, if any: from which to before which, and its strokes. One that runs across a
    border is cut there."""
    parts: list[list[Stroke]] = [[] for _ in range(len(borders) + 1)]
    for stroke in apart(word.strokes, word.characters):
        owners = np.searchsorted(borders, stroke.characters)
        counts = np.bincount(owners)
        # The window errs by a few points.
        owners = np.where(counts[owners] >= ACROSS, owners, counts.argmax())
        for run in np.split(np.arange(len(owners)), np.flatnonzero(np.diff(owners)) + 1):
            parts[owners[run[0]]].append(Stroke(stroke.points[run], stroke.characters[run]))
    edges = [-1, *borders, len(word.text)]
    for (before, behind), strokes in zip(pairwise(edges), parts, strict=True):
        if strokes:
            yield before + 1, behind, strokes


def _set(items: Sequence[Item], text: str, size: Size) -> Iterator[list[Points]]:
    """The items' strokes, one item beside the other. Words keep the space between them that they were written with."""
    gaps = [item.gap for item in items if item.gap is not None]
    usual = max(float(np.median(gaps)) if gaps else USUAL_GAP * size.letter, LEAST_SPACE * size.letter)
    before, right = items[0], Reach(0.0, 0.0)
    for item in items:
        left, own = _reach(item, size.slant)
        if item is before:
            move = -left.ink
        elif before.gap is not None and item.gap is not None:
            move = right.ink + before.gap - left.ink
        else:
            space = usual if " " in text[before.end : item.start] else BESIDE * size.width * size.letter
            move = right.upright + space - left.upright
        yield [stroke + np.array([move, 0.0]) for stroke in item.strokes]
        before, right = item, Reach(own.ink + move, own.upright + move)


def _reach(item: Item, slant: float) -> tuple[Reach, Reach]:
    """The left end and the right end of an item."""
    x, y = np.concatenate(item.strokes).T
    upright = x + slant * y
    return Reach(x.min(), upright.min()), Reach(x.max(), upright.max())
