"""The searches against the sum over every single path, on alphabets so small that there are few."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest
import torch

from handwriting.recogniser import ctc


def table(frames: int, symbols: int, seed: int = 0) -> np.ndarray:
    """Log-probabilities [F, S] by chance."""
    logits = np.random.default_rng(seed).normal(0, 1.5, (frames, symbols))
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def says(path: tuple[int, ...]) -> tuple[int, ...]:
    """Repeats merged, blanks taken out."""
    return tuple(symbol for symbol, _ in groupby(path) if symbol != 0)


def by_every_path(scores: np.ndarray) -> dict[tuple[int, ...], float]:
    """The probability of each text."""
    texts: dict[tuple[int, ...], float] = {}
    for path in product(range(scores.shape[1]), repeat=len(scores)):
        probability = np.exp(sum(scores[t, symbol] for t, symbol in enumerate(path)))
        texts[says(path)] = texts.get(says(path), 0.0) + probability
    return texts


@pytest.mark.parametrize(("frames", "symbols"), [(1, 2), (4, 3), (5, 4), (6, 3)])
def test_beam_search_that_keeps_all_finds_the_sum_over_all_paths(frames: int, symbols: int) -> None:
    scores = table(frames, symbols, seed=frames)
    exact = by_every_path(scores)
    found = {reading.symbols: np.exp(reading.log_probability) for reading in ctc.beam_search(scores, width=10_000)}
    assert found.keys() == exact.keys()
    assert found == pytest.approx(exact, rel=1e-12)
    assert sum(found.values()) == pytest.approx(1)


def test_beam_search_gives_the_best_first_and_no_more_than_its_width() -> None:
    scores = table(6, 4)
    exact = by_every_path(scores)
    readings = ctc.beam_search(scores, width=5)
    assert [reading.log_probability for reading in readings] == sorted(
        (r.log_probability for r in readings), reverse=True
    )
    assert len(readings) == 5
    assert readings[0].symbols == max(exact, key=exact.__getitem__)
    assert all(reading.log_probability <= np.log(exact[reading.symbols]) + 1e-12 for reading in readings)


def test_many_paths_outweigh_the_best_one() -> None:
    """Blank-blank is the most probable path, 0.36; but "a" has three paths, 0.64 together (Graves 2006, fig. 2)."""
    scores = np.log([[0.6, 0.4], [0.6, 0.4]])
    assert ctc.greedy(scores) == []
    assert ctc.beam_search(scores, width=2)[0].symbols == (1,)
    assert ctc.beam_search(scores, width=2)[0].log_probability == pytest.approx(np.log(0.64))


def test_a_probability_of_zero_is_no_accident() -> None:
    with np.errstate(divide="ignore"):
        scores = np.log([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert ctc.beam_search(scores) == [ctc.Reading((1, 1), 0.0)]


def test_a_long_line_does_not_leave_the_range_of_numbers() -> None:
    scores = np.full((1000, 3), np.log(1e-3))
    assert np.isfinite([reading.log_probability for reading in ctc.beam_search(scores, width=4)]).all()


@pytest.mark.parametrize(
    ("path", "text"),
    [((0, 0, 0), []), ((1, 1, 2), [1, 2]), ((1, 0, 1), [1, 1]), ((0, 3, 3, 0, 3, 1), [3, 3, 1]), ((2,), [2])],
)
def test_greedy_merges_repeats_and_takes_blanks_out(path: tuple[int, ...], text: list[int]) -> None:
    scores = np.log(np.eye(4)[list(path)] * 0.9 + 0.025)
    assert ctc.greedy(scores) == text


def test_the_sum_over_all_paths_is_what_training_makes_larger() -> None:
    scores = table(6, 4)
    for text, probability in by_every_path(scores).items():
        loss = torch.nn.functional.ctc_loss(
            torch.from_numpy(scores), torch.tensor(text), torch.tensor(6), torch.tensor(len(text)), reduction="none"
        )
        assert loss.item() == pytest.approx(-np.log(probability))


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ctc.beam_search(table(2, 3), width=0)
