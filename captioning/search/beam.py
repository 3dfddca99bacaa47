"""Beam search; a beam of one is greedy."""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from captioning.search.finished import Finished, Step, read_back
from captioning.search.groups import choose_apart, merge
from captioning.search.paths import Choice, Paths, choose, extend
from captioning.search.predictor import NEVER, Found, Predictor, first_words
from captioning.search.required import Required
from captioning.search.rules import Rules
from captioning.tokens import END
from shared.rnn import State, map_state, select_rows

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
    as those in the list; so its captions are the same alone and in a batch, and the others go on without it. No caption
    is empty, and none has unknown words.

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
    wishes = _Wishes(beam // groups, maximum, length_power, best, thorough, groups, diversity, rules)
    search = _Search(predictor, photos, wishes)
    for length in range(maximum + 1):
        search.step(length)
        # Asking who is settled costs a GPU more than a few steps for nothing.
        if length and length % 3 == 0 and search.let_go():
            break
    found = search.found()
    return found if groups == 1 else merge(found, groups, best)


def _check(beam: int, maximum: int, best: int, groups: int, rules: Rules) -> None:
    if beam < 1 or maximum < 1 or not 1 <= best <= beam:
        raise ValueError(f"need beam >= best >= 1 and maximum >= 1, got beam {beam}, best {best}, maximum {maximum}")
    if rules.minimum > maximum:
        raise ValueError(f"need minimum <= maximum, got at least {rules.minimum} words and at most {maximum}")
    if groups < 1 or beam % groups:
        raise ValueError(f"need groups >= 1 that divide the beam, got {groups} groups of a beam of {beam}")


class _Wishes(NamedTuple):
    """What is asked of a search, as `beam_search` has it."""

    width: int
    """of the beam of one group"""
    maximum: int
    length_power: float
    best: int
    thorough: bool
    groups: int
    diversity: float
    rules: Rules


class _Going(NamedTuple):
    """What is held of the photos under search. Each has a place for each of its groups; those of one lie together."""

    places: Int[Tensor, " P"]
    """their numbers"""
    paths: Paths
    finished: Finished
    settled: Bool[Tensor, " P"]


class _Search:
    """A search under way, word by word. Photos that are settled leave it: no step is spent on what can change no more."""

    def __init__(self, predictor: Predictor, photos: int, wishes: _Wishes) -> None:
        self.predictor, self.wishes = predictor, wishes
        self.state = predictor.initial_state(photos)
        self.words = first_words(photos, self.state)
        device, places = self.words.device, photos * wishes.groups
        self.required = Required(wishes.rules.required, device)
        none = torch.zeros(places, 1, self.required.phrases, dtype=torch.long, device=device)
        self.going = _Going(
            torch.arange(places, device=device),
            Paths(none[..., :0], torch.zeros(places, 1, device=device), none),
            Finished.none(places, wishes.best, device),
            torch.zeros(places, dtype=torch.bool, device=device),
        )
        self.left: list[_Going] = []
        self.steps: list[Step] = []

    def step(self, length: int) -> None:
        """Lets captions of so many words end, or go on by one more."""
        places, paths, _, _ = self.going
        allowed, attention = self._predict(length)
        end = allowed[..., END].clone()
        if self.required:
            end.masked_fill_(~self.required.met(paths.progress), NEVER)
        if length >= self.wishes.rules.minimum:
            self._finish(end, length)
        allowed[..., END] = NEVER
        choice = self._choose(allowed)
        self.steps.append(Step(places, attention, end, choice))
        first_rows = torch.arange(0, end.numel(), end.shape[1], device=end.device)[:, None]
        self.state = select_rows(self.state, (first_rows + choice.parents).flatten())
        self.going = self.going._replace(paths=extend(paths, choice, self.required))
        self.words = choice.words.flatten()

    def let_go(self) -> bool:
        """Lets the photos leave that are settled in all their places. Returns whether these are all that there are."""
        settled = self.going.settled.unflatten(0, (-1, self.wishes.groups)).all(1)
        left = int(settled.sum())
        if 0 < left < len(settled):
            places = settled.repeat_interleave(self.wishes.groups)
            rows = places.repeat_interleave(self.going.paths.words.shape[1])
            self.left.append(_where(places, self.going))
            self.going = _where(~places, self.going)
            self.state, self.words = _where(~rows, (self.state, self.words))
            self.predictor = self.predictor.only((~settled).nonzero()[:, 0])
        return left == len(settled)

    def found(self) -> Found:
        """What has been found at all places, in their order."""
        parts = (*self.left, self.going)
        order = torch.cat([part.places for part in parts]).argsort()
        columns = zip(*(part.finished for part in parts), strict=True)
        return read_back(Finished(*(torch.cat(column)[order] for column in columns)), self.steps)

    def _predict(self, length: int) -> tuple[Float[Tensor, "P K V"], Float[Tensor, "P K L"]]:
        """Log-probabilities of the words that may come next, and where the network looked for them."""
        log_probs, attention, self.state = self.predictor.predict(self.words, self.state)
        if not length:
            self.mask = self.wishes.rules.mask(log_probs.shape[1], log_probs.device)
            log_probs, attention, self.state = map_state(
                lambda part: part.repeat_interleave(self.wishes.groups, 0), (log_probs, attention, self.state)
            )
        said = self.going.paths.words
        allowed = self.wishes.rules.allow(log_probs, said.flatten(0, 1), self.mask)
        return allowed.unflatten(0, said.shape[:2]), attention.unflatten(0, said.shape[:2])

    def _finish(self, end: Float[Tensor, "P K"], length: int) -> None:
        """Notes the captions that end here, and the places that are settled now."""
        wishes, (_, paths, finished, settled) = self.wishes, self.going
        norm = (length + 1) ** wishes.length_power
        finished = finished.add(paths, end, norm, settled, length)
        longest = (wishes.maximum + 1) ** wishes.length_power
        hope = paths.log_probs.amax(-1) / (longest if wishes.thorough else norm)
        settled = settled | (hope <= finished.scores[:, -1])
        self.going = self.going._replace(finished=finished, settled=settled)

    def _choose(self, allowed: Float[Tensor, "P K V"]) -> Choice:
        wishes, paths = self.wishes, self.going.paths
        if wishes.groups == 1:
            return choose(paths, allowed, wishes.width, self.required)

        def apart(part: Paths, allowed: Tensor, disliked: Tensor) -> Choice:
            return choose(part, allowed, wishes.width, self.required, disliked)

        return choose_apart(apart, paths, allowed, wishes.groups, wishes.diversity)


def _where(mask: Bool[Tensor, " R"], state: State) -> State:
    return select_rows(state, mask.nonzero()[:, 0])
