"""What else could be said: the likeliest words at each place of a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import nlargest

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from captioning.search.predictor import NEVER, Predictor, first_words
from captioning.tokens import END, INSIDE, PAD, START, UNKNOWN, Vocabulary
from shared.rnn import State, select_rows

LONGEST_WORD = 32
"""pieces, at most"""


@torch.inference_mode()
def likeliest_words(
    predictor: Predictor, said: Sequence[Sequence[int]], vocabulary: Vocabulary, count: int
) -> list[list[tuple[str, float]]]:
    """The likeliest words at each place of a caption, given the words before it as they are (teacher forcing).

    A word of pieces w = w_1 … w_n is said where these come and no other piece goes on with it:

        p(w) = p(w_1) … p(w_n | w_1 … w_n-1) (1 - Σ_x p(x | w)),    x all pieces that stand inside of words

    Args:
        predictor: bound to one photo.
        said: the tokens of each word of the caption.
        vocabulary: of the predictor.
        count: words wanted of each place.

    Returns:
        Of each place words and their probabilities, the likeliest first; "" is the end of the caption. Words of pieces are
        looked for by a beam of that many: one that begins unlikely may be missed.
    """
    state = predictor.initial_state(1)
    log_probs, _, state = predictor.predict(first_words(1, state), state)
    inside = torch.tensor([token.startswith(INSIDE) for token in vocabulary.decode(range(len(vocabulary)))])
    inside = inside.to(log_probs.device)
    places = []
    for tokens in said:
        places.append(_named(_spell(predictor, log_probs, state, inside, count), vocabulary))
        for token in tokens:
            log_probs, _, state = predictor.predict(torch.full_like(first_words(1, state), token), state)
    return places


def _spell(
    predictor: Predictor, log_probs: Float[Tensor, "1 V"], state: State, inside: Bool[Tensor, " V"], count: int
) -> list[tuple[float, list[int]]]:
    """The likeliest words after a state, in pieces, with the logarithms of their probabilities."""
    begins = log_probs[0].masked_fill(inside, NEVER)
    begins[[PAD, START, UNKNOWN]] = NEVER
    scores, pieces = begins.topk(min(count, len(begins)))
    spelled, state = pieces[:, None], select_rows(state, torch.zeros_like(pieces))
    if not inside.any():
        return list(zip(scores.tolist(), spelled.tolist(), strict=True))
    words: list[tuple[float, list[int]]] = []
    for _ in range(LONGEST_WORD):
        log_probs, _, state = predictor.predict(spelled[:, -1], state)
        goes_on = log_probs.masked_fill(~inside | (spelled[:, -1:] == END), NEVER)
        ended = scores + torch.log1p(-goes_on.exp().sum(-1).clamp(max=1))
        words = nlargest(len(scores), [*words, *zip(ended.tolist(), spelled.tolist(), strict=True)])
        scores, order = (scores[:, None] + goes_on).flatten().topk(len(scores))
        if scores[0] <= words[-1][0]:  # no longer word can be as likely as these
            break
        rows, pieces = order // len(inside), order % len(inside)
        spelled, state = torch.cat([spelled[rows], pieces[:, None]], 1), select_rows(state, rows)
    return words


def _named(words: list[tuple[float, list[int]]], vocabulary: Vocabulary) -> list[tuple[str, float]]:
    """Words as they are read. One that can be put together in several ways has all their probability."""
    odds: dict[str, float] = {}
    for score, pieces in words:
        if score > NEVER:
            word = "" if pieces == [END] else vocabulary.words(pieces)[0][0]
            odds[word] = odds.get(word, 0.0) + math.exp(score)
    return sorted(odds.items(), key=lambda found: -found[1])
