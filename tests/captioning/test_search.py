"""Beam search against the enumeration of everything that can be said."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from captioning.decoder import Decoder, LookingDecoder
from captioning.search import beam_search
from captioning.tokens import END, SPECIAL, START

WORDS = 3
V = len(SPECIAL) + WORDS
SAYABLE = range(len(SPECIAL), V)


def make_look(photos: int = 3, seed: int = 0) -> LookingDecoder:
    torch.manual_seed(seed)
    decoder = Decoder(V, 4, word_size=5, hidden_size=6, context_size=4, attention_size=3).eval()
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.mul_(3)  # decided, so that scores lie well apart
    return decoder.look(2 * torch.randn(photos, 5, 4))


def log_prob(look: LookingDecoder, photo: int, words: tuple[int, ...]) -> float:
    """Of a caption and its end, one word after the other."""
    photos = len(look.locations)
    state, total = look.initial_state(photos), 0.0
    for before, word in itertools.pairwise((START, *words, END)):
        log_probs, _, state = look.predict(torch.full((photos,), before), state)
        total += float(log_probs[photo, word])
    return total


@torch.inference_mode()
@pytest.mark.parametrize("length_power", [0.0, 0.7, 1.0])
def test_a_wide_beam_finds_what_enumeration_finds(length_power: float) -> None:
    look, maximum = make_look(), 3
    everything = [words for n in range(1, maximum + 1) for words in itertools.product(SAYABLE, repeat=n)]
    found = beam_search(look, 3, WORDS**maximum, maximum=maximum, length_power=length_power, best=4, thorough=True)
    for photo in range(3):
        scores = {words: log_prob(look, photo, words) / (len(words) + 1) ** length_power for words in everything}
        best = sorted(scores, key=lambda words: -scores[words])[:4]
        assert [spoken(row) for row in found.words[photo]] == best
        torch.testing.assert_close(found.scores[photo], torch.tensor([scores[words] for words in best]))


@torch.inference_mode()
def test_a_beam_of_one_is_greedy() -> None:
    look = make_look(1, seed=3)
    state, word, said = look.initial_state(1), START, []
    for _ in range(6):
        log_probs, _, state = look.predict(torch.tensor([word]), state)
        log_probs[:, [0, 1, 3] + ([END] if not said else [])] = float("-inf")
        word = int(log_probs.argmax())
        if word == END:
            break
        said.append(word)
    found = beam_search(look, 1, 1, maximum=6, length_power=0.0)
    candidates = [tuple(said[:n]) for n in range(1, len(said) + 1)]
    assert spoken(found.words[0, 0]) in candidates


@pytest.mark.parametrize("beam", [1, 3])
def test_a_photo_gives_the_same_alone_and_in_a_batch(beam: int) -> None:
    look = make_look(6)
    together = beam_search(look, 6, beam, maximum=20)
    for photo in range(6):
        single = LookingDecoder(look.decoder, look.locations[photo : photo + 1])
        alone = beam_search(single, 1, beam, maximum=20)
        assert spoken(alone.words[0, 0]) == spoken(together.words[photo, 0])
        torch.testing.assert_close(alone.scores[0], together.scores[photo])


def test_what_is_noted_on_the_way_adds_up() -> None:
    found = beam_search(make_look(), 3, 4, maximum=8, best=3)
    torch.testing.assert_close(found.word_log_probs.sum(-1), found.log_probs)
    for row, attention in zip(found.words.flatten(0, 1), found.attention.flatten(0, 1), strict=True):
        steps = len(spoken(row)) + 1
        torch.testing.assert_close(attention[:steps].sum(-1), torch.ones(steps))


class Stubborn:
    """Wants to end at once, or never; otherwise says only words that are none."""

    def __init__(self, ends: bool) -> None:
        self.ends = ends

    def initial_state(self, batch: int) -> Tensor:
        return torch.zeros(batch, 1)

    def predict(self, words: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits = torch.zeros(len(words), V)
        logits[:, [0, 1, 3]] = 50
        logits[:, END] = 100 if self.ends else -100
        return torch.log_softmax(logits, -1), torch.ones(len(words), 1), state


@pytest.mark.parametrize("beam", [1, 2, 9])
def test_no_caption_is_empty_endless_or_of_unknown_words(beam: int) -> None:
    for ends, length in ((True, 1), (False, 5)):
        found = beam_search(Stubborn(ends), 2, beam, maximum=5, length_power=1.0)
        for row in found.words[:, 0]:
            assert len(spoken(row)) == length or not ends
            assert set(spoken(row)) <= set(SAYABLE)


def test_places_in_the_beam_that_nothing_can_fill_score_nothing() -> None:
    found = beam_search(make_look(1), 1, 9, maximum=1, best=9)
    assert torch.isfinite(found.scores[0, :WORDS]).all()
    assert (found.scores[0, WORDS:] == float("-inf")).all()


@pytest.mark.parametrize("wrong", [{"beam": 0}, {"maximum": 0}, {"best": 4}, {"best": 0}])
def test_refuses_what_cannot_be(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="need beam >= best >= 1"):
        beam_search(make_look(), 3, **{"beam": 3, **wrong})


def spoken(row: Tensor) -> tuple[int, ...]:
    numbers = row.tolist()
    return tuple(numbers[: numbers.index(END)])
