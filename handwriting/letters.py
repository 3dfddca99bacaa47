"""Where the letters of a written line lie.

Which character each point belongs to is what the network's window read most as the point was made. That is right to a few points at
the borders of letters, and i-dots and t-bars that are made later may be taken for the letter that was read by then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from handwriting.strokes import Points, Strokes, split

SMALL = frozenset("acemnorsuvwxz")
"""letters from the line that all stand on to the height of an x"""
HANGING = frozenset("gjpqyfQJ,;_()[]{}/\\|@$&'\"-^`~*+=<>")
"""signs that do not stand on the line"""
LOW = SMALL | frozenset("ijgpqy")
"""letters that rise no higher (but for a dot)"""
TALL_SHARE = 0.6
"""height of a small letter to that of the others, dots and tails included"""
USUAL_HEIGHT = 1.8
"""of an x, in mm, where a line has nothing to tell it from"""


class Part(NamedTuple):
    """A piece of a stroke during which the window read one character."""

    character: int
    neighbour: int
    """the character beside it in the stroke; itself if there is none"""
    owner: int
    """the character that most of the stroke belongs to"""
    points: Points


@dataclass(frozen=True)
class Stroke:
    """One stroke of a line, and whose it is."""

    points: Points
    """in mm, y downward"""
    characters: Int[np.ndarray, " N"]
    """the position of the character that each point belongs to"""

    @cached_property
    def owner(self) -> int:
        """The character that most of it belongs to."""
        return Counter(self.characters.tolist()).most_common(1)[0][0]

    @property
    def middle(self) -> Points:
        """Of the box around it, [2]."""
        return (self.points.min(0) + self.points.max(0)) / 2

    def parts(self) -> list[Part]:
        """Its points by character, in writing order."""
        borders = np.flatnonzero(np.diff(self.characters)) + 1
        characters = [int(run[0]) for run in np.split(self.characters, borders)]
        # The character before, or for the stroke's first the one after.
        neighbours = [*(characters[1:2] or characters), *characters]
        return [
            Part(character, neighbour, self.owner, points)
            for character, neighbour, points in zip(
                characters, neighbours, np.split(self.points, borders), strict=False
            )
        ]


def apart(strokes: Strokes, characters: Int[np.ndarray, " T"]) -> list[Stroke]:
    """The strokes of a line, each with the positions of its points' characters."""
    points = split(strokes)
    ends = np.cumsum([len(stroke) for stroke in points])[:-1]
    return [Stroke(*parts) for parts in zip(points, np.split(np.asarray(characters), ends), strict=True)]


class Box(NamedTuple):
    """Where a letter lies, mm."""

    left: float
    top: float
    right: float
    bottom: float
    middle: float
    """x of where an eye sees its middle"""
    points: Points


class Letters:
    """The letters of a line.

    Args:
        text: of the line.
        strokes: in writing order.
    """

    def __init__(self, text: str, strokes: list[Stroke]) -> None:
        self.text, self.strokes = text, strokes
        self._pieces = self._sorted()
        self._feet = self._standing()
        self.height = self._height()
        """of an x, mm"""
        self.slant = self._slant()
        """how far the letters lean to the right, over a height of 1"""
        self.spacing = self._spacing()
        """from one point to the next, mm"""

    def box(self, position: int) -> Box | None:
        """Where a character lies; None for one that has no ink."""
        points = self._pieces.get(position)
        if points is None:
            return None
        line = self.line(position)
        highest = line - 1.3 * self.height if self.text[position] in LOW else -np.inf
        lowest = np.inf if self.text[position] in HANGING else line + 0.3 * self.height
        inside = points[(points[:, 1] >= highest) & (points[:, 1] <= lowest)]
        points = inside if len(inside) else points
        x, y = points.T
        left, right = np.percentile(x, [8, 92])
        return Box(left, y.min(), right, y.max(), (np.median(x) + (left + right) / 2) / 2, points)

    def line(self, position: int) -> float:
        """y of the line that the letters about a character stand on."""
        nearest = np.argsort(abs(self._feet[0] - position), kind="stable")[:7]
        return float(np.median(self._feet[1][nearest]))

    def word_end(self, position: int) -> int:
        """The last stroke of the word that a character is part of, counted from 0."""
        space = self.text.find(" ", position)
        end = len(self.text) if space < 0 else space
        begin = self.text.rfind(" ", 0, position) + 1
        own = [
            number
            for number, stroke in enumerate(self.strokes)
            if begin <= stroke.owner <= end or (stroke.characters == position).any()
        ]
        return own[-1] if own else len(self.strokes) - 1

    def dot(self, position: int) -> int | None:
        """Which stroke is the dot of an i or j; None if that cannot be told for certain."""
        nearest = [dot for dot, stem in self._dots.items() if stem == position]
        return nearest[0] if len(nearest) == 1 else None

    @cached_property
    def _dots(self) -> dict[int, int]:
        """For each stroke that may be a dot the i or j nearest to it."""
        stems = [(place, box) for place, letter in enumerate(self.text) if letter in "ij" and (box := self.box(place))]
        found = {}
        for number, stroke in enumerate(self.strokes):
            if stems and self._may_be_dot(stroke):
                distance, stem = min((self._aside(stroke, box), place) for place, box in stems)
                if distance < 0.6 * self.height:
                    found[number] = stem
        return found

    def _may_be_dot(self, stroke: Stroke) -> bool:
        """Whether a stroke may be the dot of an i: small, high, and no part of a sign that is made of such."""
        owner = self.text[min(stroke.owner, len(self.text) - 1)]
        width, height = np.ptp(stroke.points, 0)
        high = self.line(stroke.owner) - 0.95 * self.height
        small = width < 0.5 * self.height and height < 0.6 * self.height
        return bool((owner.islower() or owner == " ") and small and stroke.points[:, 1].max() < high)

    def _aside(self, dot: Stroke, stem: Box) -> float:
        """How far a dot is from where it should be, sideways."""
        x, y = dot.middle
        return float(abs(x - stem.middle - self.slant * ((stem.top + stem.bottom) / 2 - y)))

    def _sorted(self) -> dict[int, Points]:
        """For each character its points.

        Its own are its parts of the strokes that are mostly its own, its largest part of any stroke, and large ones if it is tall
        (a d may end with the stroke that the e begins with). The rest lies at a border that the window crossed too early or too
        late: it is the neighbour's.
        """
        parts = [part for stroke in self.strokes for part in stroke.parts()]
        largest: dict[int, int] = defaultdict(int)
        for part in parts:
            largest[part.character] = max(largest[part.character], len(part.points))
        sorted_points: dict[int, list[Points]] = defaultdict(list)
        for part in parts:
            tall = part.character < len(self.text) and self.text[part.character] not in LOW
            enough = largest[part.character] / 3 if tall else largest[part.character]
            own = part.character == part.owner or len(part.points) >= enough
            sorted_points[part.character if own else part.neighbour].append(part.points)
        return {
            character: np.concatenate(points)
            for character, points in sorted_points.items()
            if character < len(self.text) and self.text[character] != " "
        }

    def _standing(self) -> Points:
        """The characters that stand on the line, and y of their feet, [2, N]; all characters, if none does."""
        standing = [place for place in self._pieces if self.text[place] not in HANGING] or list(self._pieces)
        return np.array([standing, [self._pieces[place][:, 1].max() for place in standing]])

    def _height(self) -> float:
        heights = {place: float(np.ptp(points[:, 1])) for place, points in self._pieces.items()}
        small = [height for place, height in heights.items() if self.text[place] in SMALL]
        others = [height for place, height in heights.items() if self.text[place].isalnum()]
        height = float(np.median(small)) if small else TALL_SHARE * float(np.median(others or [0.0]))
        return height or USUAL_HEIGHT

    def _slant(self) -> float:
        steps = self._steps()
        down = steps[(steps[:, 1] > 0) & (abs(steps[:, 0]) < steps[:, 1])]
        return float(np.clip(-np.median(down[:, 0] / down[:, 1]), -0.5, 0.8)) if len(down) > 8 else 0.0

    def _spacing(self) -> float:
        lengths = np.hypot(*self._steps().T)
        usual = np.median(lengths) if len(lengths) else 0.0
        return float(np.clip(usual, 0.05 * self.height, 0.15 * self.height))

    def _steps(self) -> Points:
        """From each point to the next one of its stroke."""
        return np.concatenate([np.zeros((0, 2)), *(np.diff(stroke.points, axis=0) for stroke in self.strokes)])
