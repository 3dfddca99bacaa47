"""Whether written ink resembles the hand that it goes on from: whose hand among many would a stranger say that it is?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from handwriting.data import UNKNOWN, Lines
from handwriting.drawing import check_trials
from handwriting.model import SynthesisNetwork
from handwriting.prime import Hand
from handwriting.sample import Line, Request, sample
from handwriting.shape import Shape, measure
from handwriting.strokes import Strokes, level
from handwriting.styles.features import Hands, features
from handwriting.styles.style import Style
from shared.errors import UserError

LEAST_LINES = 4
"""of a writer who is asked after"""
MOST_LEARNT = 2000
"""lines that tell how much hands differ from themselves"""


class Trial(NamedTuple):
    """A line of a writer, and a text that somebody else wrote."""

    writer: int
    line: int
    text: str


def fidelity(
    network: SynthesisNetwork,
    lines: Lines,
    split: int,
    learn: int = 0,
    each: int = 3,
    lean: float = 0.0,
    bias: float = 0.75,
    seed: int = 0,
) -> dict[str, Any]:
    """Writes in the hands of a split's writers, each from one of their lines, and finds for each written line the writer whose
    other lines are nearest in `features`.

    Args:
        learn: the split whose writers tell how far lines of a hand lie apart; nothing else is learnt from.
        each: lines of each writer that are written after.
        lean: how far these lean to the right at least, if it is above 0.

    Returns:
        writers, lines, and for "written" (after a line of the writer), "without_style" (by chance) and "real" (the writer's own
        line that was written after): found (the share whose writer was the nearest), rank (the writer's place, 1 is the best,
        on average), distance (to the writer's own lines); whole (the share of first draws, after a line of the writer and
        without a style, on which nothing is missing or too much); what the constants in `handwriting.shape` should be.

    Raises:
        UserError: for a bias, seed or number that is out of range, if the split names fewer than two writers of four lines, or if
            no line leans so far.
    """
    check_trials(bias, seed, each=each)
    random = np.random.default_rng(seed)
    known = _by_writer(lines, split)
    trials = _trials(lines, known, each, lean, random)
    if not trials:
        raise UserError(f"no line of split {split} leans to the right by {lean:g} or more")
    described = {line: _features(lines, line) for own in known.values() for line in own}
    hands = _hands(lines, learn)
    styles = [Style("", lines.texts[trial.line], lines.strokes(trial.line)) for trial in trials]
    texts = [trial.text for trial in trials]
    written = _write(network, texts, styles, bias, seed)
    free = _write(network, texts, None, bias, seed)
    bare, own = ([line.strokes for line in made] for made in (written, free))
    mended = [style.shape.mend(ink) for style, ink in zip(styles, bare, strict=True)]
    rows = {
        "written": _described(mended, texts),
        "unmended": _described(bare, texts),
        "without_style": _described(own, texts),
        "real": [described[trial.line] for trial in trials],
    }
    report: dict[str, Any] = {"split": split, "writers": len(known), "lines": len(trials), "bias": bias, "seed": seed}
    report |= _shapes([style.shape for style in styles], _shapes_of(bare, texts), _shapes_of(own, texts))
    report["whole"] = {"written": _whole(written), "without_style": _whole(free)}
    return report | {name: _judged(trials, row, known, described, hands) for name, row in rows.items()}


def _judged(
    trials: Sequence[Trial],
    row: Sequence[Float[np.ndarray, " D"]],
    known: dict[int, list[int]],
    described: dict[int, Float[np.ndarray, " D"]],
    hands: Hands,
) -> dict[str, float]:
    """Of lines told by their features: how near each is to the lines of the writer in whose hand it should be."""
    ranks, distances = [], []
    for trial, line in zip(trials, row, strict=True):
        # The line that was written after is never among those that are compared.
        means = [np.mean([described[i] for i in own if i != trial.line], 0) for own in known.values()]
        apart = hands.distances(line, means)
        own_distance = apart[list(known).index(trial.writer)]
        ranks.append(int((apart < own_distance).sum()) + 1)
        distances.append(own_distance)
    found = np.mean(np.array(ranks) == 1)
    return {"found": float(found), "rank": float(np.mean(ranks)), "distance": float(np.mean(distances))}


def _by_writer(lines: Lines, split: int) -> dict[int, list[int]]:
    """The lines of each known writer who has enough of them."""
    chosen = lines.of([split])
    own = {writer: [line for line in chosen if lines.writer[line] == writer] for writer in lines.writers_of(chosen)}
    enough = {writer: found for writer, found in own.items() if len(found) >= LEAST_LINES}
    if len(enough) < 2:
        raise UserError(f"split {split} has {len(enough)} writers of {LEAST_LINES} usable lines; at least 2 are needed")
    return enough


def _trials(
    lines: Lines, known: dict[int, list[int]], each: int, lean: float, random: np.random.Generator
) -> list[Trial]:
    trials = []
    for writer, own in known.items():
        others = [line for someone, theirs in known.items() if someone != writer for line in theirs]
        leaning = [line for line in own if not lean or -_shape(lines.strokes(line), lines.texts[line]).slant >= lean]
        for line in random.permutation(leaning)[:each]:
            trials.append(Trial(writer, int(line), lines.texts[int(random.choice(others))]))
    return trials


def _hands(lines: Lines, learn: int) -> Hands:
    chosen = [line for line in lines.of([learn]) if lines.writer[line] != UNKNOWN]
    chosen = chosen[:: max(1, len(chosen) // MOST_LEARNT)]
    return Hands(np.stack([_features(lines, line) for line in chosen]), lines.writer[chosen])


def _features(lines: Lines, line: int) -> Float[np.ndarray, " D"]:
    return features(lines.strokes(line), lines.texts[line])


def _described(ink: Sequence[Strokes], texts: Sequence[str]) -> list[Float[np.ndarray, " D"]]:
    return [features(line, text) for line, text in zip(ink, texts, strict=True)]


def _shapes_of(ink: Sequence[Strokes], texts: Sequence[str]) -> list[Shape]:
    return list(map(_shape, ink, texts))


def _shape(strokes: Strokes, text: str) -> Shape:
    return measure(level(strokes), len(text)).shape


def _shapes(primes: Sequence[Shape], written: Sequence[Shape], free: Sequence[Shape]) -> dict[str, float]:
    """What the constants in `handwriting.shape` should be."""
    asked, got, own = (np.log([shape.width for shape in shapes]) for shapes in (primes, written, free))
    kept = float(np.polyfit(asked, got, 1)[0])
    slant = float(np.mean([shape.slant for shape in free]))
    return {"kept_width": kept, "own_slant": slant, "own_width": float(np.exp(own.mean()))}


def _whole(lines: Sequence[Line]) -> float:
    return sum(line.coverage.whole for line in lines) / len(lines)


def _write(
    network: SynthesisNetwork, texts: Sequence[str], styles: Sequence[Hand] | None, bias: float, seed: int
) -> list[Line]:
    """Each text once, whatever comes out."""
    openings = [style.opening(network) for style in styles] if styles else [None] * len(texts)
    asked = [
        Request(text, bias, seed + row, opening)
        for row, (text, opening) in enumerate(zip(texts, openings, strict=True))
    ]
    return sample(network, asked)
