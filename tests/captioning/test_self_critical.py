"""Learning from one's own captions, piece by piece."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from captioning.cli import main
from captioning.config import LessonConfig
from captioning.data import CaptionedPhoto
from captioning.metrics.cider import cider_d
from captioning.model import CaptionModel
from captioning.self_critical import Critic, advantages, self_critical_loss
from captioning.task import CaptionTask, Lessons
from captioning.tokens import END, PAD, Vocabulary
from tests.captioning.conftest import TINY
from tests.captioning.test_train import arguments

A, DOG, RUNS, CAT, SITS = range(4, 9)
REFERENCES = [[[A, DOG, RUNS], [DOG, RUNS]], [[A, CAT, SITS]]]


def test_rewards_are_cider_with_the_end_as_a_word() -> None:
    words = torch.tensor(
        [[[A, DOG, RUNS, END, PAD], [A, DOG, END, PAD, PAD]], [[A, CAT, SITS, A, CAT], [CAT, END, 0, 0, 0]]]
    )
    rewards = Critic(REFERENCES).rewards([0, 1], words)
    references = [[[*caption, END] for caption in photo] for photo in REFERENCES]
    said = [[[A, DOG, RUNS, END], [A, DOG, END]], [[A, CAT, SITS, A, CAT], [CAT, END]]]
    for column in range(2):
        expected = cider_d([said[photo][column] for photo in range(2)], references)
        torch.testing.assert_close(rewards[:, column], torch.tensor(expected))
    assert rewards[0, 0] > rewards[0, 1]


def test_captions_of_a_photo_are_judged_by_the_others() -> None:
    critic = Critic([*REFERENCES, [[A, DOG, SITS, CAT, RUNS], [A, DOG, RUNS], [DOG], [CAT, CAT, CAT]]])
    for photo, captions in enumerate(critic.references):
        for k, agreement in enumerate(critic.agreement(photo)):
            others = [*captions[:k], *captions[k + 1 :]]
            alone = cider_d([captions[k]], [others], critic.cider.frequencies)[0] if others else 0.0
            assert agreement == pytest.approx(alone, abs=1e-9)


def test_captions_that_agree_are_shown_more_often() -> None:
    captions = [[[A, DOG, RUNS], [A, DOG, RUNS], [CAT, SITS]], [[A, CAT, SITS]]]
    cache, photos = None, [CaptionedPhoto(i, "", (), "train") for i in range(2)]
    lessons = Lessons(cache, photos, captions)  # type: ignore[arg-type]
    model = CaptionModel(TINY, Vocabulary.from_captions(["a dog runs", "a cat sits"]))
    odd = []
    for power in (0.1, 1.0):
        lesson = LessonConfig(agreement=power, captions_per_photo=200)
        torch.manual_seed(0)
        shown = CaptionTask(model, lessons, lessons, lesson, 0, {})._people([0, 1])
        odd.append((shown.targets[0, :, 0] == CAT).float().mean())
        assert (shown.targets[1, :, :3] == torch.tensor([A, CAT, SITS])).all()
    assert odd[1] < 0.05 < 0.1 < odd[0] < 0.3


def test_a_caption_is_compared_with_its_siblings() -> None:
    rewards = torch.rand(3, 5)
    for photo in range(3):
        for k in range(5):
            others = torch.cat([rewards[photo, :k], rewards[photo, k + 1 :]])
            torch.testing.assert_close(advantages(rewards)[photo, k], rewards[photo, k] - others.mean())


def test_the_expected_gradient_is_that_of_the_expected_reward() -> None:
    """Σ_y p(y) ∇[-(r_y - b) log p(y)] = -∇ Σ_y p(y) r_y, for captions of one word."""
    logits, rewards = torch.randn(6, requires_grad=True), torch.rand(6)
    odds = torch.softmax(logits, -1)
    found = torch.zeros(6)
    for word in range(6):
        one = torch.tensor([[[word]]])
        loss = self_critical_loss(logits[None], one, torch.ones_like(one).bool(), rewards[word].view(1, 1) - 0.3)
        found += odds[word].detach() * torch.autograd.grad(loss, logits)[0]
    torch.testing.assert_close(found, -torch.autograd.grad((odds * rewards).sum(), logits)[0])


def test_one_attempt_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="take 0, or at least 2, got 1"):
        LessonConfig(attempts=1)


def test_a_run_goes_on_from_another_and_learns_to_be_rewarded(world: Path, tmp_path: Path, capsys) -> None:
    assert main([*arguments(world, tmp_path / "first"), "--training.epochs", "100"]) == 0
    more = ["--start", str(tmp_path / "first" / "best"), "--lesson.attempts", "24", "--training.learning_rate", "0.002"]
    second = [*arguments(world, tmp_path / "second", *more), "--training.epochs", "150"]
    assert main([*second, "--lesson.cross_entropy", "0"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "second" / "metrics.jsonl").read_text().splitlines()]
    rewards = [row["reward"] for row in rows if row["kind"] == "train"]
    assert rewards[-1] > rewards[0] + 1
    assert all("dangling" in row for row in rows if row["kind"] == "validation")
    vocabularies = [(tmp_path / run / "best" / "tokenizer.json").read_text() for run in ("first", "second")]
    assert vocabularies[0] == vocabularies[1]
