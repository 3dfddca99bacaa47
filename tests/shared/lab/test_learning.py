from __future__ import annotations

import torch
from torch import nn

from shared.lab.learning import learn


def test_it_finds_the_bottom_of_a_bowl_and_reports_each_loss() -> None:
    place = nn.Parameter(torch.tensor([3.0, -2.0]))
    seen = []

    def loss(update: int) -> torch.Tensor:
        seen.append(update)
        return (place**2).sum()

    losses = learn(loss, [place], updates=200, learning_rate=0.1)
    assert seen == list(range(200))
    assert losses[0] == 13.0
    assert losses[-1] < 1e-4


def test_the_rate_falls_to_nothing() -> None:
    place = nn.Parameter(torch.tensor(0.0))
    places = []

    def slope(_: int) -> torch.Tensor:
        places.append(place.item())
        return -place  # Adam's step under an unchanging gradient is the learning rate itself

    learn(slope, [place], updates=4, learning_rate=1.0)
    steps = torch.tensor([*places[1:], place.item()]) - torch.tensor(places)
    torch.testing.assert_close(steps, torch.tensor([1.0, 0.75, 0.5, 0.25]))
