"""Unfinished captions, and which of their continuations stay in a beam."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from captioning.search.predictor import NEVER
from captioning.search.required import Required
from captioning.tokens import PAD


class Paths(NamedTuple):
    """K unfinished captions at each place. A place in the beam that nothing fills holds one of probability 0."""

    words: Int[Tensor, "P K T"]
    log_probs: Float[Tensor, "P K"]
    progress: Int[Tensor, "P K C"]
    """words met of each of the C required phrases"""


class Choice(NamedTuple):
    """The words with which captions go on, and the captions that they continue."""

    parents: Int[Tensor, "P K"]
    words: Int[Tensor, "P K"]
    word_log_probs: Float[Tensor, "P K"]
    log_probs: Float[Tensor, "P K"]
    """of the captions with these words"""


def choose(
    paths: Paths,
    allowed: Float[Tensor, "P K V"],
    width: int,
    required: Required,
    disliked: Float[Tensor, "P V"] | None = None,
) -> Choice:
    """The best continuations by one word: `width` of them, or as many for each number of required words met.

    Args:
        paths: what is continued.
        allowed: log-probabilities of the words that may come.
        width: continuations that are kept.
        required: phrases that captions must have.
        disliked: nats by which words are made less attractive; what is noted of them remains.
    """
    wanted = allowed if disliked is None else allowed - disliked[:, None]
    if required:
        scores, words = required.candidates(paths.log_probs, paths.progress, wanted, width)
    else:
        # Of each caption more than `width` continuations can never stay: choosing twice sorts less than choosing once.
        likely, words = wanted.topk(min(width, wanted.shape[-1]))
        scores = (paths.log_probs[..., None] + likely)[:, None]
    return _take(paths, allowed, scores.flatten(2), words, width)


def extend(paths: Paths, choice: Choice, required: Required) -> Paths:
    """The captions with one more word."""
    before, progress = (_of_parents(part, choice.parents) for part in (paths.words, paths.progress))
    words = torch.cat([before, choice.words[..., None]], 2)
    return Paths(words, choice.log_probs, required.advance(progress, choice.words) if required else progress)


def _take(
    paths: Paths,
    allowed: Float[Tensor, "P K V"],
    scores: Float[Tensor, "P S N"],
    words: Int[Tensor, "P K M"],
    width: int,
) -> Choice:
    """The best of N = K*M candidates on each of S lists."""
    kept, places = scores.topk(min(width, scores.shape[2]))
    # A word that is never said stands where there is no candidate: its caption has the probability 0.
    missing = (0, width - kept.shape[2])
    said = words.flatten(1).gather(1, places.flatten(1)).view_as(places).masked_fill(kept == NEVER, PAD)
    parents = F.pad(places // words.shape[2], missing).flatten(1)
    said = F.pad(said, missing, value=PAD).flatten(1)
    noted = allowed.flatten(1).gather(1, parents * allowed.shape[2] + said)
    return Choice(parents, said, noted, paths.log_probs.gather(1, parents) + noted)


def _of_parents(part: Int[Tensor, "P K _"], parents: Int[Tensor, "P N"]) -> Int[Tensor, "P N _"]:
    return part.gather(1, parents[..., None].expand(-1, -1, part.shape[2]))
