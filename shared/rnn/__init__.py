"""The recurrent core under both halves. Start with `core`: one step, and how it is unrolled."""

from shared.rnn.cells import LSTM, LSTMState
from shared.rnn.core import Core, State, loop, map_state, select_rows, unroll, where_rows
from shared.rnn.deferred import DeferredWeight
from shared.rnn.stack import Stack

__all__ = [
    "LSTM",
    "Core",
    "DeferredWeight",
    "LSTMState",
    "Stack",
    "State",
    "loop",
    "map_state",
    "select_rows",
    "unroll",
    "where_rows",
]
