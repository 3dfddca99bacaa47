"""A core in a loop of its own gives what it gives when it is handed its whole input."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from shared.cells import CELLS
from shared.rnn import Core, Feedback
from shared.rnn.choice import build
from tests.shared.rnn.checks import BATCH, FEATURES, HIDDEN, STEPS, assert_same, exact, sequence

LATE = 2


def run(core: Core, xs: Tensor, how: str) -> Tensor:
    """A loop that reads its own last output."""
    feedback = Feedback(core, FEATURES)
    step = feedback.looping() if how == "looping" else feedback.step
    state, read, outputs = core.initial_state(BATCH), xs.new_zeros(BATCH, LATE), []
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
