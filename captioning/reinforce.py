"""How hard attention learns: places that led to likely captions become likelier (Xu et al. 2015, section 4.1)."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional as F

from captioning.model import Reading

MEMORY = 0.9
"""how much of the moving average of rewards stays from batch to batch"""


def reinforcement_loss(
    reading: Reading,
    words: Int[Tensor, "B K T"],
    spoken: Bool[Tensor, "B K T"],
    baseline: Float[Tensor, ""],
    reinforcement: float,
    entropy: float,
) -> tuple[Float[Tensor, ""], dict[str, Float[Tensor, ""]]]:
    """The part of the loss that moves attention where sampling cuts its gradient (eq. 12), in nats a word.

        -λ_r (log p(y | s, a) - b) log p(s | a) - λ_e H[s]      b ← 0.9 b + 0.1 log p(y | s, a)

    for captions y and the places s that chance chose for their words.

    Args:
        reading: what the model made of the captions.
        words: the words that should have been said.
        spoken: which of them count.
        baseline: b, changed in place once all captions have been compared with it.
        reinforcement: λ_r; the original code takes a tenth.
        entropy: λ_e.

    Returns:
        The loss, and numbers to report by name.
    """
    count = spoken.sum()
    with torch.no_grad():
        rewards = torch.zeros_like(spoken, dtype=torch.float32)
        rewards[spoken] = -F.cross_entropy(reading.logits.float(), words[spoken], reduction="none")
        rewards = rewards.sum(-1)
        real = spoken.any(-1)
        advantages = (rewards - baseline) * real
        baseline.lerp_(rewards[real].mean(), 1 - MEMORY)
    chances = (reading.log_chance.float() * spoken).sum(-1)
    odds = reading.attention.float()
    spread = -(torch.special.xlogy(odds, odds).sum(-1) * spoken).sum() / count
    loss = -reinforcement * (advantages * chances).sum() / count - entropy * spread
    return loss, {"attention_entropy": spread, "baseline": baseline.clone()}
