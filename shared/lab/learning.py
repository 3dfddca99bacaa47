"""The one small training loop of all experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from tqdm import trange


def learn(
    loss: Callable[[int], Tensor],
    parameters: Iterable[nn.Parameter],
    *,
    updates: int,
    learning_rate: float,
    clip_norm: float = 1.0,
    description: str = "",
) -> list[float]:
    """Adam (Kingma & Ba 2015), the learning rate falling linearly to 0.

    Args:
        loss: the loss of an update, given its number; brings its own batch.
        parameters: what is learnt.
        updates: how many.
        learning_rate: the first one.
        clip_norm: the largest norm of the gradient of all parameters together.
        description: what stands before the progress bar.

    Returns:
        the loss of each update, before it was made.
    """
    learnt = list(parameters)
    optimiser = torch.optim.Adam(learnt, learning_rate)
    decay = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda update: 1 - update / updates)
    losses = []
    bar = trange(updates, desc=description, disable=None, leave=False)
    for update in bar:
        optimiser.zero_grad()
        value = loss(update)
        value.backward()
        nn.utils.clip_grad_norm_(learnt, clip_norm)
        optimiser.step()
        decay.step()
        losses.append(value.item())
        if update % 10 == 0:
            bar.set_postfix(loss=f"{losses[-1]:.4f}")
    return losses
