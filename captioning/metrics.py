"""BLEU, ROUGE-L and CIDEr-D, as the COCO caption evaluation computes them, over captions that are lists of tokens.

Hypotheses are one caption a photo, references several. All scores are shares (0.33, not 33), CIDEr is on its scale of
10. Tokens come from `ptb.tokenise`: without it the numbers cannot be compared with anyone's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from captioning.ptb import tokenise

Tokens = Sequence[str]
ORDERS = (1, 2, 3, 4)


def score_captions(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """Bleu_1..4, ROUGE_L and CIDEr of raw captions, under the names that the COCO evaluation prints.

    Raises:
        ValueError: when there is not one hypothesis, and at least one reference, for each photo.
    """
    said = [tokenise(hypothesis) for hypothesis in hypotheses]
    given = [[tokenise(reference) for reference in photo] for photo in references]
    scores = {f"Bleu_{order}": score for order, score in zip(ORDERS, bleu(said, given), strict=True)}
    return {**scores, "ROUGE_L": mean(rouge_l(said, given)), "CIDEr": mean(cider_d(said, given))}


def mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def bleu(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]]) -> list[float]:
    """Corpus BLEU-1 to 4 (Papineni et al. 2002) against the closest reference length, the shorter of two as close."""
    _check(hypotheses, references)
    total = BleuCounts()
    for hypothesis, photo in zip(hypotheses, references, strict=True):
        total = total + BleuCounts.of(hypothesis, photo)
    return total.scores()


@dataclass(frozen=True)
class BleuCounts:
    """What BLEU adds up over a corpus: lengths, and for each order the n-grams said and the right ones of them."""

    hypothesis_length: int = 0
    reference_length: int = 0
    said: tuple[int, ...] = (0, 0, 0, 0)
    right: tuple[int, ...] = (0, 0, 0, 0)

    @classmethod
    def of(cls, hypothesis: Tokens, references: Sequence[Tokens]) -> BleuCounts:
        length = len(hypothesis)
        closest = min((abs(len(reference) - length), len(reference)) for reference in references)[1]
        right = []
        for order in ORDERS:
            allowed: Counter[Tokens] = Counter()
            for reference in references:
                allowed |= _ngrams(reference, order)
            right.append((_ngrams(hypothesis, order) & allowed).total())
        said = tuple(max(0, length - order + 1) for order in ORDERS)
        return cls(length, closest, said, tuple(right))

    def __add__(self, other: BleuCounts) -> BleuCounts:
        return BleuCounts(
            self.hypothesis_length + other.hypothesis_length,
            self.reference_length + other.reference_length,
            tuple(a + b for a, b in zip(self.said, other.said, strict=True)),
            tuple(a + b for a, b in zip(self.right, other.right, strict=True)),
        )

    def scores(self) -> list[float]:
        """The geometric mean of the precisions up to each order, times the brevity penalty.

        The two tiny constants are the COCO evaluation's own: they keep a score of no matches above zero.
        """
        tiny, small = 1e-15, 1e-9
        ratio = (self.hypothesis_length + tiny) / (self.reference_length + small)
        penalty = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
        product, scores = 1.0, []
        for order, said, right in zip(ORDERS, self.said, self.right, strict=True):
            product *= (right + tiny) / (said + small)
            scores.append(penalty * product ** (1 / order))
        return scores


def rouge_l(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]], beta: float = 1.2) -> list[float]:
    """ROUGE-L of each caption (Lin 2004): F of the longest common subsequence.

    The best precision and the best recall may come from different references, as in the COCO evaluation.
    """
    _check(hypotheses, references)
    scores = []
    for hypothesis, photo in zip(hypotheses, references, strict=True):
        common = [(_common_length(hypothesis, reference), len(reference)) for reference in photo]
        # An empty caption counts as one empty word there, which keeps the division whole.
        precision = max(length for length, _ in common) / max(1, len(hypothesis))
        recall = max(length / max(1, size) for length, size in common)
        both = precision > 0 and recall > 0
        scores.append((1 + beta**2) * precision * recall / (recall + beta**2 * precision) if both else 0.0)
    return scores


def _common_length(a: Tokens, b: Tokens) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        before = 0
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if word == other else max(row[j], row[j - 1])
    return row[-1]


def cider_d(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]], sigma: float = 6.0) -> list[float]:
    """CIDEr-D of each caption (Vedantam et al. 2015, section 8), on the scale of 10 that everybody reports as "CIDEr".

        10/4 Σ_n mean_ref [ exp(-(l_h - l_r)² / 2σ²) · min(g_h, g_r)·g_r / (|g_h| |g_r|) ],   g = count · log(N / df)

    Document frequencies are counted over the references of the photos scored: a score of a few photos cannot be
    compared with one of many, and a single photo scores 0.
    """
    _check(hypotheses, references)
    frequencies = Counter(
        gram for photo in references for gram in {gram for reference in photo for gram in _all_ngrams(reference)}
    )
    weigh = _Weights(frequencies, math.log(len(references)))
    scores = []
    for hypothesis, photo in zip(hypotheses, references, strict=True):
        said = weigh(hypothesis)
        similarities = [_similarity(said, weigh(reference), sigma) for reference in photo]
        scores.append(10 * mean(similarities))
    return scores


@dataclass(frozen=True)
class _Vector:
    """A caption as weighted n-grams: for each order the weights and their norm, and the "length" of CIDEr-D."""

    weights: tuple[dict[Tokens, float], ...]
    norms: tuple[float, ...]
    length: int


class _Weights:
    def __init__(self, frequencies: Counter[Tokens], log_photos: float) -> None:
        self.frequencies, self.log_photos = frequencies, log_photos

    def __call__(self, tokens: Tokens) -> _Vector:
        weights = tuple(
            {
                gram: n * (self.log_photos - math.log(max(1, self.frequencies[gram])))
                for gram, n in _ngrams(tokens, order).items()
            }
            for order in ORDERS
        )
        norms = tuple(math.sqrt(sum(weight**2 for weight in grams.values())) for grams in weights)
        return _Vector(weights, norms, max(0, len(tokens) - 1))  # the reference code counts bigrams


def _similarity(said: _Vector, given: _Vector, sigma: float) -> float:
    penalty = math.exp(-((said.length - given.length) ** 2) / (2 * sigma**2))
    total = 0.0
    for ours, theirs, norm, other in zip(said.weights, given.weights, said.norms, given.norms, strict=True):
        if norm and other:
            total += sum(min(w, theirs[gram]) * theirs[gram] for gram, w in ours.items() if gram in theirs) / (
                norm * other
            )
    return penalty * total / len(ORDERS)


def _ngrams(tokens: Tokens, order: int) -> Counter[Tokens]:
    return Counter(tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1))


def _all_ngrams(tokens: Tokens) -> Iterable[Tokens]:
    return (gram for order in ORDERS for gram in _ngrams(tokens, order))


def _check(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]]) -> None:
    if len(hypotheses) != len(references) or not hypotheses or not all(references):
        raise ValueError(
            f"need one caption and at least one reference for each photo, got {len(hypotheses)} captions for "
            f"{len(references)} photos, {sum(not photo for photo in references)} of them without references"
        )
