from __future__ import annotations

import pytest
import torch

from captioning.search import Found, Rules, beam_search
from captioning.search.groups import choose_apart, merge
from captioning.search.paths import Paths, choose
from captioning.search.required import Required
from captioning.tokens import END
from tests.captioning.search.conftest import SAYABLE, V, captions, make_decoder, make_grid

A, B, C = SAYABLE
CPU = torch.device("cpu")


@pytest.mark.parametrize(("diversity", "second"), [(0.0, A), (0.5, A), (1.0, B)])
def test_a_group_leaves_a_word_to_those_before_it_at_a_price(diversity: float, second: int) -> None:
    allowed = torch.full((2, 1, V), float("-inf"))
    allowed[:, 0, A], allowed[:, 0, B] = -0.1, -0.9
    none = torch.zeros(2, 1, 0, dtype=torch.long)
    paths = Paths(none, torch.tensor([[-1.0], [-2.0]]), none)
    choice = choose_apart(
        lambda part, allowed, disliked: choose(part, allowed, 1, Required((), CPU), disliked),
        paths,
        allowed,
        2,
        diversity,
    )
    assert choice.words.flatten().tolist() == [A, second]
    # The price decides; it is not noted.
    said = -0.1 if second == A else -0.9
    torch.testing.assert_close(choice.word_log_probs, torch.tensor([[-0.1], [said]]))
    torch.testing.assert_close(choice.log_probs, torch.tensor([[-1.1], [-2 + said]]))


def test_the_first_group_is_a_beam_of_its_own_and_others_differ() -> None:
    look = make_decoder().look(make_grid())
    plain = beam_search(look, 3, 1, maximum=6, thorough=True)
    apart = beam_search(look, 3, 3, maximum=6, thorough=True, groups=3, diversity=100.0, best=3)
    for photo in range(3):
        assert captions(plain, photo)[0] in captions(apart, photo)
        assert {words[0] for words in captions(apart, photo)} == {A, B, C}


def test_without_diversity_groups_agree_and_no_caption_comes_twice() -> None:
    look = make_decoder().look(make_grid())
    plain = beam_search(look, 3, 2, best=2, maximum=5)
    apart = beam_search(look, 3, 6, groups=3, best=4, maximum=5, diversity=0.0)
    for photo in range(3):
        assert captions(apart, photo)[:2] == captions(plain, photo)
        assert len(set(captions(apart, photo))) == len(captions(apart, photo))
        assert apart.scores[photo].tolist() == sorted(apart.scores[photo].tolist(), reverse=True)


def test_each_group_has_its_say_before_any_has_its_second() -> None:
    words = torch.tensor([[[A, END], [B, END]], [[C, END], [A, END]]])
    scores = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    found = Found(words, torch.zeros(2, 2, 2), torch.zeros(2, 2, 2, 1), scores, scores)
    for best, expected in ((1, [A]), (2, [A, C]), (3, [A, B, C]), (4, [A, B, C])):
        assert captions(merge(found, 2, best)) == [(word,) for word in expected]


def test_groups_obey_the_rules() -> None:
    look = make_decoder().look(make_grid())
    found = beam_search(look, 3, 4, groups=2, best=4, maximum=5, rules=Rules(minimum=2, required=((B,), (C,))))
    for photo in range(3):
        assert captions(found, photo)
        assert all({B, C} <= set(words) for words in captions(found, photo))
