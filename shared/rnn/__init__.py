"""The recurrent core under both halves. Start with `core`: one step, and how it is unrolled."""

from shared.rnn.attention import AdditiveAttention
from shared.rnn.bidirectional import Bidirectional
from shared.rnn.cell import Cell, Hidden
from shared.rnn.choice import build
from shared.rnn.core import Core, State, leaves, loop, map_state, select_rows, unroll, where_rows
from shared.rnn.deferred import DeferredLinear
from shared.rnn.dropout import VariationalDropout, Zoneout
from shared.rnn.echo import EchoState, fit_readout
from shared.rnn.elman import Elman, Leaky, MultiTimescale, Residual
from shared.rnn.feedback import Feedback
from shared.rnn.fused import Fused, fused
from shared.rnn.gradients import ClippedGradients, clip_gradient, gradient_reach, information_flow
from shared.rnn.gru import GRU, GRUResetBefore
from shared.rnn.lstm import LSTM, LayerNormLSTM, LSTMState, PeepholeLSTM
from shared.rnn.memory import NTM
from shared.rnn.multiscale import HMLSTM
from shared.rnn.noise import AdaptiveWeightNoise, WeightNoise
from shared.rnn.stack import Stack

__all__ = [
    "GRU",
    "HMLSTM",
    "LSTM",
    "NTM",
    "AdaptiveWeightNoise",
    "AdditiveAttention",
    "Bidirectional",
    "Cell",
    "ClippedGradients",
    "Core",
    "DeferredLinear",
    "EchoState",
    "Elman",
    "Feedback",
    "Fused",
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
    "VariationalDropout",
    "WeightNoise",
    "Zoneout",
    "build",
    "clip_gradient",
    "fit_readout",
    "fused",
    "gradient_reach",
    "information_flow",
    "leaves",
    "loop",
    "map_state",
    "select_rows",
    "unroll",
    "where_rows",
]
