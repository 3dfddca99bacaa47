"""Beam search; a beam of one is greedy."""

from __future__ import annotations

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from captioning.search.finished import Finished, Step, read_back
from captioning.search.groups import choose_apart, merge
from captioning.search.paths import Choice, Paths, choose, extend
from captioning.search.predictor import NEVER, Found, Predictor, first_words
from captioning.search.required import Required
from captioning.search.rules import Rules
from captioning.tokens import END
from shared.rnn import map_state, select_rows

ANY = Rules()


@torch.inference_mode()
def beam_search(
    predictor: Predictor,
    photos: int,
    beam: int = 3,
    *,
    maximum: int = 24,
    length_power: float = 0.7,
    best: int = 1,
    thorough: bool = False,
    groups: int = 1,
    diversity: float = 0.5,
    rules: Rules = ANY,
) -> Found:
    """The captions of highest log p / (words + 1)^length_power among those that the beam meets; the end is a word.

    Finished captions leave the beam for a list of their own, so they never crowd out unfinished ones, and the
    unfinished beam is always full. A photo is settled, and its list closed, when no unfinished caption scores as well
    as those in the list; so its captions are the same alone and in a batch. No caption is empty, and none has unknown
    words.

    Args:
        predictor: what predicts the words, bound to the photos.
        photos: their number B.
        beam: unfinished captions that are kept for each photo; with required words, for each number of them met.
        maximum: words at most.
        length_power: 0 prefers short captions, 1 takes the mean log-probability of the words.
        best: captions N wanted for each photo, at most `beam`.
        thorough: settle a photo only when no unfinished caption could rise into the list even if all its further words
            were certain: exact, and about half as fast.
        groups: parts of the beam, kept unlike each other; the best of each come before the second of any.
        diversity: nats that a word costs for each caption of an earlier group that goes on with it too.
        rules: what captions must be like.

    Raises:
        ValueError: for a beam, a maximum or a number of captions that cannot be.
    """
    _check(beam, maximum, best, groups, rules)
    state = predictor.initial_state(photos)
    words = first_words(photos, state)
    device, places = words.device, photos * groups
    required = Required(rules.required, device)
    continue_best = partial(_continue, width=beam // groups, required=required, groups=groups, diversity=diversity)
    finished = Finished.none(places, best, device)
    settled = torch.zeros(places, dtype=torch.bool, device=device)
    paths = _begin(places, required, device)
    steps: list[Step] = []
    for length in range(maximum + 1):
        log_probs, attention, state = predictor.predict(words, state)
        if not length:
            mask = rules.mask(log_probs.shape[1], device)
            log_probs, attention, state = map_state(
                lambda part: part.repeat_interleave(groups, 0), (log_probs, attention, state)
            )
        allowed = rules.allow(log_probs, paths.words.flatten(0, 1), mask).unflatten(0, (places, -1))
        attention = attention.unflatten(0, (places, -1))
        end = allowed[..., END].clone()
        if required:
            end.masked_fill_(~required.met(paths.progress), NEVER)
        if length >= rules.minimum:
            norm = (length + 1) ** length_power
            finished = finished.add(paths, end, norm, settled, length)
            hope = paths.log_probs.amax(-1) / ((maximum + 1) ** length_power if thorough else norm)
            settled = settled | (hope <= finished.scores[:, -1])
        # Asking costs a GPU more than a few steps for nothing.
        if length == maximum or (length and length % 3 == 0 and bool(settled.all())):
            steps.append(Step(attention, end, None))
            break
        allowed[..., END] = NEVER
        choice = continue_best(paths, allowed)
        steps.append(Step(attention, end, choice))
        first_rows = torch.arange(places, device=device)[:, None] * paths.words.shape[1]
        state = select_rows(state, (first_rows + choice.parents).flatten())
        paths, words = extend(paths, choice, required), choice.words.flatten()
    found = read_back(finished, steps)
    return found if groups == 1 else merge(found, groups, best)


def _check(beam: int, maximum: int, best: int, groups: int, rules: Rules) -> None:
    if beam < 1 or maximum < 1 or not 1 <= best <= beam:
        raise ValueError(f"need beam >= best >= 1 and maximum >= 1, got beam {beam}, best {best}, maximum {maximum}")
    if rules.minimum > maximum:
        raise ValueError(f"need minimum <= maximum, got at least {rules.minimum} words and at most {maximum}")
    if groups < 1 or beam % groups:
        raise ValueError(f"need groups >= 1 that divide the beam, got {groups} groups of a beam of {beam}")


def _begin(places: int, required: Required, device: torch.device) -> Paths:
    """A caption without words at each place."""
    none = torch.zeros(places, 1, required.phrases, dtype=torch.long, device=device)
    return Paths(none[..., :0], torch.zeros(places, 1, device=device), none)


def _continue(
    paths: Paths, allowed: Float[Tensor, "P K V"], width: int, required: Required, groups: int, diversity: float
) -> Choice:
    if groups == 1:
        return choose(paths, allowed, width, required)

    def apart(part: Paths, allowed: Tensor, disliked: Tensor) -> Choice:
        return choose(part, allowed, width, required, disliked)

    return choose_apart(apart, paths, allowed, groups, diversity)
