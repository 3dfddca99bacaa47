"""A core in a loop of its own gives what it gives when it is handed its whole input."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from shared.cells import CELLS
from shared.rnn import Cell, ClippedGradients, Core, Feedback, State, VariationalDropout
from shared.rnn.choice import build
from tests.shared.rnn.checks import BATCH, FEATURES, HIDDEN, STEPS, assert_same, exact, sequence

LATE = 2


def run(core: Core, xs: Tensor, how: str, state: State = None) -> Tensor:
    """A loop that reads its own last output."""
    feedback = Feedback(core, FEATURES)
    state = core.initial_state(BATCH) if state is None else state
    step = feedback.looping(state) if how == "looping" else feedback.step
    read, outputs = xs.new_zeros(BATCH, LATE), []
    for x, projected in zip(xs.unbind(1), feedback.project(xs).unbind(1), strict=True):
        if how == "whole":
            y, state = core(torch.cat([x, read], -1), state)
        else:
            y, state = step(projected, read, state)
        read = y[:, :LATE]
        outputs.append(y)
    return torch.stack(outputs, 1)


@pytest.mark.parametrize("name", CELLS)
def test_taken_apart_is_the_same_as_whole(name: str) -> None:
    core, xs = exact(build(name, FEATURES + LATE, HIDDEN)), sequence()
    results, gradients = {}, {}
    for how in ("whole", "step", "looping"):
        results[how] = run(core, xs, how)
        assert results[how].shape == (BATCH, STEPS, core.output_size)
        gradients[how] = torch.autograd.grad(results[how].square().sum(), [xs, *core.parameters()])
    for how in ("step", "looping"):
        assert_same(results[how], results["whole"])
        assert_same(gradients[how], gradients["whole"])


@pytest.mark.parametrize("name", ["lstm", "peephole-lstm", "multi-timescale", "layer-norm-lstm"])
@pytest.mark.parametrize("wrap", ["clipped", "dropped", "dropped after", "dropped before"])
def test_a_wrapped_cell_too(name: str, wrap: str) -> None:
    cell = build(name, FEATURES + LATE, HIDDEN)
    assert isinstance(cell, Cell)
    wrapped = {
        "clipped": lambda: ClippedGradients(cell, 0.01),
        "dropped": lambda: VariationalDropout(cell, recurrent=0.4, outputs=0.3),
        "dropped after": lambda: VariationalDropout(cell, outputs=0.3),
        "dropped before": lambda: VariationalDropout(cell, inputs=0.3),
    }
    core, xs = exact(wrapped[wrap]()), sequence()
    assert isinstance(core, torch.nn.Module)
    assert (Feedback(core, FEATURES).cell is cell) == (wrap != "dropped before" and name != "layer-norm-lstm")
    state = core.train().initial_state(BATCH)  # one draw of masks for all
    results = {how: run(core, xs, how, state) for how in ("whole", "step", "looping")}
    gradients = {how: torch.autograd.grad(y.square().sum(), [xs, *core.parameters()]) for how, y in results.items()}
    for how in ("step", "looping"):
        assert_same(results[how], results["whole"])
        assert_same(gradients[how], gradients["whole"])
    plain = run(cell, xs, "whole")
    assert torch.allclose(results["whole"], plain) == (wrap == "clipped")
    if wrap == "clipped":
        assert not torch.allclose(gradients["whole"][0], torch.autograd.grad(plain.square().sum(), xs)[0])
