from __future__ import annotations

import itertools

import torch

from captioning.search.required import Required

CPU = torch.device("cpu")


def test_progress_is_how_much_of_a_phrase_the_words_end_with() -> None:
    phrases = ((4,), (4, 4, 5), (4, 5, 4, 6), (5, 5))
    required = Required(phrases, CPU)
    for words in itertools.product((4, 5, 6, 7), repeat=5):
        progress = torch.zeros(1, 4, dtype=torch.long)
        for count, word in enumerate(words, 1):
            progress = required.advance(progress, torch.tensor([word]))
            said = words[:count]
            for phrase, met in zip(phrases, progress[0].tolist(), strict=True):
                whole = any(said[i : i + len(phrase)] == phrase for i in range(count))
                ends = [n for n in range(len(phrase) + 1) if n <= count and said[count - n :] == phrase[:n]]
                assert met == (len(phrase) if whole else max(ends))
        assert bool(required.met(progress)) == (progress.sum() == 10)


def test_a_phrase_that_is_named_twice_is_one() -> None:
    required = Required([(4, 5), (4, 5)], CPU)
    assert (required.phrases, required.total) == (1, 2)
    assert not Required([], CPU)
