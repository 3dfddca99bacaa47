from __future__ import annotations

import pytest
import torch

from captioning.captioner import Captioner
from captioning.config import SearchConfig
from captioning.metrics.cider import CiderD
from captioning.search import Found
from captioning.search.consensus import ALIKE, by_consensus
from captioning.search.predictor import NEVER
from captioning.tokens import END
from tests.captioning.conftest import draw

A, DOG, RUNS, CAT, SITS, HERE = range(4, 10)


def found(captions: list[list[int]], scores: list[float]) -> Found:
    """What a search found of one photo, the likeliest first; each caption's notes are its number."""
    width = max(map(len, captions)) + 1
    words = torch.tensor([[caption + [END] * (width - len(caption)) for caption in captions]])
    numbers = torch.arange(len(captions)).float()[None]
    notes = numbers[..., None].expand(1, -1, width)
    return Found(words, notes, notes[..., None].repeat(1, 1, 1, 4), numbers, torch.tensor([scores]))


def test_what_most_say_wins_over_what_is_likeliest() -> None:
    odd, plain, other = [CAT, SITS, HERE, CAT], [A, DOG, RUNS, HERE], [A, DOG, RUNS, SITS]
    chosen = by_consensus(found([odd, plain, other, [A, DOG, RUNS, HERE, HERE]], [-1.0, -2.0, -3.0, -4.0]), 2)
    assert chosen.words[0, 0].tolist() == [*plain, END, END]
    # All that is known of a caption goes with it.
    assert chosen.log_probs[0, 0] == 1
    assert (chosen.word_log_probs[0, 0] == 1).all()
    assert chosen.attention.shape == (1, 2, 6, 4)
    assert (chosen.attention[0, 0] == 1).all()
    assert chosen.scores[0, 0] > chosen.scores[0, 1]


def test_agreement_is_that_of_cider_with_words_that_tell_alike() -> None:
    captions = [[A, DOG, RUNS, HERE], [A, CAT, RUNS, HERE, A], [DOG, SITS, A, CAT, HERE]]
    chosen = by_consensus(found(captions, [-1.0, -2.0, -3.0]), 3)
    expected = sorted((CiderD([captions], ALIKE).score(0, caption) for caption in captions), reverse=True)
    torch.testing.assert_close(chosen.scores[0], torch.tensor(expected))


def test_captions_that_agree_alike_keep_their_order_and_those_that_are_not_there_come_last() -> None:
    chosen = by_consensus(found([[A, DOG, RUNS, HERE], [CAT] * 4, [CAT] * 4], [-1.0, -2.0, NEVER]), 3)
    assert chosen.log_probs[0].tolist() == [0, 1, 2]
    assert chosen.scores[0, 2] == NEVER


def test_a_photo_alone_is_described_as_among_others(captioner: Captioner) -> None:
    photos = [draw("red", "ball"), draw("blue", "box", 1)]
    search = SearchConfig(beam=6, consensus=True, n_best=2)
    together = captioner.describe_all(captioner.encode(photos), search)
    for photo, captions in zip(photos, together, strict=True):
        assert [c.text for c in captioner.describe(photo, search)] == [c.text for c in captions]
    likeliest = captioner.describe_all(captioner.encode(photos), SearchConfig(beam=6, n_best=6))
    assert {c.text for c in together[0]} <= {c.text for c in likeliest[0]}


def test_draws_have_no_consensus() -> None:
    with pytest.raises(ValueError, match="among the captions of a beam"):
        SearchConfig(temperature=1.0, consensus=True)
