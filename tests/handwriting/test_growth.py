"""A network that becomes another to go on learning does at first what it did before."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from handwriting.growth import GROWING, foreseeing, told_of_hands, widened
from handwriting.model import Network
from shared.cells import CELLS
from shared.errors import UserError
from tests.handwriting.conftest import TINY
from tests.handwriting.test_model import LENGTHS, TEXTS, every_cell, network_of, with_text_or_without
from tests.handwriting.test_train import metrics, run, train


def assert_same(after: Network, before: Network) -> None:
    points = torch.randn(2, 9, 3, dtype=torch.float64)
    torch.testing.assert_close(after.double()(points, TEXTS, LENGTHS)[0], before.double()(points, TEXTS, LENGTHS)[0])


def test_a_network_that_is_told_of_hands_from_now_on_writes_as_before() -> None:
    before = network_of(traits=0)
    after = told_of_hands(before, 3)
    points = torch.randn(2, 9, 3)
    for traits in (None, torch.randn(2, 3)):
        told = after(points, TEXTS, LENGTHS, traits=traits)[0]
        torch.testing.assert_close(told, before(points, TEXTS, LENGTHS)[0])


@every_cell
def test_a_network_that_is_told_nothing_any_more_foresees_as_if_told_nothing(cell: str) -> None:
    """Its window weighs nothing, and its hand is anybody's: what is left must be the network without them."""
    told = network_of(cell=cell, traits=2).double()
    alone = foreseeing(told)
    assert (alone.config.text, alone.config.traits, alone.window, alone.traits) == (False, 0, None, None)
    points = torch.randn(2, 9, 3, dtype=torch.float64)
    nothing = torch.zeros(2, dtype=torch.long)
    torch.testing.assert_close(alone.double()(points, TEXTS, LENGTHS)[0], told(points, TEXTS, nothing)[0])


def test_what_foresees_already_goes_on_foreseeing() -> None:
    before = network_of(text=False, writers=(3, 7))
    after = foreseeing(before)
    assert after.config.writers == ()
    with torch.no_grad():
        before.writers.weight.zero_()
    assert_same(after, before)


@pytest.mark.parametrize("cell", GROWING)
@with_text_or_without
def test_a_wider_network_writes_as_before_and_its_new_units_learn(cell: str, text: bool) -> None:
    before = network_of(cell=cell, text=text, traits=2 * text, writers=(3, 7))
    units = before.config.hidden_size
    after = widened(before, units + 5)
    assert after.config == replace(before.config, hidden_size=units + 5)
    assert_same(after, before)
    raw, _ = after(torch.randn(2, 9, 3, dtype=torch.float64), TEXTS, LENGTHS)
    raw.square().sum().backward()
    of_new = after.head.weight.grad[:, units : units + 5]
    assert (of_new.abs() > 0).all()


def test_a_network_without_skips_is_widened_too() -> None:
    before = network_of(text=False, skips=False)
    assert_same(widened(before, before.config.hidden_size + 3), before)


def test_what_cannot_grow_is_refused() -> None:
    for cell in CELLS.keys() - GROWING:
        with pytest.raises(UserError, match=f"a network of {cell} cannot be widened"):
            widened(network_of(cell=cell), 99)
    with pytest.raises(UserError, match=f"has {TINY.hidden_size} units in each layer: it can be widened"):
        widened(network_of(), TINY.hidden_size)


def test_a_wider_network_goes_on_from_where_the_narrow_one_was(lines_file, tmp_path, monkeypatch, capsys) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(monkeypatch, *train(lines_file, first, "--training.epochs=2")) == 0
    more = [f"--start={first / 'best'}", "--training.epochs=1", "--training.validate_every=0.17"]
    rate = "--training.learning_rate=1e-4"
    assert run(monkeypatch, *train(lines_file, second, *more, "--lesson.widen=20", rate)) == 0
    assert Network.from_pretrained(second / "best").config.hidden_size == 20
    best = metrics(first, "validation")[-1]["nats_a_line"]
    assert metrics(second, "validation")[0]["nats_a_line"] == pytest.approx(best, abs=15)
    assert run(monkeypatch, *train(lines_file, tmp_path / "third", *more, "--lesson.widen=4")) == 2
    assert "it can be widened to more than that only" in capsys.readouterr().err
