from __future__ import annotations

import pytest
import torch

from handwriting.recogniser.config import RecogniserConfig
from handwriting.recogniser.network import Recogniser

SMALL = RecogniserConfig(hidden_size=8, layers=2)


@pytest.fixture(params=["curve", "pen"])
def recogniser(request: pytest.FixtureRequest) -> Recogniser:
    """A small recogniser of either kind that has learnt nothing, and is sure of what it reads all the same."""
    torch.manual_seed(0)
    network = Recogniser(RecogniserConfig(request.param, hidden_size=8, layers=2)).eval()
    with torch.no_grad():
        network.head.weight.mul_(40)
    return network
