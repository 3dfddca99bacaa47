"""Captions laid out for one reading."""

from __future__ import annotations

import torch

from captioning.given import Given, drawn_captions, mix_own_words, pad_captions, read_together
from captioning.self_critical import spoken
from captioning.tokens import END, PAD, START

A, DOG, RUNS, CAT = range(4, 8)


def caption_of(given: Given, photo: int, row: int) -> list[int]:
    """The words after the start that count."""
    assert given.words[photo, row, 0] == (START if given.spoken[photo, row].any() else PAD)
    return given.targets[photo, row][given.spoken[photo, row]].tolist()


def test_peoples_captions_stand_the_long_ones_first_and_end() -> None:
    given = pad_captions([[[DOG], [A, DOG, RUNS]], [[A, CAT]]], 2)
    assert [caption_of(given, 0, row) for row in range(2)] == [[A, DOG, RUNS, END], [DOG, END]]
    assert caption_of(given, 1, 0) == [A, CAT, END]
    assert not given.spoken[1, 1].any()
    assert given.heard.shape == given.targets.shape == given.spoken.shape == (2, 2, 4)


def test_drawn_captions_count_up_to_their_end() -> None:
    torch.manual_seed(0)
    words = torch.randint(END, 9, (4, 6, 7))
    given = drawn_captions(words)
    assert given.words.shape == (4, 6, 8)
    assert (given.spoken.sum(-1).diff(dim=1) <= 0).all()
    for photo in range(4):
        found = [caption_of(given, photo, row) for row in range(6)]
        drawn = [list(spoken(caption)) for caption in words[photo].tolist()]
        assert sorted(found) == sorted(drawn)
        assert len({len(caption) for caption in found}) > 1
    assert (given.targets[~given.spoken] == PAD).all()


def test_two_givens_are_read_together_and_told_apart() -> None:
    people = pad_captions([[[A, DOG], [DOG]], [[A, CAT, RUNS]]], 2)
    own = drawn_captions(torch.tensor([[[DOG, RUNS, A, CAT, END], [END] * 5], [[A, END, A, A, A], [CAT, A, A, A, A]]]))
    both, is_own = read_together(people, own)
    assert (both.spoken.sum(-1).diff(dim=1) <= 0).all()
    for photo in range(2):
        rows = range(4)
        theirs = [caption_of(both, photo, row) for row in rows if is_own[photo, row]]
        assert theirs == [caption_of(own, photo, row) for row in range(2)]
        mine = [caption_of(both, photo, row) for row in rows if not is_own[photo, row]]
        assert mine == [caption_of(people, photo, row) for row in range(2)]


def test_own_words_take_the_place_of_peoples() -> None:
    torch.manual_seed(0)
    given = Given(torch.randint(4, 9, (3, 4, 201)), torch.ones(3, 4, 200, dtype=torch.bool))
    given.spoken[0, :, 50:] = False
    said = torch.full((int(given.spoken.sum()), 20), -50.0)
    said[:, 15] = 50.0  # the network would say nothing but 15
    mixed = mix_own_words(said, given, 0.25)
    own = mixed == 15
    assert ((mixed == given.heard) | own).all()
    assert not own[..., 0].any()
    assert not own[0, :, 50:].any()
    assert 0.2 < own[1:, :, 1:].float().mean() < 0.3
