"""Learning to read ink that the tests drew, end to end, and what a resumed run sees."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from handwriting.data import load_lines
from handwriting.iam import Line, columns
from handwriting.recogniser.config import ReadingConfig, RecogniserConfig
from handwriting.recogniser.distance import character_error_rate
from handwriting.recogniser.evaluate import evaluate
from handwriting.recogniser.reader import Reader
from handwriting.recogniser.train import ReadingTask, train
from shared.config import TrainingConfig
from shared.processes import Part
from tests.handwriting.recogniser.conftest import SMALL

T = np.linspace(0, 1, 12)
GLYPHS = {
    "i": np.stack([0 * T, -40 * (1 - T)], 1),
    "l": np.stack([0 * T, -100 * (1 - T)], 1),
    "v": np.stack([30 * T, -40 * np.abs(1 - 2 * T)], 1),
    "-": np.stack([40 * T, 0 * T - 20], 1),
}


def spell(text: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points [T, 2] and pen lifts [T]: each letter a stroke of its own."""
    strokes = [GLYPHS[c] + [60 * place, 0] + random.normal(0, 2, (len(T), 2)) for place, c in enumerate(text)]
    return np.concatenate(strokes).round(), np.tile(np.arange(len(T)) == len(T) - 1, len(text))


@pytest.fixture(scope="module")
def spelt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lines of random letters, no text twice: 64 to learn from, 16 to try."""
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list(GLYPHS), 8)) for _ in range(80)]
    lines = [Line(f"s{n:02}-000-01", *spell(text, random), text, int(n >= 64)) for n, text in enumerate(texts)]
    file = tmp_path_factory.mktemp("spelt") / "lines.npz"
    np.savez_compressed(file, **columns(lines))
    return file


def test_it_learns_to_read_lines_that_it_has_never_seen(spelt: Path, tmp_path: Path) -> None:
    model = RecogniserConfig(hidden_size=16, layers=1, dropout=0.0)
    reading = ReadingConfig(train=(0,), validate=1, distortion=0.3)
    training = TrainingConfig(epochs=40, learning_rate=0.03, validate_every=20, save_minutes=10)
    train(spelt, tmp_path / "run", False, model, reading, training)
    lines = load_lines(spelt)
    held_out = lines.of([1])
    ink, texts = [lines.strokes(line) for line in held_out], [lines.texts[line] for line in held_out]
    scores = evaluate(Reader.from_pretrained(tmp_path / "run" / "best"), ink, texts)
    assert scores["character_error_rate"] < 0.1  # type: ignore[operator]
    reports = [json.loads(row) for row in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [report["kind"] for report in reports].count("validation") == 2
    assert reports[-1]["character_error_rate"] == scores["character_error_rate"]
    last = sorted((tmp_path / "run" / "samples").iterdir())[-1]
    samples = json.loads(last.read_text())["samples"]
    assert [sample["text"] for sample in samples] == texts[:3]
    assert character_error_rate([sample["read"] for sample in samples], texts[:3]) < 0.4


def test_an_epochs_ink_is_a_function_of_seed_and_epoch(lines_file: Path) -> None:
    task = ReadingTask(load_lines(lines_file), SMALL, ReadingConfig(lines=6), seed=3)
    assert task.batches(2) == task.batches(2)
    assert task.batches(2) != task.batches(3)
    assert sorted(line for batch in task.batches(2) for line in batch) == sorted(task.train)

    def loss(epoch: int) -> float:
        task.begin_epoch(epoch)
        return next(task.losses(task.model.eval(), Part(task.train[:6])))[0].item()

    assert loss(1) == loss(1)
    assert loss(1) != loss(2)


def test_a_text_that_has_no_path_teaches_nothing(lines_file: Path) -> None:
    lines = load_lines(lines_file)
    task = ReadingTask(lines, SMALL, ReadingConfig(), seed=0)
    line = task.train[0]
    lines.texts[line] = "far too long " * 50
    loss, _ = next(task.losses(task.model, Part([line])))
    loss.backward()
    assert loss.item() == 0
    assert all(torch.isfinite(p.grad).all() for p in task.model.parameters() if p.grad is not None)
