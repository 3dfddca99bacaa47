"""Beam search against the enumeration of everything that can be said."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from captioning.search import Rules, beam_search
from captioning.tokens import END, START
from tests.captioning.search.conftest import (
    SAYABLE,
    WORDS,
    V,
    Words,
    captions,
    everything,
    log_prob,
    make_decoder,
    make_grid,
    same,
    spoken,
)

A, B, C = SAYABLE


def obeys(words: Words, rules: Rules) -> bool:
    def runs(length: int) -> list[Words]:
        return [words[start : start + length] for start in range(len(words) - length + 1)]

    return (
        len(words) >= rules.minimum
        and not any(phrase in runs(len(phrase)) for phrase in rules.banned)
        and all(phrase in runs(len(phrase)) for phrase in rules.required)
        and (not rules.no_repeat or len(set(runs(rules.no_repeat))) == len(runs(rules.no_repeat)))
    )


MAXIMUM = 4


@pytest.fixture(scope="module")
def log_probs() -> list[dict[Words, float]]:
    """Of all that can be said of each of three photos."""
    decoder, grid = make_decoder(), make_grid()
    looks = [decoder.look(grid[photo : photo + 1]) for photo in range(3)]
    return [{words: log_prob(look, words) for words in everything(MAXIMUM)} for look in looks]


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules(minimum=3),
        Rules(no_repeat=1),
        Rules(no_repeat=2),
        Rules(banned=((B,),)),
        Rules(banned=((A, A), (B, C, B))),
        Rules(required=((C,),)),
        Rules(required=((B,), (A,))),
        Rules(required=((B, C),)),
        Rules(required=((A, A, B),)),
        Rules(required=((A, B), (B, A))),
        Rules(minimum=4, no_repeat=2, banned=((B, C),), required=((C, C), (A,))),
        Rules(no_repeat=1, banned=((A,),), required=((B, C),)),
    ],
    ids=str,
)
@pytest.mark.parametrize("length_power", [0.0, 0.7, 1.0])
def test_a_wide_beam_finds_what_enumeration_finds(
    length_power: float, rules: Rules, log_probs: list[dict[Words, float]]
) -> None:
    look = make_decoder().look(make_grid())
    wide = {"maximum": MAXIMUM, "length_power": length_power, "best": 4, "thorough": True, "rules": rules}
    found = beam_search(look, 3, WORDS**MAXIMUM, **wide)
    for photo, known in enumerate(log_probs):
        scores = {words: known[words] / (len(words) + 1) ** length_power for words in known if obeys(words, rules)}
        best = sorted(scores, key=lambda words: -scores[words])[:4]
        assert captions(found, photo) == best
        torch.testing.assert_close(found.scores[photo][: len(best)], torch.tensor([scores[words] for words in best]))


@torch.inference_mode()
def test_a_beam_of_one_is_greedy() -> None:
    look = make_decoder(seed=3).look(make_grid(1))
    state, word, said = look.initial_state(1), START, []
    for _ in range(6):
        log_probs, _, state = look.predict(torch.tensor([word]), state)
        log_probs[:, [0, 1, 3] + ([END] if not said else [])] = float("-inf")
        word = int(log_probs.argmax())
        if word == END:
            break
        said.append(word)
    found = beam_search(look, 1, 1, maximum=6, length_power=0.0)
    assert captions(found)[0] in [tuple(said[:n]) for n in range(1, len(said) + 1)]


@pytest.mark.parametrize("attention", ["soft", "hard", "none"])
@pytest.mark.parametrize(
    "wishes",
    [
        {"beam": 1},
        {"beam": 3, "best": 2},
        {"beam": 2, "rules": Rules(required=((C,), (A, B)))},
        {"beam": 4, "groups": 2, "best": 3, "rules": Rules(minimum=3, no_repeat=2)},
    ],
)
def test_a_photo_gives_the_same_alone_and_in_a_batch(attention: str, wishes: dict) -> None:
    decoder, grid = make_decoder(attention=attention), make_grid(6)
    together = beam_search(decoder.look(grid), 6, **wishes, maximum=12)
    for photo in range(6):
        same(beam_search(decoder.look(grid[photo : photo + 1]), 1, **wishes, maximum=12), together, photo)


@pytest.mark.parametrize("wishes", [{"groups": 1}, {"groups": 2, "rules": Rules(no_repeat=2, required=((B,),))}])
def test_what_is_noted_on_the_way_adds_up(wishes: dict) -> None:
    decoder, grid = make_decoder(), make_grid()
    found = beam_search(decoder.look(grid), 3, 4, maximum=8, best=3, **wishes)
    torch.testing.assert_close(found.word_log_probs.sum(-1), found.log_probs)
    for photo in range(3):
        alone = decoder.look(grid[photo : photo + 1])
        for number, words in enumerate(captions(found, photo)):
            assert float(found.log_probs[photo, number]) == pytest.approx(log_prob(alone, words), abs=1e-4)
            looked = found.attention[photo, number].sum(-1)
            torch.testing.assert_close(looked, (torch.arange(len(looked)) <= len(words)).float())


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

    def only(self, photos: Tensor) -> Stubborn:
        return self


class Late:
    """Of the first photo, says two unlikely words and then certain ones; of others, words that do not want to end."""

    def __init__(self, photos: int) -> None:
        self.photos = torch.arange(photos)

    def initial_state(self, batch: int) -> Tensor:
        return torch.stack([self.photos.repeat_interleave(batch // len(self.photos)), torch.zeros(batch)], 1)

    def predict(self, words: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first, step = state[:, 0] == 0, state[:, 1]
        log_probs = torch.full((len(words), V), float("-inf"))
        log_probs[:, A] = torch.where(first & (step < 2), -2.0 - step, -0.01)
        log_probs[:, END] = torch.where(first, -0.1, -9.0)
        return log_probs, torch.ones(len(words), 1), state + torch.tensor([0, 1])

    def only(self, photos: Tensor) -> Late:
        return self


def test_a_settled_photo_hears_no_more_while_others_go_on() -> None:
    alone = beam_search(Late(1), 1, 1, length_power=1.0)
    together = beam_search(Late(2), 2, 1, length_power=1.0)
    assert captions(alone) == [(A,)]
    assert len(captions(together, 1)[0]) == 24
    same(alone, together, 0)


@pytest.mark.parametrize("beam", [1, 2, 9])
def test_no_caption_is_empty_endless_or_of_unknown_words(beam: int) -> None:
    for ends, length in ((True, 1), (False, 5)):
        found = beam_search(Stubborn(ends), 2, beam, maximum=5, length_power=1.0)
        for row in found.words[:, 0]:
            assert len(spoken(row)) == length or not ends
            assert set(spoken(row)) <= set(SAYABLE)


def test_places_in_the_beam_that_nothing_can_fill_score_nothing() -> None:
    found = beam_search(make_decoder().look(make_grid(1)), 1, 9, maximum=1, best=9)
    assert torch.isfinite(found.scores[0, :WORDS]).all()
    assert (found.scores[0, WORDS:] == float("-inf")).all()


def test_what_no_caption_can_be_is_not_found() -> None:
    look = make_decoder().look(make_grid(2))
    for rules in (Rules(required=((A, A),), banned=((A,),)), Rules(minimum=4, no_repeat=1)):
        found = beam_search(look, 2, 3, maximum=5, rules=rules)
        assert captions(found) == []
        assert (found.log_probs == float("-inf")).all()


@pytest.mark.parametrize("wrong", [{"beam": 0}, {"maximum": 0}, {"best": 4}, {"best": 0}])
def test_refuses_what_cannot_be(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="need beam >= best >= 1"):
        beam_search(Stubborn(True), 3, **{"beam": 3, **wrong})


def test_refuses_groups_that_do_not_fit_and_captions_that_cannot_be_long_enough() -> None:
    with pytest.raises(ValueError, match="divide the beam, got 2 groups of a beam of 3"):
        beam_search(Stubborn(True), 3, 3, groups=2)
    with pytest.raises(ValueError, match="at least 5 words and at most 4"):
        beam_search(Stubborn(True), 3, maximum=4, rules=Rules(minimum=5))
