"""Three ways to look at a photo, each by its definition."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from captioning.eyes import Hard, Shut, Soft
from captioning.search import beam_search
from shared.rnn import unroll
from shared.rnn.attention import AdditiveAttention
from tests.captioning.test_decoder import WORDS, grid, make_decoder

ROWS = 2000
"""of one photo, that look at it at random"""


def scene() -> tuple[AdditiveAttention, Tensor, Tensor]:
    torch.manual_seed(0)
    attention = AdditiveAttention(3, 5, 4).double()
    return attention, torch.randn(2, 6, 3, dtype=torch.double), torch.randn(4, 5, dtype=torch.double)


def test_soft_eyes_see_the_weighted_mean() -> None:
    attention, locations, hidden = scene()
    look = Soft(attention, locations)(hidden)
    for row in range(4):
        expected = sum(look.attention[row, i] * locations[row // 2, i] for i in range(6))
        torch.testing.assert_close(look.context[row], expected)
    assert not look.log_chance.any()


def test_hard_eyes_see_the_likeliest_place_alone() -> None:
    attention, locations, hidden = scene()
    look = Hard(attention, locations, learning=False)(hidden)
    for row, place in enumerate(look.attention.argmax(-1).tolist()):
        torch.testing.assert_close(look.context[row], locations[row // 2, place])
    assert not look.log_chance.any()


def test_hard_eyes_that_learn_go_by_chance() -> None:
    attention, locations, hidden = scene()
    eyes = Hard(attention, locations[:1], learning=True)
    eyes.takes_mean = False
    look = eyes(hidden[:1].expand(ROWS, -1))
    places = (look.context[:, None] - locations[0]).abs().sum(-1).argmin(-1)
    torch.testing.assert_close(look.context, locations[0, places])
    odds = look.attention[0]
    torch.testing.assert_close(look.log_chance[:, 0], odds[places].log())
    counts = torch.bincount(places, minlength=6) / ROWS
    assert (counts - odds).abs().max() < 4 * math.sqrt(0.25 / ROWS)


def test_half_of_the_batches_take_the_mean() -> None:
    attention, locations, hidden = scene()
    coins = [Hard(attention, locations, learning=True) for _ in range(200)]
    assert 70 < sum(eyes.takes_mean for eyes in coins) < 130
    chosen = next(eyes for eyes in coins if eyes.takes_mean)
    torch.testing.assert_close(chosen(hidden), Soft(attention, locations)(hidden))


def test_shut_eyes_see_nothing() -> None:
    _, locations, hidden = scene()
    look = Shut(locations)(hidden)
    assert look.context.shape == (4, 0)
    torch.testing.assert_close(look.attention, torch.full_like(look.attention, 1 / 6))


@pytest.mark.parametrize("attention", ["soft", "hard", "none"])
def test_every_way_of_running_gives_the_same(attention: str) -> None:
    decoder, lengths = make_decoder(attention=attention), torch.tensor([[5, 3, 1], [4, 3, 0]])
    look, words = decoder.look(grid()), torch.randint(WORDS, (2, 3, 5))
    read = look.read(decoder.embed(words), lengths)
    ys, _ = unroll(look, decoder.embed(words.flatten(0, 1)))
    unrolled = look.glance(ys.unflatten(0, (2, 3)))
    real = torch.arange(5) < lengths[..., None]
    for one, other in zip(read, unrolled, strict=True):
        torch.testing.assert_close(one[real], other[real])
    together = beam_search(look, 2, beam=2, maximum=5)
    for photo in range(2):
        alone = beam_search(decoder.look(grid()[photo : photo + 1]), 1, beam=2, maximum=5)
        torch.testing.assert_close(alone.log_probs[0], together.log_probs[photo])


def test_without_attention_the_photo_is_the_first_word() -> None:
    """Vinyals et al. 2015, eq. 10-12: x₋₁ = CNN(I), x_t = W S_t."""
    decoder, photos = make_decoder(attention="none"), grid(1)
    look, word = decoder.look(photos), decoder.embed(torch.tensor([3]))
    zeros = decoder.core.initial_state(1)
    _, state = decoder.core(decoder.photo_to_word(decoder.annotations(photos).mean(1)), zeros)
    expected, _ = decoder.core(word, state)
    torch.testing.assert_close(look.glance(look(word, look.initial_state(1))[0]).hidden, expected)
