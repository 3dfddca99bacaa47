from __future__ import annotations

import torch

from shared.rnn import DeferredWeight


def test_the_gradient_is_that_of_the_plain_loop() -> None:
    torch.manual_seed(0)
    steps, photos, columns = 4, 2, 3
    alive = [3, 3, 2, 1]
    start = torch.randn(steps, photos, columns, 5, dtype=torch.double)
    weight = torch.randn(5, 5, dtype=torch.double, requires_grad=True)

    def run(deferred: bool) -> torch.Tensor:
        inputs: list[torch.Tensor] = []
        gates = DeferredWeight.apply(start, weight, inputs) if deferred else start
        used = weight.detach() if deferred else weight
        state, total = torch.ones(photos, columns, 5, dtype=torch.double), torch.zeros((), dtype=torch.double)
        for step, k in zip(gates.unbind(0), alive, strict=True):
            state = state[:, :k]
            inputs.append(state.detach())
            state = torch.tanh(step[:, :k] + state @ used.t())
            total = total + (state**2).sum()
        return torch.autograd.grad(total, weight)[0]

    start.requires_grad_()
    torch.testing.assert_close(run(deferred=True), run(deferred=False))
