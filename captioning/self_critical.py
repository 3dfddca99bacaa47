"""Learning from one's own captions: those that score better than their siblings become likelier (Rennie et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from captioning.metrics.cider import CiderD
from captioning.metrics.ngrams import ORDERS
from captioning.tokens import END


class Critic:
    """CIDEr-D of drawn captions, and how much better each is than the others of its photo.

    Args:
        references: the numbers of the words of each photo's captions, without start and end.
    """

    def __init__(self, references: Sequence[Sequence[Sequence[int]]]) -> None:
        # The end counts as a word: else captions learn to break off before it.
        self.references = [[(*caption, END) for caption in photo] for photo in references]
        self.cider = CiderD(self.references)

    def rewards(self, photos: Sequence[int], words: Int[Tensor, "B K T"]) -> Float[Tensor, "B K"]:
        """CIDEr-D of K captions of each of these photos, on its scale of 10."""
        captions = [[spoken(caption) for caption in photo] for photo in words.tolist()]
        return torch.tensor(
            [[self.cider.score(p, caption) for caption in k] for p, k in zip(photos, captions, strict=True)]
        )

    def agreement(self, photo: int) -> list[float]:
        """CIDEr-D of each of a photo's captions by the photo's other captions; of one that is alone, 0."""
        captions = self.references[photo]
        # Of the mean over all of them its likeness to itself is taken out: 10, in equal parts for the orders of n-grams it has.
        alone = [10 * min(len(caption), len(ORDERS)) / len(ORDERS) for caption in captions]
        scores = [self.cider.score(photo, caption) for caption in captions]
        others = max(1, len(captions) - 1)
        return [max(0.0, len(captions) * score - own) / others for score, own in zip(scores, alone, strict=True)]


def advantages(rewards: Float[Tensor, "B K"]) -> Float[Tensor, "B K"]:
    """How much better each caption is than the mean of the photo's others (leave one out; Luo 2020):

    r_k - Σ_{j≠k} r_j / (K - 1)  =  (r_k - mean) K / (K - 1)
    """
    captions = rewards.shape[1]
    return (rewards - rewards.mean(1, keepdim=True)) * captions / (captions - 1)


def spoken(caption: Sequence[int]) -> tuple[int, ...]:
    """A caption's words, and its end if it came to one."""
    return tuple(caption[: caption.index(END) + 1]) if END in caption else tuple(caption)


def self_critical_loss(
    logits: Float[Tensor, "N V"],
    words: Int[Tensor, "B K T"],
    chosen: Bool[Tensor, "B K T"],
    better: Float[Tensor, "B K"],
) -> Float[Tensor, ""]:
    """-Σ (r - b) log p(caption), a word, whose gradient is that of minus the expected reward (REINFORCE).

    Args:
        logits: the scores of the words where the network chose.
        words: what it chose.
        chosen: where.
        better: r - b of each caption.
    """
    nats = F.cross_entropy(logits.float(), words[chosen], reduction="none")
    weights = better[..., None].expand_as(chosen)[chosen]
    return (weights.to(nats) * nats).mean()
