"""Lines with rare characters come as often as repeat-factor sampling says, and never after themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handwriting.config import DataConfig
from handwriting.data import load_lines
from handwriting.repeats import repeat_factors, rounds
from handwriting.train import WritingTask
from tests.handwriting.conftest import TINY


def test_the_rarest_character_of_a_line_says_how_often_it_comes() -> None:
    texts = ["ab"] * 90 + ["abx"] * 9 + ["axz"]
    np.testing.assert_allclose(repeat_factors(texts, 0.16), [1] * 90 + [1.6**0.5] * 9 + [16**0.5])
    assert (repeat_factors(texts, 0.0) == 1).all()
    assert repeat_factors(["", "a"], 0.5).tolist() == [1, 1]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(1, 9), min_size=1, max_size=20), st.integers(0, 2**32 - 1))
def test_no_round_has_a_line_twice_and_all_have_as_many_as_they_should(factors: list[float], seed: int) -> None:
    chosen = list(range(100, 100 + len(factors)))
    laps = rounds(chosen, np.array(factors), np.random.default_rng(seed))
    assert laps[0] == chosen
    assert all(len(lap) == len(set(lap)) > 0 for lap in laps)
    times = Counter(line for lap in laps for line in lap)
    for line, factor in zip(chosen, factors, strict=True):
        assert np.floor(factor) <= times[line] <= np.ceil(factor)


def test_on_average_a_line_comes_as_often_as_its_factor_says() -> None:
    random = np.random.default_rng(0)
    laps = sum(len(rounds([7], np.array([2.3]), random)) for _ in range(2000))
    assert laps / 2000 == pytest.approx(2.3, abs=0.05)


@pytest.mark.parametrize("joined", [False, True])
def test_an_epoch_has_lines_with_a_rare_character_more_often(lines_file: Path, joined: bool) -> None:
    ink = load_lines(lines_file)
    texts = list(ink.texts)
    rare = ink.of(DataConfig().train)[0]
    texts[rare] = "~" + texts[rare][1:]
    ink = replace(ink, texts=texts, writer=np.zeros(len(texts), dtype=int))
    task = WritingTask(ink, TINY, DataConfig(lines=4, joined=joined, rare=0.99), seed=0)
    seen = Counter(line for batch in task.batches(0) for example in batch for line in task.groups[example])
    assert set(seen) == set(task.train)
    factor = float((0.99 * len(task.train)) ** 0.5)
    assert task.factors[task.train.index(rare)] == pytest.approx(factor)
    assert int(factor) <= seen[rare] <= int(factor) + 1
    assert all(len(group) == len(set(group)) for group in task.groups.values())
    if not joined:
        assert [task.groups[line] for line in (rare, task.train[1])] == [(rare,), (task.train[1],)]
