"""The caption that a network's other captions agree with most.

A likely caption may be an odd one. Of all captions y that a beam has found, the one with the least expected loss is taken
instead (minimum Bayes risk, Kumar & Byrne 2004), each of them being as good a guess as any other:

    argmax_y Σ_y' likeness(y, y')

The likeness is that of CIDEr-D, with every n-gram telling as much as any other: so nothing needs to be known of a language.
"""

from __future__ import annotations

import torch

from captioning.metrics.cider import CiderD, DocumentFrequencies
from captioning.search.predictor import NEVER, Found
from captioning.tokens import END

ALIKE = DocumentFrequencies(photos=2, counts={})
"""weighs all n-grams alike; by how much does not matter to a likeness"""


def by_consensus(found: Found, best: int) -> Found:
    """The captions of each photo that agree most with all of them, in falling order; `scores` are then their agreement, 0..10.

    Args:
        found: several captions of each photo.
        best: how many to keep of each.
    """
    agreement = torch.tensor(
        [_agreement(words, scores) for words, scores in zip(found.words.tolist(), found.scores.tolist(), strict=True)]
    )
    # Stable: of captions that agree alike the likelier one comes first.
    order = agreement.argsort(dim=1, descending=True, stable=True)[:, :best]
    there = order.to(found.words.device)
    parts = (
        part.gather(1, there.view(*there.shape, *(1,) * (part.ndim - 2)).expand(-1, -1, *part.shape[2:]))
        for part in found
    )
    return Found(*parts)._replace(scores=agreement.gather(1, order).to(found.scores))


def _agreement(captions: list[list[int]], scores: list[float]) -> list[float]:
    said = [caption[: caption.index(END)] if END in caption else caption for caption in captions]
    there = [caption for caption, score in zip(said, scores, strict=True) if score != NEVER]
    critic = CiderD([there], ALIKE)
    return [critic.score(0, caption) if score != NEVER else NEVER for caption, score in zip(said, scores, strict=True)]
