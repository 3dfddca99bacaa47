"""What the tests of the core share."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from shared.rnn import Core, map_state

BATCH, STEPS, FEATURES, HIDDEN = 4, 7, 3, 5
LENGTHS = torch.tensor([7, 3, 1, 0])


def exact(core: Core) -> Core:
    """In float64, with every parameter drawn at random: none is left at a start where it could do nothing."""
    assert isinstance(core, nn.Module)
    core.double()
    with torch.no_grad():
        for parameter in core.parameters():
            parameter.copy_(torch.randn_like(parameter) / 2)
    return core


def sequence() -> Tensor:
    return torch.randn(BATCH, STEPS, FEATURES, dtype=torch.float64, requires_grad=True)


def random_state(core: Core) -> object:
    return map_state(lambda tensor: torch.randn_like(tensor), core.initial_state(BATCH))


def assert_same(one: object, other: object) -> None:
    if isinstance(one, Tensor):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)
    else:
        for a, b in zip(one, other, strict=True):  # type: ignore[call-overload]
            assert_same(a, b)
