"""A cell by its name: so that one word of a configuration changes it."""

from __future__ import annotations

from collections.abc import Callable

import torch

from shared.cells import CELLS, check_cell
from shared.rnn.core import Core
from shared.rnn.elman import Elman, Leaky, MultiTimescale, Residual
from shared.rnn.gru import GRU, GRUResetBefore
from shared.rnn.lstm import LSTM, LayerNormLSTM, PeepholeLSTM
from shared.rnn.memory import NTM
from shared.rnn.multiscale import HMLSTM

PACES = (1.25, 64.0)
"""the time constants, in steps, between which the units of a leaky cell begin: evenly on a logarithmic scale"""


def build(name: str, input_size: int, hidden_size: int, levels: int = 3, skips: bool = False) -> Core:
    """A new cell.

    Args:
        name: one of `shared.cells.CELLS`.
        input_size: features of x.
        hidden_size: units H; of every level, for a cell that has levels.
        levels: how many a hierarchical cell has; other cells have but one.
        skips: whether each level of a hierarchical cell reads x, and the output is all of them.

    Raises:
        ValueError: for an unknown name, with those that are near, and for sizes that the cell refuses.
    """
    check_cell(name)
    makers: dict[str, Callable[[], Core]] = {
        "tanh": lambda: Elman(input_size, hidden_size),
        "residual": lambda: Residual(input_size, hidden_size),
        "leaky": lambda: Leaky(input_size, hidden_size, _paces(hidden_size), learned=True),
        "multi-timescale": lambda: MultiTimescale(input_size, hidden_size),
        "lstm": lambda: LSTM(input_size, hidden_size),
        "peephole-lstm": lambda: PeepholeLSTM(input_size, hidden_size),
        "layer-norm-lstm": lambda: LayerNormLSTM(input_size, hidden_size),
        "gru": lambda: GRU(input_size, hidden_size),
        "gru-reset-before": lambda: GRUResetBefore(input_size, hidden_size),
        "hm-lstm": lambda: HMLSTM(input_size, hidden_size, levels, skips),
        "ntm": lambda: NTM(input_size, hidden_size),
    }
    assert makers.keys() == CELLS.keys()
    return makers[name]()


def _paces(units: int) -> list[float]:
    shortest, longest = torch.tensor(PACES).log10().tolist()
    return torch.logspace(shortest, longest, max(units, 1)).tolist()
