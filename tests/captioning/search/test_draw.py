"""Drawn captions against the odds of everything that can be drawn."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from captioning.decoder import LookingDecoder
from captioning.search import Found, Rules, draw_captions, seeded_chance
from captioning.tokens import END, START
from tests.captioning.search.conftest import SAYABLE, V, captions, log_prob, make_decoder, make_grid, same

A, B, C = SAYABLE


class Fixed:
    """Always the same odds: of A, B, C, the end, and of an unknown word."""

    def __init__(self, *odds: float) -> None:
        self.odds = torch.zeros(V)
        self.odds[[A, B, C, END, 3]] = torch.tensor(odds, dtype=torch.float)

    def initial_state(self, batch: int) -> Tensor:
        return torch.zeros(batch, 1)

    def predict(self, words: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.odds.log().expand(len(words), -1), torch.ones(len(words), 1), state

    def only(self, photos: Tensor) -> Fixed:
        return self


def shares(found: Found) -> dict[tuple[int, ...], float]:
    counts = Counter(captions(found))
    return {words: count / counts.total() for words, count in counts.items()}


@torch.no_grad()
def odds(look: LookingDecoder, words: tuple[int, ...], maximum: int) -> float:
    """Of drawing a caption, among words that a search may say."""
    state, total = look.initial_state(1), 1.0
    for place, (before, word) in enumerate(pairwise((START, *words, END))):
        log_probs, _, state = look.predict(torch.tensor([before]), state)
        sayable = [*SAYABLE, *([END] if place else [])]
        if place < maximum:
            total *= float(log_probs[0, word].exp() / log_probs[0, sayable].exp().sum())
    return total


def chance(captions: int, maximum: int) -> Tensor:
    """Evenly spread over the first word's odds, and by lot for the others."""
    numbers = torch.rand(1, captions, maximum)
    numbers[0, :, 0] = torch.arange(captions) / captions
    return numbers


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {A: 0.625, B: 0.25, C: 0.125}),  # the end cannot be first, and unknown words are never drawn
        ({"temperature": 0.5}, {A: 25 / 30, B: 4 / 30, C: 1 / 30}),
        ({"top_k": 2}, {A: 5 / 7, B: 2 / 7}),
        ({"top_k": 99}, {A: 0.625, B: 0.25, C: 0.125}),
        ({"nucleus": 0.6}, {A: 1.0}),
        ({"nucleus": 0.7}, {A: 5 / 7, B: 2 / 7}),
        ({"top_k": 2, "nucleus": 0.7}, {A: 1.0}),
        ({"rules": Rules(banned=((A,),))}, {B: 2 / 3, C: 1 / 3}),
    ],
)
def test_words_come_as_often_as_their_odds(options: dict, expected: dict[int, float]) -> None:
    found = draw_captions(Fixed(0.5, 0.2, 0.1, 0.1, 0.1), chance(3000, 1), **options)
    assert shares(found) == pytest.approx({(word,): share for word, share in expected.items()}, abs=1e-3)
    assert (found.words[..., -1] == END).all()


@torch.no_grad()
def test_captions_come_as_often_as_the_network_says_them() -> None:
    look = make_decoder(seed=1).look(make_grid(1))
    found = draw_captions(look, chance(20_000, 5))
    often = sorted(shares(found).items(), key=lambda pair: -pair[1])[:5]
    assert sum(share for _, share in often) > 0.3
    for words, share in often:
        assert share == pytest.approx(odds(look, words, 5), abs=0.015)
    for number in range(20):
        words = captions(found)[number]
        assert float(found.log_probs[0, number]) == pytest.approx(log_prob(look, words), abs=1e-4)


@torch.no_grad()
def test_drawing_the_likeliest_is_greedy() -> None:
    look = make_decoder(seed=2).look(make_grid(1))
    for options in ({"top_k": 1}, {"nucleus": 1e-6}, {"temperature": 1e-3}):
        found = draw_captions(look, chance(5, 6), **options)
        assert len(set(captions(found))) == 1
        words = captions(found)[0]
        state, before = look.initial_state(1), START
        for word in words:
            log_probs, _, state = look.predict(torch.tensor([before]), state)
            assert word == max([*SAYABLE, *([END] if before != START else [])], key=lambda w: float(log_probs[0, w]))
            before = word


@pytest.mark.parametrize("options", [{}, {"top_k": 2}, {"nucleus": 0.5}])
def test_the_last_number_of_chance_draws_the_last_word_that_may_come(options: dict) -> None:
    ends = torch.tensor([0.0, 1 - 2**-24]).view(1, 2, 1)
    found = draw_captions(Fixed(0.4, 0.3, 0.0, 0.1, 0.2), ends, **options)
    assert captions(found) == ([(A,), (A,)] if "nucleus" in options else [(A,), (B,)])


@pytest.mark.parametrize("attention", ["soft", "hard", "none"])
def test_a_photo_gives_the_same_alone_and_in_a_batch(attention: str) -> None:
    decoder, grid = make_decoder(attention=attention), make_grid(6)
    seeds = [7, [1, 2], 7, 0, 3, 4]
    together = draw_captions(decoder.look(grid), seeded_chance(seeds, 3, 12), rules=Rules(no_repeat=2))
    for photo, seed in enumerate(seeds):
        alone = draw_captions(
            decoder.look(grid[photo : photo + 1]), seeded_chance([seed], 3, 12), rules=Rules(no_repeat=2)
        )
        same(alone, together, photo)


def test_seeds_differ_and_more_captions_begin_with_the_same() -> None:
    few, many = seeded_chance([1, 2], 2, 5), seeded_chance([1, 2], 4, 5)
    assert torch.equal(few, many[:, :2])
    assert not torch.equal(few[0], few[1])


def test_captions_obey_the_rules() -> None:
    look = make_decoder(seed=4).look(make_grid(2))
    found = draw_captions(look, torch.rand(2, 200, 6), rules=Rules(minimum=3, no_repeat=2, banned=((C,), (B, B))))
    ended = (found.words == END).int()
    assert (ended.diff(dim=-1) >= 0).all()  # after an end only ends
    for photo in range(2):
        for words in captions(found, photo):
            runs = list(pairwise(words))
            assert 3 <= len(words) <= 6
            assert C not in words
            assert (B, B) not in runs
            assert len(set(runs)) == len(runs)


def test_a_caption_ends_where_nothing_may_be_said() -> None:
    found = draw_captions(Fixed(0.5, 0.5, 0, 1e-9, 0), chance(8, 6), rules=Rules(no_repeat=1))
    assert set(captions(found)) == {(A, B), (B, A)}
    assert set(map(len, captions(draw_captions(Fixed(1, 1, 1, 1e-9, 0), chance(8, 6))))) == {6}


def test_what_was_drawn_can_be_learnt_from() -> None:
    decoder, grid = make_decoder(), make_grid(2)
    drawn = draw_captions(decoder.look(grid), torch.rand(2, 3, 5))
    words, spoken = drawn.words, (drawn.words != END).cumprod(-1).sum(-1) + 1
    before = torch.cat([torch.full_like(words[..., :1], START), words[..., :-1]], -1)
    xs = decoder.embed(before)
    # Captions that have ended leave the reading in columns, so their lengths are given as the longest of all.
    glance = decoder.look(grid).read(xs, torch.full_like(spoken, words.shape[2]))
    log_probs = torch.log_softmax(decoder.logits(xs, glance), -1).gather(-1, words[..., None])[..., 0]
    said = torch.arange(words.shape[2]) < spoken[..., None]
    torch.testing.assert_close(log_probs * said, drawn.word_log_probs)
    log_probs[said].sum().backward()
    assert decoder.said_bias.grad.abs().sum() > 0


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"top_k": -1}, {"nucleus": 0.0}, {"nucleus": 1.5}])
def test_refuses_what_cannot_be(wrong: dict) -> None:
    with pytest.raises(ValueError, match="need temperature > 0"):
        draw_captions(Fixed(1, 1, 1, 1, 1), chance(1, 1), **wrong)
    with pytest.raises(ValueError, match="required words need a beam"):
        draw_captions(Fixed(1, 1, 1, 1, 1), chance(1, 1), rules=Rules(required=((A,),)))
