"""The Neural Turing Machine against its equations, written out slot by slot."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from shared.rnn.core import unroll
from shared.rnn.lstm import LSTMState
from shared.rnn.memory import NTM, NTMState, address, content, move, read, sharpen, write
from tests.shared.rnn.checks import BATCH, FEATURES, HIDDEN, LENGTHS, STEPS, assert_same, exact, sequence

N, M, R, W = 6, 4, 2, 2
K = R + W


def core() -> NTM:
    ntm = exact(NTM(FEATURES, HIDDEN, slots=N, width=M, read_heads=R, write_heads=W))
    assert isinstance(ntm, NTM)
    return ntm


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def weighting(heads: int = K, batch: int = BATCH) -> Tensor:
    return torch.softmax(drawn(batch, heads, N), -1).detach().requires_grad_()


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def softplus(x: float) -> float:
    return math.log(1 + math.exp(x))


def softmax(row: list[float]) -> list[float]:
    total = sum(math.exp(x) for x in row)
    return [math.exp(x) / total for x in row]


def content_by_hand(memory: list[list[float]], key: list[float], strength: float) -> list[float]:
    def cosine(slot: list[float]) -> float:
        product = sum(u * v for u, v in zip(slot, key, strict=True))
        return product / math.sqrt(sum(v * v for v in key)) / math.sqrt(sum(u * u for u in slot) + 0.001)

    return softmax([strength * cosine(slot) for slot in memory])


def move_by_hand(weights: list[float], shift: list[float]) -> list[float]:
    left, stay, right = shift
    s = [stay, right, *[0.0] * (N - 3), left]  # s(i - j), where -1 is N - 1 round the circle
    return [sum(weights[j] * s[(i - j) % N] for j in range(N)) for i in range(N)]


def sharpen_by_hand(weights: list[float], sharpness: float) -> list[float]:
    return [w**sharpness / sum(v**sharpness for v in weights) for w in weights]


def step_by_hand(ntm: NTM, x: Tensor, state: NTMState) -> tuple[list[float], list[list[float]], list[list[float]]]:
    """The output, the weightings and the memory of a batch of one."""
    h, _ = ntm.controller(torch.cat([x[0], state.reads[0].flatten()])[None], LSTMState(state.h, state.c))
    orders = (ntm.orders.weight @ h[0] + ntm.orders.bias).tolist()
    at = iter(orders)
    keys = [[next(at) for _ in range(M)] for _ in range(K)]
    strengths = [softplus(next(at)) for _ in range(K)]
    gates = [logistic(next(at)) for _ in range(K)]
    shifts = [softmax([next(at) for _ in range(3)]) for _ in range(K)]
    sharpnesses = [1 + softplus(next(at)) for _ in range(K)]
    erase = [[logistic(next(at)) for _ in range(M)] for _ in range(W)]
    add = [[next(at) for _ in range(M)] for _ in range(W)]

    memory, weights = state.memory[0].tolist(), []
    for head, before in enumerate(state.weights[0].tolist()):
        g, found = gates[head], content_by_hand(memory, keys[head], strengths[head])
        mixed = [g * c + (1 - g) * b for c, b in zip(found, before, strict=True)]
        weights.append(sharpen_by_hand(move_by_hand(mixed, shifts[head]), sharpnesses[head]))
    for i, m in [(i, m) for i in range(N) for m in range(M)]:
        for k in range(W):
            memory[i][m] *= 1 - weights[R + k][i] * erase[k][m]
        memory[i][m] += sum(weights[R + k][i] * add[k][m] for k in range(W))
    reads = [sum(weights[head][i] * memory[i][m] for i in range(N)) for head in range(R) for m in range(M)]
    return h[0].tolist() + reads, weights, memory


def test_steps_are_the_equations_written_out() -> None:
    ntm, xs = core(), sequence()
    state = ntm.initial_state(1)
    for x in xs[0]:
        output, weights, memory = step_by_hand(ntm, x[None], state)
        y, state = ntm(x[None], state)
        torch.testing.assert_close(y[0].tolist(), output)
        torch.testing.assert_close(state.weights[0].tolist(), weights)
        torch.testing.assert_close(state.memory[0].tolist(), memory)
        assert_same(state.reads.flatten(), y[0, HIDDEN:])
        assert_same(state.h[0], y[0, :HIDDEN])


def test_content_is_the_softmax_of_the_cosines() -> None:
    memory, key, strength = drawn(BATCH, N, M), drawn(BATCH, K, M), drawn(BATCH, K, 1).exp()
    found = content(memory, key, strength)
    for b in range(BATCH):
        for k in range(K):
            expected = content_by_hand(memory[b].tolist(), key[b, k].tolist(), strength[b, k].item())
            torch.testing.assert_close(found[b, k].tolist(), expected)


def test_a_strong_key_finds_the_slot_that_points_its_way_however_long() -> None:
    memory = torch.eye(4)[None] * torch.tensor([1.0, 9.0, 0.5, 3.0])[:, None]
    found = content(memory, torch.tensor([[[0.0, 0.0, 0.01, 0.0]]]), torch.tensor([[[50.0]]]))
    torch.testing.assert_close(found, torch.tensor([[[0.0, 0.0, 1.0, 0.0]]]))


def test_empty_slots_are_alike_to_every_key_and_have_finite_gradients() -> None:
    memory, key = torch.zeros(1, N, M, requires_grad=True), torch.randn(1, 1, M)
    found = content(memory, key, torch.tensor([[[5.0]]]))
    torch.testing.assert_close(found, torch.full((1, 1, N), 1 / N))
    found[0, 0, 0].backward()
    assert memory.grad is not None
    assert 0 < memory.grad.abs().max() < 50
    assert content(memory, torch.zeros_like(key), torch.tensor([[[5.0]]])).isfinite().all()


def test_move_is_the_convolution_round_the_circle() -> None:
    weights, shift = weighting(), torch.softmax(drawn(BATCH, K, 3), -1)
    moved = move(weights, shift)
    for b in range(BATCH):
        for k in range(K):
            torch.testing.assert_close(moved[b, k].tolist(), move_by_hand(weights[b, k].tolist(), shift[b, k].tolist()))


@pytest.mark.parametrize(("start", "shift", "end"), [(2, 1, 3), (2, 0, 2), (2, -1, 1), (N - 1, 1, 0), (0, -1, N - 1)])
def test_a_sharp_shift_moves_by_exactly_one_slot(start, shift, end) -> None:
    moved = move(torch.eye(N)[start].view(1, 1, N), torch.eye(3)[shift + 1].view(1, 1, 3))
    assert torch.equal(moved.flatten(), torch.eye(N)[end])


def test_sharpening_is_a_power_shared_out_anew() -> None:
    weights, sharpness = weighting(), 1 + drawn(BATCH, K, 1).exp()
    sharp = sharpen(weights, sharpness)
    for b in range(BATCH):
        for k in range(K):
            expected = sharpen_by_hand(weights[b, k].tolist(), sharpness[b, k].item())
            torch.testing.assert_close(sharp[b, k].tolist(), expected)
    assert_same(sharpen(weights, torch.ones_like(sharpness)), weights)


def test_sharpening_stands_powers_that_float32_does_not() -> None:
    wide = torch.full((1, 1, 128), 1 / 128)
    assert (wide**30).sum() == 0
    torch.testing.assert_close(sharpen(wide, torch.tensor([[[30.0]]])), wide)
    one = torch.eye(N)[:1, None].requires_grad_()
    sharp = sharpen(one, torch.tensor([[[30.0]]]))
    assert torch.equal(sharp, one)
    sharp[0, 0, 0].backward()
    assert one.grad is not None
    assert one.grad.isfinite().all()


def test_the_gate_goes_by_content_or_by_place() -> None:
    ntm, memory, before = core(), drawn(BATCH, N, M), weighting()
    told = ntm.bend(drawn(BATCH, sum(ntm.sizes)))
    by_content = told._replace(gate=torch.ones_like(told.gate))
    assert_same(address(memory, before, by_content), address(memory, weighting(), by_content))
    by_place = told._replace(gate=torch.zeros_like(told.gate))
    assert_same(address(memory, before, by_place), address(drawn(BATCH, N, M), before, by_place))
    assert not torch.allclose(address(memory, before, by_content), address(memory, before, by_place))


def test_writing_erases_then_adds() -> None:
    memory, weights, erase, add = (
        drawn(BATCH, N, M),
        weighting(W),
        torch.sigmoid(drawn(BATCH, W, M)),
        drawn(BATCH, W, M),
    )
    written = write(memory, weights, erase, add)
    for b, i, m in [(b, i, m) for b in range(BATCH) for i in range(N) for m in range(M)]:
        kept = math.prod(1 - (weights[b, k, i] * erase[b, k, m]).item() for k in range(W))
        added = sum((weights[b, k, i] * add[b, k, m]).item() for k in range(W))
        assert written[b, i, m].item() == pytest.approx(memory[b, i, m].item() * kept + added)
    turned = write(memory, weights.flip(1), erase.flip(1), add.flip(1))
    assert_same(written, turned)


def test_a_sharp_head_replaces_one_slot_and_reads_it_back() -> None:
    memory, add = torch.randn(1, N, M), torch.randn(1, 1, M)
    there = torch.eye(N)[2].view(1, 1, N)
    written = write(memory, there, torch.ones(1, 1, M), add)
    assert torch.equal(written[:, [0, 1, 3, 4, 5]], memory[:, [0, 1, 3, 4, 5]])
    assert torch.equal(written[:, 2], add[:, 0])
    assert torch.equal(read(written, there), add)


def test_gradients_of_every_piece() -> None:
    ntm = core()

    def addressed(memory: Tensor, logits: Tensor, orders: Tensor) -> Tensor:
        return address(memory, torch.softmax(logits, -1), ntm.bend(orders))

    assert torch.autograd.gradcheck(addressed, (drawn(1, N, M), drawn(1, K, N), drawn(1, sum(ntm.sizes))))
    assert torch.autograd.gradcheck(write, (drawn(2, N, M), drawn(2, W, N), drawn(2, W, M), drawn(2, W, M)))
    assert torch.autograd.gradcheck(read, (drawn(2, N, M), drawn(2, R, N)))


def test_gradients_of_a_sequence() -> None:
    ntm = core()
    xs = drawn(2, 4, FEATURES)
    parameters = tuple(ntm.parameters())

    def run(xs: Tensor, *_: Tensor) -> Tensor:
        return unroll(ntm, xs)[0]

    assert torch.autograd.gradcheck(run, (xs, *parameters), fast_mode=True)


def test_weightings_stay_distributions() -> None:
    ntm = NTM(FEATURES, HIDDEN, slots=N, width=M, read_heads=R, write_heads=W)
    state = ntm.initial_state(BATCH)
    for x in torch.randn(200, BATCH, FEATURES).mul(30):
        _, state = ntm(x, state)
        assert (state.weights >= 0).all()
        torch.testing.assert_close(state.weights.sum(-1), torch.ones(BATCH, K))


def test_a_sequence_is_the_same_alone_and_padded_in_a_batch() -> None:
    ntm, xs = core(), sequence()
    ys, after = unroll(ntm, xs, lengths=LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()[:-1]):
        alone, alone_after = unroll(ntm, xs[row : row + 1, :length])
        assert_same(ys[row, :length], alone[0])
        assert_same([part[row] for part in after], [part[0] for part in alone_after])
    assert_same([part[-1] for part in after], [part[0] for part in ntm.initial_state(1)])


def test_shapes() -> None:
    ntm, xs = core(), sequence()
    ys, state = unroll(ntm, xs)
    assert ys.shape == (BATCH, STEPS, ntm.output_size) == (BATCH, STEPS, HIDDEN + R * M)
    for part in (state, ntm.initial_state(BATCH)):
        assert [tuple(tensor.shape[1:]) for tensor in part] == [(HIDDEN,), (HIDDEN,), (R, M), (K, N), (N, M)]
    # What was written outlives the step that wrote it, and differs between sequences.
    assert (state.memory[0] - state.memory[1]).abs().min() > 0


def test_fresh_heads_step_on_as_on_a_tape() -> None:
    ntm = NTM(FEATURES, 100, slots=4, width=M)
    state = ntm.initial_state(1)
    for step in range(6):  # round the circle and on
        assert state.weights.argmax(-1).tolist() == [[step % 4, step % 4]]
        _, state = ntm(torch.zeros(1, FEATURES), state)


def test_fresh_controllers_forget() -> None:
    assert (NTM(FEATURES, HIDDEN).controller.bias[HIDDEN : 2 * HIDDEN] == -1).all()
    assert (NTM(FEATURES, HIDDEN, forget_bias=2.0).controller.bias[HIDDEN : 2 * HIDDEN] == 2).all()


def test_nonsense_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="at least 1, got input 3, hidden 0, width 16, read heads 1, write heads 1"):
        NTM(3, 0)
    with pytest.raises(ValueError, match="write heads 0"):
        NTM(3, 5, write_heads=0)
    with pytest.raises(ValueError, match="at least 3 slots, so that left and right are two, got 2"):
        NTM(3, 5, slots=2)
