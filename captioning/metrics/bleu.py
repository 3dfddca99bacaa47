"""BLEU-1 to 4 (Papineni et al. 2002), with the COCO evaluation's choice of reference length and its two constants."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from captioning.metrics.ngrams import ORDERS, Gram, Tokens, check_pairs, ngrams


def bleu(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]]) -> list[float]:
    """Corpus BLEU-1 to 4 against the closest reference length, the shorter of two as close.

    Raises:
        ValueError: when there is not one hypothesis, and at least one reference, for each photo.
    """
    check_pairs(hypotheses, references)
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
            allowed: Counter[Gram] = Counter()
            for reference in references:
                allowed |= ngrams(reference, order)
            right.append((ngrams(hypothesis, order) & allowed).total())
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
