"""The deferred gradient is the gradient, however the loop runs and however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from shared.rnn import DeferredLinear

ROWS = [3, 3, 2, 1]
"""how many rows each step of the loop has"""


def parameters() -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    start = torch.randn(3, 5, dtype=torch.double, requires_grad=True)
    weight = torch.randn(5, 5, dtype=torch.double, requires_grad=True)
    return start, weight, torch.randn(5, dtype=torch.double, requires_grad=True)


def total(start: Tensor, product: Callable[[Tensor], Tensor]) -> Tensor:
    state, result = start, start.new_zeros(())
    for rows in ROWS:
        state = torch.tanh(product(state[:rows]))
        result = result + state.square().sum()
    return result


def test_the_gradient_is_that_of_the_plain_loop() -> None:
    start, weight, bias = given = parameters()
    expected = torch.autograd.grad(total(start, lambda x: F.linear(x, weight, bias)), given)
    actual = torch.autograd.grad(total(start, DeferredLinear(weight, bias)), given)
    torch.testing.assert_close(actual, expected)


def test_gradcheck() -> None:
    assert torch.autograd.gradcheck(lambda s, w, b: total(s, DeferredLinear(w, b)), parameters())
    start, weight, _ = parameters()
    assert torch.autograd.gradcheck(lambda s, w: total(s, DeferredLinear(w)), (start, weight))


def test_a_kept_graph_gives_the_same_gradient_again() -> None:
    start, weight, bias = parameters()
    result = total(start, DeferredLinear(weight, bias))
    torch.autograd.grad(result, start, retain_graph=True)  # notes every step, and asks for no weight
    first = torch.autograd.grad(result, weight, retain_graph=True)
    torch.testing.assert_close(torch.autograd.grad(result, weight), first)
    torch.testing.assert_close(first, torch.autograd.grad(total(start, lambda x: F.linear(x, weight, bias)), weight))


def test_a_frozen_weight_notes_nothing() -> None:
    start, weight, bias = parameters()
    product = DeferredLinear(weight.detach(), bias.detach())
    torch.autograd.grad(total(start, product), start)
    assert not product.steps
    with torch.no_grad():
        assert not total(start, DeferredLinear(weight, bias)).requires_grad


def test_a_gradient_of_the_gradient_is_refused() -> None:
    start, weight, bias = given = parameters()
    gradient = torch.autograd.grad(total(start, DeferredLinear(weight, bias)), given, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient[0].sum().backward()


def test_autocast_computes_in_half_precision_and_returns_gradients_in_full() -> None:
    start, weight, bias = (tensor.detach().float().requires_grad_() for tensor in parameters())
    with torch.autocast("cpu", torch.bfloat16):
        product = DeferredLinear(weight, bias)
        assert product(start).dtype == torch.bfloat16
        gradients = torch.autograd.grad(product(start).float().sum(), (start, weight, bias))
    assert {gradient.dtype for gradient in gradients} == {torch.float32}
    torch.testing.assert_close(gradients[1], start.detach().sum(0).expand(5, 5), rtol=2e-2, atol=2e-2)
