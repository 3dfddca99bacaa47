"""An LSTM with a memory outside it: the Neural Turing Machine (Graves, Wayne & Danihelka 2014; equation numbers are theirs).

The memory has slots. A head looks at all of them at once, each as much as its weighting says; and it finds that weighting by
content (which slots look like this key?) and by location (the neighbour of where I was).

Letters: N slots, M numbers in a slot (width), R read heads, W write heads, K = R + W heads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shared.rnn.core import Core, loop
from shared.rnn.deferred import DeferredLinear
from shared.rnn.feedback import Feedback, FeedbackStep
from shared.rnn.lstm import LSTM, LSTMState

MOVES = (-1, 0, 1)
"""by how many slots a head may shift in one step"""
EMPTY = 1e-3
"""what the cosine (6) adds to a slot's squared length, so that an empty slot is like no key; the paper adds nothing"""


class NTMState(NamedTuple):
    """The controller's h and c, and all that is outside it."""

    h: Float[Tensor, "B H"]
    c: Float[Tensor, "B H"]
    reads: Float[Tensor, "B R M"]
    """what the read heads brought back"""
    weights: Float[Tensor, "B K N"]
    """where the heads looked, each a distribution over the slots (1): the read heads first, then the write heads"""
    memory: Float[Tensor, "B N M"]


class Orders(NamedTuple):
    """What the controller tells the heads at one step."""

    key: Float[Tensor, "B K M"]
    strength: Float[Tensor, "B K 1"]
    """β > 0: how much the likeness to the key matters"""
    gate: Float[Tensor, "B K 1"]
    """g in (0, 1): 1 goes by content alone, 0 by where the head was"""
    shift: Float[Tensor, "B K 3"]
    """s: a distribution over the moves"""
    sharpness: Float[Tensor, "B K 1"]
    """γ >= 1"""
    erase: Float[Tensor, "B W M"]
    """e in (0, 1)"""
    add: Float[Tensor, "B W M"]
    """a"""


class NTM(nn.Module, Core):
    """A Neural Turing Machine: an LSTM, the controller, that reads and writes a memory through heads.

        h, c = LSTM([x, r₋], h₋, c₋)      orders = V h + b
        w = address(memory₋, w₋)          (5)-(9), every head
        memory = write(memory₋, w)        (3), (4), the write heads
        r = read(memory, w)               (2), the read heads
        y = [h, r]

    What a head reads reaches the output at once, and the controller a step later. All heads are sent to their places by the
    memory as the step found it; the read heads then read it as the write heads leave it.

    Args:
        input_size: features of x.
        hidden_size: units H of the controller.
        slots: N, at least 3.
        width: M.
        read_heads: R.
        write_heads: W.
        forget_bias: what the controller's forget gate's bias starts at. Below 0 it soon forgets, so that what is to last has to
            go to the memory, and a long silence finds it in the same state as a short one.

    Raises:
        ValueError: for a size below 1, or so few slots that the moves would meet.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        slots: int = 32,
        width: int = 16,
        read_heads: int = 1,
        write_heads: int = 1,
        forget_bias: float = -1.0,
    ) -> None:
        super().__init__()
        _check(input=input_size, hidden=hidden_size, width=width, read_heads=read_heads, write_heads=write_heads)
        if slots < len(MOVES):
            raise ValueError(f"an NTM needs at least {len(MOVES)} slots, so that left and right are two, got {slots}")
        self.input_size, self.hidden_size = input_size, hidden_size
        self.output_size = hidden_size + read_heads * width
        self.slots, self.width, self.read_heads, self.write_heads = slots, width, read_heads, write_heads
        self.controller = LSTM(input_size + read_heads * width, hidden_size, forget_bias)
        heads = read_heads + write_heads
        # For each head a key, β, g, s and γ; for each write head e and a.
        self.sizes = [heads * width, heads, heads, heads * len(MOVES), heads, write_heads * width, write_heads * width]
        self.orders = nn.Linear(hidden_size, sum(self.sizes))
        with torch.no_grad():
            _, _, gate, shift, sharpness, _, _ = self.orders.bias.split(self.sizes)
            # Heads begin as those of a tape: by place, as there is no content yet; sharp, as a blurred place soon is none; and
            # on to the next slot, as two things written to one are hard to tell apart.
            gate -= 2
            sharpness += 2
            shift.view(heads, len(MOVES))[:, MOVES.index(1)] += 1

    def initial_state(self, batch: int) -> NTMState:
        """An empty memory, nothing read, and every head on slot 0.

        All slots alike: no key can find one until something is written, so what is learnt there does not hang on chance
        (Collier & Beel 2018 find a constant start to learn fastest). But a head has to start somewhere: the even weighting
        of all slots is the one that no shift can move.
        """
        h, c = self.controller.initial_state(batch)
        reads, memory = h.new_zeros(batch, self.read_heads, self.width), h.new_zeros(batch, self.slots, self.width)
        weights = h.new_zeros(batch, self.read_heads + self.write_heads, self.slots)
        weights[..., 0] = 1
        return NTMState(h, c, reads, weights, memory)

    def forward(self, x: Float[Tensor, "B D"], state: NTMState) -> tuple[Float[Tensor, "B O"], NTMState]:
        controller = Feedback(self.controller, self.input_size)
        return self._advance(controller.step, self.orders, controller.project(x), state)

    def unroll(
        self, xs: Float[Tensor, "B T D"], state: NTMState, lengths: Int[Tensor, " B"] | None = None
    ) -> tuple[Float[Tensor, "B T O"], NTMState]:
        controller = Feedback(self.controller, self.input_size)
        step = partial(self._advance, controller.looping(), DeferredLinear(self.orders.weight, self.orders.bias))
        return loop(step, controller.project(xs.transpose(0, 1)).unbind(0), state, lengths)

    def _advance(
        self, control: FeedbackStep, orders: Callable[[Tensor], Tensor], projected: Tensor, state: NTMState
    ) -> tuple[Float[Tensor, "B O"], NTMState]:
        h, (_, c) = control(projected, state.reads.flatten(1), LSTMState(state.h, state.c))
        told = self.bend(orders(h).to(h.dtype))
        weights = address(state.memory, state.weights, told)
        memory = write(state.memory, weights[:, self.read_heads :], told.erase, told.add)
        reads = read(memory, weights[:, : self.read_heads])
        return torch.cat([h, reads.flatten(1)], -1), NTMState(h, c, reads, weights, memory)

    def bend(self, orders: Float[Tensor, "B _"]) -> Orders:
        """Each order into its range."""
        by_head = partial(Tensor.unflatten, dim=-1, sizes=(self.read_heads + self.write_heads, -1))
        by_writer = partial(Tensor.unflatten, dim=-1, sizes=(self.write_heads, -1))
        key, strength, gate, shift, sharpness, erase, add = orders.split(self.sizes, -1)
        return Orders(
            by_head(key),
            F.softplus(by_head(strength)),
            torch.sigmoid(by_head(gate)),
            torch.softmax(by_head(shift), -1),
            1 + F.softplus(by_head(sharpness)),
            torch.sigmoid(by_writer(erase)),
            by_writer(add),
        )


def address(memory: Float[Tensor, "B N M"], before: Float[Tensor, "B K N"], told: Orders) -> Float[Tensor, "B K N"]:
    """Where each head goes from where it was: by content, then by location (Graves 2014, fig. 2)."""
    found = content(memory, told.key, told.strength)
    weights = torch.lerp(before, found, told.gate)  # (7)  g w_content + (1 - g) w₋
    return sharpen(move(weights, told.shift), told.sharpness)


def content(
    memory: Float[Tensor, "B N M"], key: Float[Tensor, "B K M"], strength: Float[Tensor, "B K 1"]
) -> Float[Tensor, "B K N"]:
    """(5), (6): softmax_i(β cos(key, memory(i))).

    The cosine of an almost empty slot goes to 0, by `EMPTY`: left to itself it would hang on a direction that the least of
    writing turns round, with a gradient as large as the slot is small.
    """
    lengths = torch.sqrt(memory.square().sum(-1) + EMPTY)
    cosine = F.normalize(key, dim=-1) @ memory.mT / lengths.unsqueeze(1)
    return torch.softmax(strength * cosine, -1)


def move(weights: Float[Tensor, "B K N"], shift: Float[Tensor, "B K 3"]) -> Float[Tensor, "B K N"]:
    """(8): w̃(i) = Σ_j w(j) s(i - j), the slots in a circle."""
    moved = torch.stack([weights.roll(by, -1) for by in MOVES], -1)
    return (moved @ shift.unsqueeze(-1)).squeeze(-1)


def sharpen(weights: Float[Tensor, "B K N"], sharpness: Float[Tensor, "B K 1"]) -> Float[Tensor, "B K N"]:
    """(9): w(i) = w̃(i)^γ / Σ_j w̃(j)^γ, through logarithms: a high power of a wide weighting is zero in every slot."""
    return torch.softmax(sharpness * torch.log(weights + torch.finfo(weights.dtype).tiny), -1)


def write(
    memory: Float[Tensor, "B N M"],
    weights: Float[Tensor, "B W N"],
    erase: Float[Tensor, "B W M"],
    add: Float[Tensor, "B W M"],
) -> Float[Tensor, "B N M"]:
    """(3), (4): memory(i) ⊙ Π_heads (1 - w(i) e) + Σ_heads w(i) a: all erase before any adds, so their order is no matter."""
    for w, e in zip(weights.unbind(1), erase.unbind(1), strict=True):
        memory = memory * (1 - w.unsqueeze(-1) * e.unsqueeze(1))
    return memory + weights.mT @ add


def read(memory: Float[Tensor, "B N M"], weights: Float[Tensor, "B R N"]) -> Float[Tensor, "B R M"]:
    """(2): r = Σ_i w(i) memory(i)."""
    return (weights @ memory).to(memory.dtype)


def _check(**sizes: int) -> None:
    if min(sizes.values()) < 1:
        told = ", ".join(f"{name.replace('_', ' ')} {size}" for name, size in sizes.items())
        raise ValueError(f"an NTM needs sizes of at least 1, got {told}")
