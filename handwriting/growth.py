"""What a trained network may become before it goes on learning: told of hands, left without a text, or wider."""

from __future__ import annotations

from dataclasses import replace

import torch
from jaxtyping import Int
from torch import Tensor

from handwriting.model import POINT, Network
from shared.errors import UserError

GROWING = ("tanh", "lstm", "peephole-lstm", "gru", "gru-reset-before")
"""cells whose units stay as they are when others come, unseen; where units are normalised or gated together, none do"""


def told_of_hands(network: Network, traits: int) -> Network:
    """The network with inputs for that many traits, of which it makes no use yet."""
    wider = Network(replace(network.config, traits=traits))
    state = wider.state_dict()
    for name, own in network.state_dict().items():
        if state[name].shape != own.shape:
            own = torch.cat([own[:, :POINT], own.new_zeros(len(own), traits), own[:, POINT:]], 1)
        state[name] = own
    wider.load_state_dict(state)
    return wider


def foreseeing(network: Network) -> Network:
    """The network without its text, and told of no hand: it foresees ink alone, which it has yet to learn to do as well."""
    alone = Network(replace(network.config, text=False, traits=0, writers=()))
    symbols = network.window.symbols if network.window else 0
    rest = POINT + network.hand(None, None, 1).shape[1] + symbols
    state = alone.state_dict()
    for name, own in network.state_dict().items():
        name = _without_window(name) if network.window else name
        if name in state:
            state[name] = own if state[name].shape == own.shape else torch.cat([own[:, :POINT], own[:, rest:]], 1)
    alone.load_state_dict(state)
    return alone


def widened(network: Network, hidden_size: int) -> Network:
    """The network with more units in each layer. The new ones see all, and nothing sees them yet: it foresees as before, and has
    room to learn (function-preserving growth: Chen, Goodfellow & Shlens 2016, Net2Net).

    Raises:
        UserError: for a size that it exceeds, or a cell whose units cannot be told apart.
    """
    config = network.config
    if config.cell not in GROWING:
        raise UserError(f"a network of {config.cell} cannot be widened: only one of {', '.join(GROWING)} can")
    if hidden_size <= config.hidden_size:
        raise UserError(
            f"the network has {config.hidden_size} units in each layer: it can be widened to more than that only"
        )
    wider = Network(replace(config, hidden_size=hidden_size)).to(network.head.weight)
    state = wider.state_dict()
    for name, own in network.state_dict().items():
        state[name] = _widened(own, state[name], config.hidden_size, hidden_size)
    wider.load_state_dict(state)
    return wider


def _widened(own: Tensor, fresh: Tensor, before: int, after: int) -> Tensor:
    """A weight in its place among fresh ones."""
    if own.shape == fresh.shape:
        return own
    places = [_places(*sizes, before, after).to(own.device) for sizes in zip(own.shape, fresh.shape, strict=True)]
    if own.dim() == 1:
        return fresh.index_copy(0, places[0], own)
    rows, columns = places
    kept = own.new_zeros(len(own), fresh.shape[1]).index_copy(1, columns, own)
    return fresh.index_copy(0, rows, kept)


def _places(old: int, new: int, before: int, after: int) -> Int[Tensor, " N"]:
    """Where the rows or columns of a weight come to lie. What does not grow comes first, then units, once or for several gates or
    layers."""
    blocks = (new - old) // (after - before)
    fixed = old - blocks * before
    return torch.cat([torch.arange(fixed), *(fixed + block * after + torch.arange(before) for block in range(blocks))])


def _without_window(name: str) -> str:
    """What a weight is called in a network whose first layer carries no window, and so is like those above."""
    if name.startswith("above."):
        _, number, weight = name.split(".", 2)
        return f"above.{int(number) + 1}.{weight}"
    return name.replace("window.core.", "above.0.")
