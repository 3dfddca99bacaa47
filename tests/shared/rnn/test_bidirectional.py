from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from shared.rnn.bidirectional import Bidirectional, reverse
from shared.rnn.core import unroll
from shared.rnn.lstm import LSTM
from shared.rnn.stack import Stack

BATCH, STEPS, FEATURES, HIDDEN = 4, 7, 3, 5
LENGTHS = torch.tensor([7, 3, 1, 5])


def both() -> Bidirectional:
    return Bidirectional(LSTM(FEATURES, HIDDEN), LSTM(FEATURES, HIDDEN)).double()


def sequence() -> Tensor:
    return torch.randn(BATCH, STEPS, FEATURES, dtype=torch.float64, requires_grad=True)


def test_it_is_the_bidirectional_lstm_of_torch() -> None:
    ours, xs = both(), sequence()
    theirs = nn.LSTM(FEATURES, HIDDEN, batch_first=True, bidirectional=True).double()
    state = ours.forward_core.lstm.state_dict()
    state |= {f"{name}_reverse": value for name, value in ours.backward_core.lstm.state_dict().items()}
    theirs.load_state_dict(state)
    packed, (h, c) = theirs(pack_padded_sequence(xs, LENGTHS, batch_first=True, enforce_sorted=False))
    expected, _ = pad_packed_sequence(packed, batch_first=True)
    ys, (at_end, at_start) = ours(xs, LENGTHS)
    torch.testing.assert_close(ys, expected)
    torch.testing.assert_close((at_end.h, at_start.h), tuple(h))
    torch.testing.assert_close((at_end.c, at_start.c), tuple(c))
    weight = torch.randn_like(ys)
    (gradient,) = torch.autograd.grad((ys * weight).sum(), xs)
    torch.testing.assert_close(gradient, torch.autograd.grad((expected * weight).sum(), xs)[0])
    assert not gradient[1, 3:].any(), "padding was read"


def test_a_sequence_is_the_same_alone_and_padded_in_a_batch() -> None:
    cores, xs, lengths = both(), sequence(), torch.tensor([7, 3, 1, 0])
    ys, _ = cores(xs, lengths)
    for row, length in enumerate(lengths.tolist()):
        assert not ys[row, length:].any()
        if length:
            torch.testing.assert_close(ys[row, :length], cores(xs[row : row + 1, :length])[0][0])


def test_cores_of_any_kind_go_side_by_side() -> None:
    deep = Stack(FEATURES, [lambda size: LSTM(size, 2)] * 2)
    cores = Bidirectional(deep, LSTM(FEATURES, HIDDEN)).double()
    xs = sequence()
    ys, _ = cores(xs, LENGTHS)
    assert ys.shape[-1] == cores.output_size == 2 * 2 + HIDDEN
    torch.testing.assert_close(ys[..., :4], unroll(deep, xs, lengths=LENGTHS)[0])
    assert {name.split(".")[0] for name, _ in cores.named_parameters()} == {"forward_core", "backward_core"}


def test_reversing_twice_is_nothing() -> None:
    xs = torch.arange(8.0).reshape(2, 4, 1)
    lengths = torch.tensor([3, 0])
    assert reverse(xs, lengths)[..., 0].tolist() == [[2, 1, 0, 3], [4, 5, 6, 7]]
    assert torch.equal(reverse(reverse(xs, lengths), lengths), xs)
    assert reverse(xs)[0, :, 0].tolist() == [3, 2, 1, 0]


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="the same features, got 3 forward and 4 backward"):
        Bidirectional(LSTM(3, 2), LSTM(4, 2))
    with pytest.raises(ValueError, match="lengths must be 4 numbers between 0 and 7"):
        both()(sequence(), torch.tensor([8, 1, 1, 1]))


def test_outputs_alone_are_the_same_and_stop_at_each_sequences_end() -> None:
    cores, xs = both(), sequence()
    for lengths in (None, LENGTHS, torch.tensor([7, 3, 1, 0])):
        expected, _ = cores(xs, lengths)
        ys = cores.outputs(xs, lengths)
        torch.testing.assert_close(ys, expected)
        weight = torch.randn_like(ys)
        gradients = [torch.autograd.grad((y * weight).sum(), xs)[0] for y in (ys, expected)]
        torch.testing.assert_close(*gradients)
