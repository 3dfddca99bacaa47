"""What hard attention learns from, against the expectation that it stands for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from captioning.model import Reading
from captioning.reinforce import reinforcement_loss

PLACES, WORDS = 4, 3


def readings(scores: Tensor, logits: Tensor) -> list[Reading]:
    """One caption of one word, for each place that chance could have chosen; `logits` [places, words] is what it makes of it."""
    attention = torch.softmax(scores, -1)
    return [
        Reading(logits[place][None], attention[None, None, None], attention[place].log()[None, None, None])
        for place in range(PLACES)
    ]


def test_the_expected_gradient_is_that_of_the_expected_likelihood() -> None:
    """Σ_s p(s) ∇[-(r_s - b) log p(s)] = -∇ Σ_s p(s) r_s, for any b that does not depend on s."""
    scores = torch.randn(PLACES, requires_grad=True)
    logits, target = torch.randn(PLACES, WORDS), torch.tensor([[[1]]])
    spoken = torch.ones(1, 1, 1, dtype=torch.bool)
    odds = torch.softmax(scores, -1)
    found = torch.zeros(PLACES)
    for place, reading in enumerate(readings(scores, logits)):
        loss, _ = reinforcement_loss(reading, target, spoken, torch.tensor(-7.0), 1.0, 0.0)
        found += odds[place].detach() * torch.autograd.grad(loss, scores, retain_graph=True)[0]
    likelihood = (odds * torch.log_softmax(logits, -1)[:, 1]).sum()
    torch.testing.assert_close(found, -torch.autograd.grad(likelihood, scores)[0])


def test_entropy_is_rewarded() -> None:
    scores = torch.tensor([2.0, 0.0, 0.0, 0.0], requires_grad=True)
    reading = readings(scores, torch.zeros(PLACES, WORDS))[0]
    spoken = torch.ones(1, 1, 1, dtype=torch.bool)
    loss, numbers = reinforcement_loss(reading, torch.tensor([[[1]]]), spoken, torch.zeros(()), 0.0, 1.0)
    odds = torch.softmax(scores, -1)
    expected = -(odds * odds.log()).sum()
    torch.testing.assert_close(numbers["attention_entropy"], expected)
    torch.testing.assert_close(loss, -expected)


def test_the_baseline_follows_the_likelihood_of_whole_captions() -> None:
    logits = torch.randn(3, WORDS)
    spoken = torch.tensor([[[True, True], [True, False], [False, False]]])
    words = torch.tensor([[[0, 2], [1, 0], [0, 0]]])
    attention = torch.full((1, 3, 2, PLACES), 1 / PLACES)
    baseline = torch.tensor(-2.0)
    reading = Reading(logits, attention, torch.zeros(1, 3, 2))
    reinforcement_loss(reading, words, spoken, baseline, 1.0, 0.0)
    log_p = torch.log_softmax(logits, -1)
    captions = [log_p[0, 0] + log_p[1, 2], log_p[2, 1]]
    assert baseline.item() == pytest.approx(0.9 * -2.0 + 0.1 * float(sum(captions)) / 2, rel=1e-5)
