"""BLEU, ROUGE-L and CIDEr-D, as the COCO caption evaluation computes them, over captions that are lists of tokens.

Hypotheses are one caption a photo, references several. All scores are shares (0.33, not 33), CIDEr is on its scale of
10. Tokens come from `ptb.tokenise`: without it the numbers cannot be compared with anyone's. METEOR and SPICE exist as Java
programs alone: `official` runs them where they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from captioning.metrics.bleu import BleuCounts, bleu
from captioning.metrics.cider import CiderD, DocumentFrequencies, cider_d
from captioning.metrics.ngrams import ORDERS, Tokens, mean
from captioning.metrics.rouge import rouge_l
from captioning.ptb import tokenise

__all__ = [
    "BleuCounts",
    "CiderD",
    "DocumentFrequencies",
    "bleu",
    "cider_d",
    "mean",
    "rouge_l",
    "score_captions",
    "score_tokens",
]


def score_captions(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """Bleu_1..4, ROUGE_L and CIDEr of raw captions, under the names that the COCO evaluation prints.

    Raises:
        ValueError: when there is not one hypothesis, and at least one reference, for each photo.
    """
    said = [tokenise(hypothesis) for hypothesis in hypotheses]
    return score_tokens(said, [[tokenise(reference) for reference in photo] for photo in references])


def score_tokens(
    hypotheses: Sequence[Tokens],
    references: Sequence[Sequence[Tokens]],
    frequencies: DocumentFrequencies | None = None,
) -> dict[str, float]:
    """`score_captions` of captions that are tokens already; `frequencies` as in `cider_d`."""
    return {
        **{f"Bleu_{order}": score for order, score in zip(ORDERS, bleu(hypotheses, references), strict=True)},
        "ROUGE_L": mean(rouge_l(hypotheses, references)),
        "CIDEr": mean(cider_d(hypotheses, references, frequencies)),
    }
