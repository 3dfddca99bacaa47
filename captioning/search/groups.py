"""Diverse beam search (Vijayakumar et al. 2016): groups of a beam that are kept unlike each other."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from captioning.search.paths import Choice, Paths
from captioning.search.predictor import NEVER, Found


def choose_apart(
    choose: Callable[[Paths, Tensor, Tensor], Choice],
    paths: Paths,
    allowed: Float[Tensor, "P K V"],
    groups: int,
    diversity: float,
) -> Choice:
    """Lets one group of each photo choose after the other, each against the words of those before (Hamming diversity).

    Args:
        choose: how one group of each photo chooses, given also the nats by which it dislikes words.
        paths: what is continued, the groups of a photo side by side.
        allowed: log-probabilities of the words that may come.
        groups: their number G.
        diversity: λ, nats for each caption of an earlier group that goes on with the same word.
    """
    *parts, chances = (part.unflatten(0, (-1, groups)).unbind(1) for part in (*paths, allowed))
    disliked = torch.zeros_like(chances[0][:, 0])
    chosen = []
    for *part, chance in zip(*parts, chances, strict=True):
        choice = choose(Paths(*part), chance, disliked)
        real = (choice.log_probs > NEVER).to(disliked.dtype)
        disliked = disliked.scatter_add(1, choice.words, diversity * real)
        chosen.append(choice)
    return Choice(*(torch.stack(column, 1).flatten(0, 1) for column in zip(*chosen, strict=True)))


def merge(found: Found, groups: int, best: int) -> Found:
    """The captions of all groups of a photo as one list: first the groups' own best, no caption twice, best first."""
    photos, many = len(found.scores) // groups, groups * found.scores.shape[1]
    # Rank by rank, so that every group has its say before any has its second.
    found = Found(
        *(part.unflatten(0, (photos, groups)).transpose(1, 2).reshape(photos, many, *part.shape[2:]) for part in found)
    )
    order = found.scores.view(photos, -1, groups).argsort(dim=-1, descending=True, stable=True)
    ranks = torch.arange(0, many, groups, device=order.device)[:, None]
    found = _pick(found, (order + ranks).flatten(1))
    same = (found.words[:, :, None] == found.words[:, None]).all(-1)
    again = (same & same.new_ones(many, many).tril(-1)).any(-1) | (found.scores == NEVER)
    scores, log_probs = (part.masked_fill(again, NEVER) for part in (found.scores, found.log_probs))
    found = _pick(
        found._replace(scores=scores, log_probs=log_probs), again.int().argsort(dim=-1, stable=True)[:, :best]
    )
    return _pick(found, found.scores.argsort(dim=-1, descending=True, stable=True))


def _pick(found: Found, order: Tensor) -> Found:
    def pick(part: Tensor) -> Tensor:
        index = order.view(*order.shape, *[1] * (part.dim() - 2)).expand(-1, -1, *part.shape[2:])
        return part.gather(1, index)

    return Found(*map(pick, found))
