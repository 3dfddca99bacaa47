"""What else could be said, against the probabilities that training reads."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from itertools import product

import pytest
import torch

from captioning import Caption, Captioner
from captioning.model import CaptionModel
from captioning.tokens import END, INSIDE, PAD, SPECIAL, START, UNKNOWN, Vocabulary
from tests.captioning.conftest import TINY, draw

PHOTO = draw("red", "ball")


def teacher_forced(captioner: Captioner, tokens: list[int]) -> torch.Tensor:
    """Probabilities [T + 1, V] of what comes at each place of a caption and after it, read as training reads."""
    grid = captioner.encode([PHOTO])
    words = torch.tensor([[[START, *tokens]]])
    read = []
    with torch.inference_mode():
        for (_, decoder), features in zip(captioner.members, grid.features, strict=True):
            xs = decoder.embed(words)
            glance = decoder.look(features).read(xs, torch.tensor([[words.shape[2]]]))
            read.append(decoder.logits(xs, glance)[0, 0].softmax(-1))
    return torch.stack(read).mean(0)


def caption_of(*words: str) -> Caption:
    return Caption(" ".join(words), list(words), 0.0, [0.0] * (len(words) + 1), torch.zeros(len(words), 1, 1).numpy())


def test_all_other_words_with_their_probabilities_in_falling_order(captioner: Captioner) -> None:
    caption = captioner.describe(PHOTO, minimum_words=3)[0]
    tokens = captioner.vocabulary.encode(caption.text)
    every = len(captioner.vocabulary)
    said = captioner.alternatives(captioner.encode([PHOTO]), caption, count=every)
    expected = teacher_forced(captioner, tokens)
    for place, (word, others) in enumerate(zip(caption.words, said, strict=True)):
        odds = dict(others)
        assert word not in odds
        assert len(odds) == every - len(SPECIAL)  # the end instead of the word itself
        for token in set(range(every)) - {PAD, START, UNKNOWN, tokens[place]}:
            name = "" if token == END else captioner.vocabulary.decode([token])[0]
            assert odds[name] == pytest.approx(float(expected[place, token]), rel=1e-4)
        assert list(odds.values()) == sorted(odds.values(), reverse=True)
        own = math.exp(caption.word_log_probs[place])
        left_out = float(expected[place, [PAD, START, UNKNOWN]].sum())
        assert own + sum(odds.values()) + left_out == pytest.approx(1, rel=1e-4)


def test_so_many_of_them_as_are_wanted(captioner: Captioner) -> None:
    grid, caption = captioner.encode([PHOTO]), captioner.describe(PHOTO, minimum_words=2)[0]
    every = captioner.alternatives(grid, caption, count=99)
    assert captioner.alternatives(grid, caption, count=3) == [others[:3] for others in every]


def test_models_together_weigh_words_by_their_mean(tiny_model: CaptionModel) -> None:
    torch.manual_seed(1)
    other = CaptionModel(dataclasses.replace(TINY, attention="none"), tiny_model.vocabulary).eval()
    both = Captioner([tiny_model, other], "cpu")
    caption = caption_of("a", "red")
    found = both.alternatives(both.encode([PHOTO]), caption, count=2)
    expected = teacher_forced(both, both.vocabulary.encode(caption.text))
    for place, others in enumerate(found):
        for word, probability in others:
            token = END if not word else both.vocabulary.encode(word)[0]
            assert probability == pytest.approx(float(expected[place, token]), rel=1e-3)


def test_of_a_photo_seen_mirrored_too_the_mean_is_told(captioner: Captioner) -> None:
    caption = captioner.describe(PHOTO, mirrored=True, minimum_words=2, beam=1)[0]
    odds = dict(captioner.alternatives(captioner.encode([PHOTO], mirrored=True), caption_of("zebra"), count=99)[0])
    assert odds[caption.words[0]] == pytest.approx(math.exp(caption.word_log_probs[0]), rel=1e-4)
    once = dict(captioner.alternatives(captioner.encode([PHOTO]), caption_of("zebra"), count=99)[0])
    assert abs(odds[caption.words[0]] / once[caption.words[0]] - 1) > 1e-5


def test_words_of_pieces_are_whole_words_and_have_the_probability_that_they_end_there() -> None:
    torch.manual_seed(2)
    model = CaptionModel(TINY, Vocabulary.of_pieces(["ab"], 0)).eval()
    with torch.no_grad():  # so that words are short enough to try them all
        model.decoder.said_bias[[i for i, t in enumerate(model.vocabulary.decode(range(8))) if INSIDE in t]] -= 1.5
    captioner = Captioner(model, "cpu")
    found = captioner.alternatives(captioner.encode([PHOTO]), caption_of("ab", "b"), count=12)
    assert len(found) == 2
    for before, word, others in ((), "ab", found[0]), (("ab",), "b", found[1]):
        expected = word_odds(captioner, before)
        del expected[word]
        best = sorted(expected.items(), key=lambda one: -one[1])[:4]
        assert [name for name, _ in others[:4]] == [name for name, _ in best]
        for name, probability in others:
            if len(name) <= LONGEST:
                assert probability == pytest.approx(expected[name], rel=1e-3)


LONGEST = 4


def word_odds(captioner: Captioner, before: tuple[str, ...]) -> dict[str, float]:
    """Of every word of at most LONGEST letters, and of the end: how likely it comes after these words, by trying each."""
    vocabulary = captioner.vocabulary
    context = [token for word in before for token in vocabulary.encode(word)]
    inside = [i for i, token in enumerate(vocabulary.decode(range(len(vocabulary)))) if token.startswith(INSIDE)]
    odds = defaultdict(float, {"": float(teacher_forced(captioner, context)[len(context), END])})
    for length in range(1, LONGEST + 1):
        for word in map("".join, product("ab", repeat=length)):
            tokens = vocabulary.encode(word)
            steps = teacher_forced(captioner, [*context, *tokens])[len(context) :]
            pieces = math.prod(float(step[token]) for step, token in zip(steps, tokens, strict=False))
            odds[word] = pieces * (1 - float(steps[-1, inside].sum()))
    return dict(odds)


def test_a_grid_of_several_photos_is_refused(captioner: Captioner) -> None:
    with pytest.raises(ValueError, match="one photo, got a grid of 2"):
        captioner.alternatives(captioner.encode([PHOTO, PHOTO]), caption_of("a"))
