"""ROUGE-L (Lin 2004), as the COCO caption evaluation takes it."""

from __future__ import annotations

from collections.abc import Sequence

from captioning.metrics.ngrams import Tokens, check_pairs


def rouge_l(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]], beta: float = 1.2) -> list[float]:
    """ROUGE-L of each caption: F of the longest common subsequence.

    The best precision and the best recall may come from different references, as in the COCO evaluation.

    Raises:
        ValueError: when there is not one hypothesis, and at least one reference, for each photo.
    """
    check_pairs(hypotheses, references)
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
