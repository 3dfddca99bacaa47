from __future__ import annotations

import pytest
import torch
from torch import Tensor

from shared.rnn.attention import AdditiveAttention

CONTEXTS, PLACES, VALUE, QUERY, UNITS = 3, 5, 4, 6, 7
LENGTHS = torch.tensor([5, 2, 1])


@pytest.fixture
def attention() -> AdditiveAttention:
    return AdditiveAttention(VALUE, QUERY, UNITS).double()


def values() -> Tensor:
    return torch.randn(CONTEXTS, PLACES, VALUE, dtype=torch.float64)


def queries(rows: int) -> Tensor:
    return torch.randn(rows, QUERY, dtype=torch.float64)


def written_out(attention: AdditiveAttention, values: Tensor, query: Tensor) -> tuple[Tensor, Tensor]:
    """The equations for one query and its own values [L, D], number by number."""
    scores = []
    for a in values:
        score = torch.zeros((), dtype=torch.float64)
        for unit in range(UNITS):
            key = sum(attention.keys.weight[unit, d] * a[d] for d in range(VALUE)) + attention.keys.bias[unit]
            asked = sum(attention.query.weight[unit, d] * query[d] for d in range(QUERY))
            score = score + attention.score.weight[0, unit] * torch.tanh(key + asked)
        scores.append(score.exp())
    weights = torch.stack(scores) / sum(scores)
    return sum((w * a for w, a in zip(weights, values, strict=True)), torch.zeros(VALUE)), weights


@pytest.mark.parametrize("rows_a_context", [1, 2])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_it_is_the_equations(attention: AdditiveAttention, lengths: Tensor | None, rows_a_context: int) -> None:
    a, q = values(), queries(CONTEXTS * rows_a_context)
    context, weights = attention.look(a, lengths)(q)
    assert context.shape == (len(q), VALUE)
    for row in range(len(q)):
        seen = a[row // rows_a_context]
        length = PLACES if lengths is None else int(lengths[row // rows_a_context])
        expected, expected_weights = written_out(attention, seen[:length], q[row])
        torch.testing.assert_close(context[row], expected)
        torch.testing.assert_close(weights[row, :length], expected_weights)
        assert not weights[row, length:].any()


def test_what_stands_in_the_padding_does_not_matter(attention: AdditiveAttention) -> None:
    a, q = values(), queries(CONTEXTS)
    changed = a.clone()
    for row, length in enumerate(LENGTHS.tolist()):
        changed[row, length:] = 1e9
    changed.requires_grad_()
    context, weights = attention.look(changed, LENGTHS)(q)
    assert torch.equal(context, attention.look(a, LENGTHS)(q)[0])
    (gradient,) = torch.autograd.grad((context**2).sum() + (weights**2).sum(), changed)
    assert gradient[0].any()
    assert not any(gradient[row, length:].any() for row, length in enumerate(LENGTHS.tolist()))


def test_a_context_without_values_gives_zeros_and_sound_gradients(attention: AdditiveAttention) -> None:
    a = values().requires_grad_()
    context, weights = attention.look(a, torch.tensor([5, 0, 3]))(queries(CONTEXTS))
    assert not context[1].any()
    assert not weights[1].any()
    gradients = torch.autograd.grad((context**2).sum() + (weights**2).sum(), [a, *attention.parameters()])
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_gradients(attention: AdditiveAttention) -> None:
    def look(a: Tensor, q: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
        return attention.look(a, LENGTHS)(q)

    inputs = [values().requires_grad_(), queries(2 * CONTEXTS).requires_grad_(), *attention.parameters()]
    assert torch.autograd.gradcheck(look, inputs)


def test_keys_are_computed_once(attention: AdditiveAttention) -> None:
    calls = []
    attention.keys.register_forward_hook(lambda *_: calls.append(1))
    gaze = attention.look(values())
    for _ in range(3):
        gaze(queries(CONTEXTS))
    assert len(calls) == 1


def test_nonsense_is_refused_with_a_sentence(attention: AdditiveAttention) -> None:
    with pytest.raises(ValueError, match="at least 1, got value 4, query 0 and attention 7"):
        AdditiveAttention(4, 0, 7)
    with pytest.raises(ValueError, match="values have 3 features, the attention looks at 4"):
        attention.look(values()[..., :3])
    with pytest.raises(ValueError, match="3 numbers between 0 and 5"):
        attention.look(values(), torch.tensor([1, 2, 6]))
    with pytest.raises(ValueError, match="3 numbers between 0 and 5"):
        attention.look(values(), torch.tensor([1, 2]))
    gaze = attention.look(values())
    with pytest.raises(ValueError, match="queries have 5 features, the attention takes 6"):
        gaze(queries(3)[:, :5])
    with pytest.raises(ValueError, match="4 rows cannot be shared evenly among 3 contexts"):
        gaze(queries(4))
