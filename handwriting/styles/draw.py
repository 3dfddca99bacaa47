"""Hands that a network makes up, chosen to differ: how the styles that travel with the package came to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from handwriting.drawing import check_trials
from handwriting.judging import PANGRAMS, READABLE, attempt
from handwriting.model import SynthesisNetwork
from handwriting.prime import of_traits
from handwriting.recogniser.reader import Reader
from handwriting.shape import OWN, Shape
from handwriting.spelling import spell
from handwriting.strokes import Strokes
from handwriting.styles.features import features
from handwriting.styles.normal import LONGEST_TEXT, SHORTEST_TEXT, normal
from handwriting.styles.style import Style
from shared.errors import UserError

TRAITS = {
    0: ("upright", "leaning"),
    1: ("wide", "narrow"),
    2: ("printed", "joined"),
    3: ("ample", "plain"),
    8: ("deep", "even"),
    10: ("flat", "tall"),
}
"""What is said of a hand that has much, or little, of a feature, by the feature's place in `features`: slant, width, strokes, way
drawn, how far letters go down, how far up (y grows downward)."""
TRIALS = 2
"""lines that are written in a hand to try it"""
SLANTS, STRETCHES = (-0.65, 0.2), (-0.35, 0.25)
"""the least and the most slant, and stretch (its logarithm), that they are given; people's lean from -0.5 to 0.3"""


def draw(
    network: SynthesisNetwork, reader: Reader, text: str, count: int, candidates: int, bias: float, seed: int
) -> list[Style]:
    """Lets the network make up hands, and takes those that are far from each other.

    Each line is in a hand that the network imagines, if it is told of hands; its slant and its width are then chosen by chance, as
    what it imagines leans less than people do. Lines are fit that are good before and after that, and in whose hand the network
    writes other lines well.

    Args:
        reader: who must be able to read a line.
        text: what the lines say.
        count: styles wanted; fewer come back if fewer lines are fit.
        candidates: lines to choose from.
        bias: of all lines.
        seed: of the first line.

    Raises:
        UserError: for a text, bias, seed or number that nothing can be drawn with.
    """
    check_trials(bias, seed, count=count, candidates=candidates)
    text = spell(text).plain
    if not SHORTEST_TEXT <= len(text) <= LONGEST_TEXT:
        raise UserError(
            f"a style says {SHORTEST_TEXT} to {LONGEST_TEXT} characters, got {len(text)} that can be written"
        )
    random = np.random.default_rng(seed)
    seeds = range(seed, seed + candidates)
    traits = network.traits
    imagined = [of_traits(network, traits.imagine(one)) if traits else None for one in seeds]
    drawn = attempt(network, reader, [text] * candidates, bias, seeds, imagined)
    shapes = [Shape(random.uniform(*SLANTS), OWN.width * float(np.exp(random.uniform(*STRETCHES)))) for _ in seeds]
    shaped = {
        number: _shaped(one.line.strokes, text, shape)
        for number, (one, shape) in enumerate(zip(drawn, shapes, strict=True))
        if one.is_good
    }
    chances = reader.log_probability(list(shaped.values()), [text] * len(shaped))
    fit = [number for number, chance in zip(shaped, chances, strict=True) if chance >= READABLE * len(text)]
    for said in PANGRAMS[:TRIALS]:
        openings = [Style("", text, shaped[number]).opening(network) for number in fit]
        after = attempt(network, reader, [said] * len(fit), bias, [seed + number for number in fit], openings)
        fit = [number for number, one in zip(fit, after, strict=True) if one.is_good]
    if not fit:
        return []
    found = np.array([features(shaped[number], text)[list(TRAITS)] for number in fit])
    special = (found - found.mean(0)) / found.std(0).clip(1e-9)
    chosen = farthest(list(special), count)
    names = named([special[place] for place in chosen])
    return [
        Style(name, text, shaped[fit[place]], f"line {fit[place]} of bias {bias:g}, seed {seed}")
        for name, place in zip(names, chosen, strict=True)
    ]


def _shaped(strokes: Strokes, text: str, shape: Shape) -> Strokes:
    """A line with another shape than its own."""
    prime = normal(strokes, text)
    return normal(prime.shape.reshape(prime.strokes, shape), text).strokes


def farthest(places: Sequence[Float[np.ndarray, " D"]], count: int) -> list[int]:
    """Which places to take so that no two are near: the most ordinary one, then always the one farthest from all taken."""
    if not len(places):
        return []
    points = np.asarray(places)
    taken = [int(np.linalg.norm(points - points.mean(0), axis=1).argmin())]
    while len(taken) < min(count, len(points)):
        apart = np.linalg.norm(points[:, None] - points[taken], axis=2).min(1)
        taken.append(int(apart.argmax()))
    return taken


def named(hands: Sequence[Float[np.ndarray, " D"]]) -> list[str]:
    """Names that say what is special about each hand: its most special trait, and as many more as no earlier one is called by."""
    words = list(TRAITS.values())
    orders = [[words[trait][0 if hand[trait] > 0 else 1] for trait in np.argsort(-np.abs(hand))] for hand in hands]
    names: list[str] = []
    for order in orders:
        name = order[0]
        for word in order[1:]:
            if name not in names:
                break
            name += f"-{word}"
        names.append(name)
    return names
