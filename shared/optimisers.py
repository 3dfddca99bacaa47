"""How weights follow their gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from shared.config import TrainingConfig

BETAS = (0.9, 0.99)
"""AdamW's averages. The second is short, for recurrent gradients change their size tenfold within a few hundred updates."""


def make_optimiser(groups: list[dict[str, Any]], config: TrainingConfig) -> Optimizer:
    """The optimiser that a run asks for; the groups have learning rates of their own."""
    if config.optimiser == "rmsprop-graves":
        return GravesRMSprop(groups)
    return torch.optim.AdamW(groups, betas=BETAS, weight_decay=config.weight_decay)


class GravesRMSprop(Optimizer):
    """Centred RMSprop with momentum (Graves 2013, eq. 38-45). For each weight w with gradient g:

        n = ρ n + (1 - ρ) g²      m = ρ m + (1 - ρ) g
        Δ = μ Δ - η g / √(n - m² + ε)      w = w + Δ

    torch's own adds ε to the root, where Graves has it inside. It is no safeguard here: a gradient whose deviation is well below
    √ε = 0.01 makes a step in proportion to its size, so the scale of the loss matters (his is nats a sequence, not a point).

    Args:
        parameters: as every optimiser of torch takes them.
        lr: η.
        decay: ρ.
        momentum: μ.
        epsilon: ε.
    """

    def __init__(
        self, parameters: Any, lr: float = 1e-4, decay: float = 0.95, momentum: float = 0.9, epsilon: float = 1e-4
    ) -> None:
        if lr < 0 or not 0 <= decay < 1 or not 0 <= momentum < 1 or epsilon <= 0:
            raise ValueError(
                "GravesRMSprop takes a learning rate of at least 0, decay and momentum from 0 to below 1 and epsilon above 0, "
                f"got {lr:g}, {decay:g}, {momentum:g} and {epsilon:g}"
            )
        super().__init__(parameters, {"lr": lr, "decay": decay, "momentum": momentum, "epsilon": epsilon})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of all weights that have a gradient."""
        loss = closure() if closure else None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._follow(weight, weight.grad, group)
        return loss

    def _follow(self, weight: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, decay = self.state[weight], group["decay"]
        if not state:
            state |= {name: torch.zeros_like(weight) for name in ("square", "mean", "move")}
        square, mean, move = state["square"], state["mean"], state["move"]
        square.mul_(decay).addcmul_(gradient, gradient, value=1 - decay)
        mean.lerp_(gradient, 1 - decay)
        # Rounding may bring n - m² below 0 where both are large.
        spread = torch.addcmul(square, mean, mean, value=-1).clamp_min_(0).add_(group["epsilon"]).sqrt_()
        move.mul_(group["momentum"]).addcdiv_(gradient, spread, value=-group["lr"])
        weight.add_(move)
