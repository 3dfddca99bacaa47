"""What no score against references tells: how captions are as language, and how different from each other.

All take captions as lists of words, as `ptb.tokenise` gives them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from captioning.metrics.bleu import bleu
from captioning.metrics.cider import DocumentFrequencies
from captioning.metrics.ngrams import ORDERS, Gram, Tokens, mean, ngrams

_NEEDING_MORE = """
    a an the this that these those his its their my your our every
    in on at of with for to from near next beside between before after into onto through upon under while
    and or but as than is are am was were be being has have very
"""
DANGLING = frozenset(_NEEDING_MORE.split())
"""words that a sentence does not end with: an article, a preposition or a form of "be" wants something after it"""


def language(captions: Sequence[Sequence[str]], known: Collection[tuple[str, ...]] | None = None) -> dict[str, float]:
    """How long the captions are and how rich, and how many of them break off.

    Args:
        captions: one of each photo.
        known: the captions learnt from; with them the share of novel sentences is told.

    Returns:
        mean_length (in words), vocabulary (words used), distinct_sentences, dangling_endings, distinct_1 and distinct_2, and
        novel_sentences: all but the first two are shares.
    """
    sentences = [tuple(caption) for caption in captions]
    result = {
        "mean_length": mean([len(caption) for caption in captions]),
        "vocabulary": len({word for caption in captions for word in caption}),
        "distinct_sentences": len(set(sentences)) / len(sentences),
        "dangling_endings": dangling_share(captions),
        "distinct_1": distinct(captions, 1),
        "distinct_2": distinct(captions, 2),
    }
    if known is not None:
        result["novel_sentences"] = mean([sentence not in known for sentence in sentences])
    return result


def dangling_share(captions: Sequence[Sequence[str]]) -> float:
    """The share of captions that end in a word that something must follow; rewards that forget the end token raise it."""
    return mean([bool(caption) and caption[-1] in DANGLING for caption in captions])


def distinct(captions: Sequence[Tokens], order: int) -> float:
    """Different n-grams among all n-grams of these captions (Li et al. 2016)."""
    counts = [ngrams(caption, order) for caption in captions]
    total = sum(count.total() for count in counts)
    return len(set().union(*counts)) / total if total else 0.0


def diversity(captions: Sequence[Sequence[Tokens]], frequencies: DocumentFrequencies) -> dict[str, float]:
    """How different the captions of one photo are, on average over the photos that have several.

    Args:
        captions: of each photo, at least two.
        frequencies: of n-grams, for self-CIDEr.

    Returns:
        captions_per_photo; distinct_1 and distinct_2 within a photo's captions; mBLEU_4, each caption's BLEU-4 against the
        photo's other ones (less is more diverse); self_CIDEr (Wang and Chan 2019), 0 where all are alike and 1 where
        they have nothing in common.
    """
    return {
        "captions_per_photo": mean([len(photo) for photo in captions]),
        "distinct_1": mean([distinct(photo, 1) for photo in captions]),
        "distinct_2": mean([distinct(photo, 2) for photo in captions]),
        "mBLEU_4": mean([_mutual_bleu(photo) for photo in captions]),
        "self_CIDEr": mean([self_cider(photo, frequencies) for photo in captions]),
    }


def self_cider(captions: Sequence[Tokens], frequencies: DocumentFrequencies) -> float:
    """-log_m(√λ₁ / Σ √λ), with λ the eigenvalues of the matrix of CIDEr between m captions (Wang and Chan 2019).

    CIDEr is meant here without the clipping and the penalty for length of CIDEr-D: the cosine, on average over the orders.
    """
    units = [_unit(caption, frequencies) for caption in captions]
    similarities = [[sum(a[gram] * b[gram] for gram in a.keys() & b.keys()) for b in units] for a in units]
    roots = np.sqrt(np.linalg.eigvalsh(similarities).clip(0))
    # Captions without a single n-gram of weight span nothing.
    return float(-np.log(roots[-1] / roots.sum()) / math.log(len(captions))) if roots.sum() else 0.0


def _unit(caption: Tokens, frequencies: DocumentFrequencies) -> dict[Gram, float]:
    """The vectors of all orders in one, such that inner products are means over the orders."""
    share = math.sqrt(len(ORDERS))
    return {
        gram: weight / (norm * share)
        for vector, norm in frequencies.vectors(caption)
        for gram, weight in vector.items()
    }


def _mutual_bleu(captions: Sequence[Tokens]) -> float:
    others = [[*captions[:i], *captions[i + 1 :]] for i in range(len(captions))]
    return mean([bleu([caption], [rest])[-1] for caption, rest in zip(captions, others, strict=True)])
