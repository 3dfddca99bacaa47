"""Recurrence from both ends, for sequences that are whole before the first of them is read."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from shared.rnn.core import Core, State, unroll


class Bidirectional(nn.Module):
    """Two cores over the same sequence, one from its start and one from its end (Schuster & Paliwal 1997).

        →h_t = forward(x_t, →h_{t-1})      ←h_t = backward(x_t, ←h_{t+1})      y_t = [→h_t, ←h_t]

    It is no Core: there is no step without the end of the sequence. Layers of it go on top of each other by reading each
    other's outputs.

    Args:
        forward_core: reads from the start.
        backward_core: reads from the end, each sequence from its own.

    Raises:
        ValueError: for cores that read different numbers of features.
    """

    def __init__(self, forward_core: Core, backward_core: Core) -> None:
        super().__init__()
        if forward_core.input_size != backward_core.input_size:
            raise ValueError(
                "both cores must read the same features, "
                f"got {forward_core.input_size} forward and {backward_core.input_size} backward"
            )
        self.forward_core, self.backward_core = forward_core, backward_core
        self.input_size = forward_core.input_size
        self.output_size = forward_core.output_size + backward_core.output_size

    def forward(
        self, xs: Float[Tensor, "B T D"], lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], tuple[State, State]]:
        """Outputs [forward, backward] of every step, zero past a sequence's end, and the state each core ended with: the
        forward one at the sequence's end, the backward one at its start.

        Raises:
            ValueError: as `unroll` does.
        """
        ahead, at_end = unroll(self.forward_core, xs, lengths=lengths)
        back, at_start = unroll(self.backward_core, reverse(xs, lengths), lengths=lengths)
        return torch.cat([ahead, reverse(back, lengths)], -1), (at_end, at_start)

    def outputs(self, xs: Float[Tensor, "B T D"], lengths: Int[Tensor, " B"] | None = None) -> Float[Tensor, "B T O"]:
        """The outputs of `forward` alone. What a core does behind a sequence's end reaches no output before it, so nothing
        has to stop there: torch's own layers need no packing, which takes them several times as long on a CPU.
        """
        ahead, _ = unroll(self.forward_core, xs)
        back, _ = unroll(self.backward_core, reverse(xs, lengths))
        ys = torch.cat([ahead, reverse(back, lengths)], -1)
        if lengths is None:
            return ys
        inside = torch.arange(xs.shape[1], device=xs.device) < lengths[:, None].to(xs.device)
        return torch.where(inside[..., None], ys, 0.0)


def reverse(xs: Float[Tensor, "B T D"], lengths: Int[Tensor, " B"] | None = None) -> Float[Tensor, "B T D"]:
    """Each sequence from its own end to its start; padding stays behind it."""
    if lengths is None:
        return xs.flip(1)
    steps = torch.arange(xs.shape[1], device=xs.device)
    ends = lengths[:, None].to(xs.device)
    order = torch.where(steps < ends, ends - 1 - steps, steps)
    return xs.gather(1, order[..., None].expand_as(xs))
