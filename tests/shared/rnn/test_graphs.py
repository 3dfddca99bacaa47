"""The CUDA path: right where there is a GPU, and out of the way where there is none."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from shared.cells import CELLS
from shared.rnn import PeepholeLSTM, unroll
from shared.rnn.choice import build
from shared.rnn.core import leaves as tensors_of
from shared.rnn.graphs import Graphed, SequenceOfTensors
from tests.shared.rnn.checks import FEATURES, HIDDEN, LENGTHS, assert_same, exact, sequence


def test_without_a_gpu_it_is_the_core_itself() -> None:
    core, xs = exact(PeepholeLSTM(FEATURES, HIDDEN)), sequence()
    graphed = Graphed(core, after=0)
    for lengths in (None, LENGTHS):
        assert_same(unroll(graphed, xs, lengths=lengths), unroll(core, xs, lengths=lengths))
    assert not graphed.graphs


@pytest.mark.parametrize("name", CELLS)
def test_a_sequence_of_tensors_is_the_sequence(name: str) -> None:
    core, xs = exact(build(name, FEATURES, HIDDEN)), sequence()
    state = core.initial_state(len(xs))
    ys, after = unroll(core, xs, state)
    assert_same(SequenceOfTensors(core, state)(xs, *tensors_of(state)), (ys, *tensors_of(after)))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
@pytest.mark.parametrize("name", CELLS)
def test_a_graph_computes_what_the_loop_does(name: str) -> None:
    core = build(name, FEATURES, HIDDEN).cuda()  # type: ignore[attr-defined]
    graphed = Graphed(core, after=0)
    for _ in range(2):
        xs = torch.randn(4, 6, FEATURES, device="cuda", requires_grad=True)
        results = [unroll(core_or_graph, xs)[0] for core_or_graph in (graphed, core)]
        torch.testing.assert_close(*results)
        assert isinstance(core, nn.Module)
        wanted = [xs, *core.parameters()]
        torch.testing.assert_close(*(torch.autograd.grad(ys.square().sum(), wanted) for ys in results))
    assert all(graphed.graphs.values())
