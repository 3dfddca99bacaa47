"""The recurrent core under both halves. Start with `core`: one step, and how it is unrolled."""

from shared.rnn.cell import Cell, Hidden
from shared.rnn.core import Core, State, loop, map_state, select_rows, unroll, where_rows
from shared.rnn.deferred import DeferredLinear
from shared.rnn.elman import Elman, Leaky, MultiTimescale, Residual
from shared.rnn.feedback import Feedback
from shared.rnn.gru import GRU, GRUResetBefore
from shared.rnn.lstm import LSTM, LayerNormLSTM, LSTMState, PeepholeLSTM
from shared.rnn.stack import Stack

__all__ = [
    "GRU",
    "LSTM",
    "Cell",
    "Core",
    "DeferredLinear",
    "Elman",
    "Feedback",
    "GRUResetBefore",
    "Hidden",
    "LSTMState",
    "LayerNormLSTM",
    "Leaky",
    "MultiTimescale",
    "PeepholeLSTM",
    "Residual",
    "Stack",
    "State",
    "loop",
    "map_state",
    "select_rows",
    "unroll",
    "where_rows",
]
