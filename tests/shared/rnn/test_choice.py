"""One word chooses the cell; a wrong word is answered with the right ones."""

from __future__ import annotations

import pytest

from shared.cells import CELLS, UNFIT
from shared.rnn import Core
from shared.rnn.choice import build


@pytest.mark.parametrize("name", CELLS)
def test_every_name_builds_its_core(name: str) -> None:
    core = build(name, 3, 5)
    assert isinstance(core, Core)
    assert core.input_size == 3
    assert hasattr(core.initial_state(1), "h")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("lstn", "there is no cell 'lstn'; did you mean lstm"),
        ("layer_norm_lstm", "did you mean layer-norm-lstm"),
        ("GRU", "did you mean gru"),
        ("perceptron9000", "there are tanh, residual, leaky"),
    ],
)
def test_an_unknown_name_is_answered_with_the_near_ones(name: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        build(name, 3, 5)


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_is_told_why(name: str) -> None:
    with pytest.raises(ValueError, match=f"cell '{name}' does not fit here: it"):
        build(name, 3, 5)
