"""Captions made of words that chance draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from captioning.search.predictor import NEVER, Found, Predictor, first_words
from captioning.search.rules import Rules
from captioning.tokens import END
from shared.rnn import map_state

ANY = Rules()


def seeded_chance(seeds: Sequence[int | Sequence[int]], captions: int, maximum: int) -> Float[Tensor, "B N T"]:
    """What `draw_captions` draws by, from a seed for each photo: the same seed, the same chance, whatever stands beside it."""
    chance = [np.random.default_rng(seed).random((captions, maximum), dtype=np.float32) for seed in seeds]
    return torch.from_numpy(np.stack(chance))


@torch.no_grad()
def draw_captions(
    predictor: Predictor,
    chance: Float[Tensor, "B N T"],
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    nucleus: float = 1.0,
    rules: Rules = ANY,
) -> Found:
    """N captions of each photo, drawn word by word, in the order in which they were drawn.

    A word is where its number in `chance` falls among the words' probabilities laid end to end; so a draw takes no
    more of chance than that number, and a photo's captions hang on nothing but its own. A caption that has all its T
    words ends there: of ends, that one alone is not drawn.

    Args:
        predictor: what predicts the words, bound to the photos.
        chance: numbers of 0 to 1, the upper end excluded; the shape says how many photos,
            captions a photo and words at most.
        temperature: by which log-probabilities are divided: below 1 likely words become likelier.
        top_k: only so many of the likeliest words may come; 0 lets all.
        nucleus: only the likeliest words that hold this share of the probability may come (Holtzman et al. 2020).
        rules: what captions must be like.

    Raises:
        ValueError: for required words, which chance cannot promise, and for numbers that cannot be.
    """
    if rules.required:
        raise ValueError("required words need a beam search, draws cannot promise them")
    if temperature <= 0 or top_k < 0 or not 0 < nucleus <= 1:
        raise ValueError(
            f"need temperature > 0, top_k >= 0 and 0 < nucleus <= 1, got {temperature}, {top_k} and {nucleus}"
        )
    photos, captions, _ = chance.shape
    state = predictor.initial_state(photos)
    log_probs, attention, state = predictor.predict(first_words(photos, state), state)
    chance = chance.to(log_probs.device)
    log_probs, attention, state = map_state(
        lambda part: part.repeat_interleave(captions, 0), (log_probs, attention, state)
    )
    mask = rules.mask(log_probs.shape[1], log_probs.device)
    words = torch.empty(photos * captions, 0, dtype=torch.long, device=log_probs.device)
    noted, seen = [], []
    ended = torch.zeros(photos * captions, dtype=torch.bool, device=words.device)
    for length, numbers in enumerate((*chance.flatten(0, 1).unbind(1), None)):
        if length:
            log_probs, attention, state = predictor.predict(words[:, -1], state)
        said = torch.full_like(ended, END, dtype=torch.long)
        if numbers is not None:
            allowed = rules.allow(log_probs, words, mask)
            said = torch.where(ended, said, _pick(allowed / temperature, numbers, top_k, nucleus))
        noted.append(log_probs.gather(1, said[:, None])[:, 0].masked_fill(ended, 0))
        seen.append(attention.masked_fill(ended[:, None], 0))
        words = torch.cat([words, said[:, None]], 1)
        ended = ended | (said == END)
        # Asking costs a GPU more than a few steps for nothing.
        if length % 4 == 3 and bool(ended.all()):
            break
    word_log_probs = torch.stack(noted, 1).unflatten(0, (photos, captions))
    log_probs = word_log_probs.sum(-1)
    shape = (photos, captions)
    return Found(
        words.unflatten(0, shape), word_log_probs, torch.stack(seen, 1).unflatten(0, shape), log_probs, log_probs
    )


def _pick(
    log_probs: Float[Tensor, "R V"], numbers: Float[Tensor, " R"], top_k: int, nucleus: float
) -> Int[Tensor, " R"]:
    """The words on which the numbers fall; the end where no word may come."""
    possible = log_probs.amax(-1) > NEVER
    likely, order = log_probs, None
    if top_k or nucleus < 1:
        likely, order = log_probs.topk(min(top_k or log_probs.shape[1], log_probs.shape[1]))
    probabilities = torch.softmax(likely, -1)
    if nucleus < 1:
        before = probabilities.cumsum(-1) - probabilities
        probabilities = probabilities.masked_fill(before >= nucleus, 0)
    ends = probabilities.cumsum(-1)
    total = ends[:, -1:]
    # Rounding must not carry a number beyond the last word.
    place = torch.minimum(numbers[:, None] * total, torch.nextafter(total, torch.zeros_like(total)))
    picked = torch.searchsorted(ends, place, right=True).clamp(max=ends.shape[1] - 1)
    words = picked if order is None else order.gather(1, picked)
    return words[:, 0].where(possible, torch.full_like(words[:, 0], END))
