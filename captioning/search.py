"""From next-word probabilities to captions: beam search over many photos at once; a beam of one is greedy.

Nothing here knows the network. A search needs something that predicts:

    predict(words [R], state) -> (log-probabilities [R, V], attention [R, L], state)

with the R rows of B photos, K a photo, lying together.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from captioning.tokens import END, PAD, START, UNKNOWN
from shared.rnn import State, select_rows

NEVER = float("-inf")


@runtime_checkable
class Predictor(Protocol):
    """What a search needs of a decoder."""

    def initial_state(self, batch: int) -> State: ...

    def predict(self, words: Tensor, state: State) -> tuple[Tensor, Tensor, State]: ...


class Found(NamedTuple):
    """The best captions of each photo, best first. N captions a photo, T words, the end and what follows it too.

    A caption that there is not, because the vocabulary is too small for N of them, has the score -inf.
    """

    words: Int[Tensor, "B N T"]
    word_log_probs: Float[Tensor, "B N T"]
    attention: Float[Tensor, "B N T L"]
    log_probs: Float[Tensor, "B N"]
    scores: Float[Tensor, "B N"]


class Paths(NamedTuple):
    """Unfinished captions with all that has been noted on the way."""

    words: Int[Tensor, "B K T"]
    word_log_probs: Float[Tensor, "B K T"]
    attention: Float[Tensor, "B K T L"]
    log_probs: Float[Tensor, "B K"]


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
) -> Found:
    """The captions of highest log p / (words + 1)^length_power among those that the beam meets; the end is a word.

    Finished captions leave the beam for a list of their own, so they never crowd out unfinished ones, and the
    unfinished beam is always full. A photo is settled, and its list closed, when no unfinished caption scores as well
    as those in the list; so its captions are the same alone and in a batch. No caption is empty, and none has unknown
    words.

    Args:
        predictor: what predicts the words, bound to the photos.
        photos: their number B.
        beam: unfinished captions K that are kept for each photo.
        maximum: words at most.
        length_power: 0 prefers short captions, 1 takes the mean log-probability of the words.
        best: captions N wanted for each photo, at most `beam`.
        thorough: settle a photo only when no unfinished caption could rise into the list even if all its further words
            were certain: exact, and about half as fast.

    Raises:
        ValueError: for a beam, a maximum or a number of captions that cannot be.
    """
    if beam < 1 or maximum < 1 or not 1 <= best <= beam:
        raise ValueError(f"need beam >= best >= 1 and maximum >= 1, got beam {beam}, best {best}, maximum {maximum}")
    state = predictor.initial_state(photos)
    log_probs, attention, state = predictor.predict(_full(photos, START, attention_of=state), state)
    log_probs = _speakable(log_probs)
    log_probs[:, END] = NEVER
    paths, rows = _first(log_probs, attention, beam)
    state = select_rows(state, rows)
    finished: Found | None = None
    settled = torch.zeros_like(paths.log_probs[:, 0], dtype=torch.bool)
    for length in range(1, maximum + 1):
        log_probs, attention, state = predictor.predict(paths.words[..., -1].flatten(), state)
        log_probs = _speakable(log_probs).unflatten(0, (photos, beam))
        attention = attention.unflatten(0, (photos, beam))
        norm = (length + 1) ** length_power
        finished = _finish(paths, log_probs[..., END], attention, norm, settled, finished, best)
        hope = paths.log_probs.amax(-1) / ((maximum + 1) ** length_power if thorough else norm)
        settled = settled | (hope <= finished.scores[:, -1])
        # Asking costs a GPU more than a few steps for nothing.
        if length == maximum or (length % 3 == 0 and bool(settled.all())):
            break
        log_probs[..., END] = NEVER
        paths, rows = _extend(paths, log_probs, attention)
        state = select_rows(state, rows)
    assert finished is not None
    return finished


def _full(rows: int, word: int, attention_of: State) -> Tensor:
    """A column of one word, on the device where the state lies."""
    while not isinstance(attention_of, Tensor):
        attention_of = attention_of[0]
    return torch.full((rows,), word, dtype=torch.long, device=attention_of.device)


def _speakable(log_probs: Float[Tensor, "R V"]) -> Float[Tensor, "R V"]:
    """A copy in which words that are none are never said."""
    log_probs = log_probs.clone()
    log_probs[:, [PAD, START, UNKNOWN]] = NEVER
    return log_probs


def _first(log_probs: Float[Tensor, "B V"], attention: Float[Tensor, "B L"], beam: int) -> tuple[Paths, Tensor]:
    """The beam after the first word, and the row that each of its captions came from."""
    photos, vocabulary = log_probs.shape
    kept, words = log_probs.topk(min(beam, vocabulary), -1)
    # A vocabulary smaller than the beam leaves places empty: captions of probability 0.
    missing = beam - kept.shape[1]
    kept = torch.cat([kept, kept.new_full((photos, missing), NEVER)], 1)
    words = torch.cat([words, words.new_zeros(photos, missing)], 1)
    rows = torch.arange(photos, device=words.device).repeat_interleave(beam)
    seen = attention[rows].view(photos, beam, 1, -1)
    return Paths(words[..., None], kept[..., None], seen, kept), rows


def _extend(
    paths: Paths, log_probs: Float[Tensor, "B K V"], attention: Float[Tensor, "B K L"]
) -> tuple[Paths, Int[Tensor, " R"]]:
    """The best continuations by one word, and the rows that they continue."""
    photos, beam, vocabulary = log_probs.shape
    totals = (paths.log_probs[..., None] + log_probs).flatten(1)
    kept, places = totals.topk(beam, -1)
    parents, words = places // vocabulary, places % vocabulary
    first_rows = torch.arange(photos, device=places.device)[:, None] * beam
    rows = (first_rows + parents).flatten()
    said = log_probs.flatten(1).gather(1, places)

    def append(history: Tensor, new: Tensor) -> Tensor:
        return torch.cat([history.flatten(0, 1)[rows].unflatten(0, (photos, beam)), new[:, :, None]], 2)

    seen = attention.flatten(0, 1)[rows].unflatten(0, (photos, beam))
    extended = Paths(
        append(paths.words, words), append(paths.word_log_probs, said), append(paths.attention, seen), kept
    )
    return extended, rows


def _finish(
    paths: Paths,
    end: Float[Tensor, "B K"],
    attention: Float[Tensor, "B K L"],
    norm: float,
    settled: Bool[Tensor, " B"],
    before: Found | None,
    best: int,
) -> Found:
    """The best finished captions so far, with those that could end here."""
    words = torch.cat([paths.words, torch.full_like(paths.words[..., :1], END)], -1)
    noted = torch.cat([paths.word_log_probs, end[..., None]], -1)
    log_probs = paths.log_probs + end
    seen = torch.cat([paths.attention, attention[:, :, None]], 2)
    scores = (log_probs / norm).masked_fill(settled[:, None], NEVER)
    found = Found(words, noted, seen, log_probs, scores)
    if before is not None:
        # Both lists side by side; the captions that ended a word earlier get one more end word of probability 1.
        found = Found(*(torch.cat([_longer(old, new), new], 1) for old, new in zip(before, found, strict=True)))
    _, order = found.scores.topk(best, -1)
    return Found(*(_pick(column, order) for column in found))


def _longer(old: Tensor, new: Tensor) -> Tensor:
    if old.dim() == 2:
        return old
    last = torch.full_like(old[:, :, :1], 0 if old.is_floating_point() else END)
    return torch.cat([old, last.expand(-1, -1, new.shape[2] - old.shape[2], *last.shape[3:])], 2)


def _pick(column: Tensor, order: Int[Tensor, "B N"]) -> Tensor:
    index = order.view(*order.shape, *[1] * (column.dim() - 2)).expand(-1, -1, *column.shape[2:])
    return column.gather(1, index)
