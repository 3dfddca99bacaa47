from __future__ import annotations

import pytest
import torch
from matplotlib.figure import Figure

from shared.lab.units import Follower, busiest, colour, correlations, find_followers, properties, wrap


def marked(text: str, name: str) -> str:
    """The characters of a text at which a property holds; the rest as dots."""
    return "".join(c if value else "." for c, value in zip(text, properties(text)[name].tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("inside quotes", 'a "b c" d “e” f', '.."b c....“e...'),
        ("inside quotes", '"ab\ncd\n\nef', '"ab\ncd\n...'),
        ("inside brackets", "a (b [c] d) e)f(", "..(b [c] d.....("),
        ("after a space", "a b  c", ". .  ."),
        ("after a digit", "a1b22", ".1.22"),
        ("after a capital", "aBc", ".B."),
        ("after the end of a sentence", "a b, c! d?", "......!..?"),
        ("indentation", "  a b\n c", "  ...\n ."),
    ],
)
def test_a_property_holds_where_it_should(name: str, text: str, expected: str) -> None:
    assert marked(text, name) == expected


def test_places_are_counted_within_line_and_word() -> None:
    found = properties("ab c1\n\nd")
    assert found["place in the line"].tolist() == [1, 2, 3, 4, 5, 0, 0, 1]
    assert found["place in the word"].tolist() == [1, 2, 0, 1, 2, 0, 0, 1]


def test_no_property_looks_ahead() -> None:
    text = 'One (1) "two\n  three" four. Five\n\n6'
    whole = properties(text)
    for end in range(1, len(text)):
        for name, values in properties(text[:end]).items():
            assert torch.equal(values, whole[name][:end]), name


def test_correlations_are_pearson_s() -> None:
    activations, values = torch.randn(50, 3), torch.randn(50)
    expected = torch.corrcoef(torch.cat([activations.T, values[None]]))[-1, :3]
    torch.testing.assert_close(correlations(activations, values), expected)
    assert correlations(torch.ones(9, 1), torch.arange(9.0)).tolist() == [0]


def test_the_unit_that_follows_is_found_and_the_best_comes_first() -> None:
    good, fair = (torch.randn(400) > 0).float(), (torch.randn(400) > 0).float()
    activations = torch.randn(400, 5)
    activations[:, 3] = -good
    activations[:, 1] += 2 * fair
    followers = find_followers(activations, {"fair": fair, "good": good, "never": torch.zeros(400)})
    assert [(f.property, f.unit) for f in followers] == [("good", 3), ("fair", 1)]
    assert followers[0].correlation == pytest.approx(-1)
    assert 0.5 < followers[1].correlation < 0.9


def test_a_unit_is_chosen_on_one_half_and_judged_on_the_other() -> None:
    values, activations = (torch.randn(40) > 0).float(), 0.1 * torch.randn(40, 3)
    activations[:20, 1] = values[:20]
    activations[20:, 1] = -values[20:]
    (follower,) = find_followers(activations, {"turned": values})
    assert follower == Follower("turned", 1, pytest.approx(-1))


def test_the_stretch_that_shows_most_is_chosen() -> None:
    values = torch.zeros(200)
    values[100:110] = 1
    start = busiest(values, 20)
    assert start <= 105 < start + 20
    assert 0.3 < values[start : start + 20].mean() < 0.7
    assert busiest(values, 500) == 0


def test_rows_end_with_lines_and_at_the_margin() -> None:
    text = "abcdefgh\nab\n\nabcd"
    assert [text[row.start : row.stop] for row in wrap(text, 4)] == ["abcd", "efgh", "\n", "ab\n", "\n", "abcd"]


def test_a_text_is_drawn_as_it_is() -> None:
    axes = Figure().subplots()
    colour(axes, "a$_b$\n\tc", torch.linspace(-1, 1, 8), columns=5)
    shown = [(t.get_text(), *t.get_position()) for t in axes.texts]
    assert shown[:2] == [("a", 0, 0), ("$", 1, 0)]
    assert shown[-3:] == [("↵", 0, 1), ("→", 0, 2), ("c", 1, 2)]
    grid = axes.images[0].get_array()
    assert grid.shape == (3, 5)
    assert grid.mask.sum() == 15 - 8
