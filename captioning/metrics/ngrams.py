"""What the scores share: captions as lists of tokens, counted in runs of one to four."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

Tokens = Sequence[Hashable]
"""words as `ptb.tokenise` gives them, or a vocabulary's numbers: nothing here asks for more than that they can be told apart"""

Gram = tuple[Hashable, ...]

ORDERS = (1, 2, 3, 4)


def ngrams(tokens: Tokens, order: int) -> Counter[Gram]:
    """How often each run of `order` tokens occurs."""
    return Counter(zip(*(tokens[start:] for start in range(order)), strict=False))


def mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def check_pairs(hypotheses: Sequence[object], references: Sequence[Sequence[object]]) -> None:
    """Raises:
    ValueError: when there is not one hypothesis, and at least one reference, for each photo.
    """
    if len(hypotheses) != len(references) or not hypotheses or not all(references):
        raise ValueError(
            f"need one caption and at least one reference for each photo, got {len(hypotheses)} captions for "
            f"{len(references)} photos, {sum(not photo for photo in references)} of them without references"
        )
