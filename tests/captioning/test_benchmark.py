"""The reference must learn and search, or to be faster than it would mean nothing."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from captioning.benchmark.reference import (
    ReferenceDecoder,
    pool_up,
    reference_loss,
    reference_search,
)
from captioning.cli import main
from captioning.config import ModelConfig
from captioning.tokens import END, SPECIAL, START

V, CHANNELS = len(SPECIAL) + 4, 6
SMALL = ModelConfig(word_size=5, hidden_size=7, attention_size=3, dropout=0.0)


@pytest.fixture
def decoder() -> ReferenceDecoder:
    decoder = ReferenceDecoder(SMALL, V, CHANNELS)
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.mul_(3)
    return decoder.eval()


def test_the_grid_is_pooled_up() -> None:
    maps = torch.randn(2, CHANNELS, 7, 7)
    torch.testing.assert_close(pool_up(maps), F.interpolate(maps, scale_factor=2).flatten(2).transpose(1, 2))


@torch.no_grad()
def test_captions_are_read_as_step_by_step(decoder: ReferenceDecoder) -> None:
    maps, captions = torch.randn(3, CHANNELS, 2, 2), [[5, 6], [4, 5, 6, 7], [7]]
    nats, unevenness, words = 0.0, 0.0, 0
    for alone, caption in zip(maps, captions, strict=True):
        grid = pool_up(alone[None])
        memory, looked = decoder.begin(grid), torch.zeros(196)
        for before, word in itertools.pairwise((START, *caption, END)):
            logits, attention, memory = decoder.step(grid, torch.tensor([before]), memory)
            nats -= float(logits.log_softmax(1)[0, word])
            looked, words = looked + attention[0], words + 1
        unevenness += float(((1 - looked) ** 2).mean())
    assert float(reference_loss(decoder, maps, captions)) == pytest.approx(nats / words + unevenness / 3, rel=1e-4)


def test_it_learns(decoder: ReferenceDecoder) -> None:
    maps, captions = torch.eye(CHANNELS)[:4, :, None, None].expand(-1, -1, 2, 2), [[4, 5], [5], [6, 6, 7], [7, 4]]
    optimiser = torch.optim.Adam(decoder.parameters(), 0.03)
    for _ in range(150):
        optimiser.zero_grad()
        reference_loss(decoder, maps, captions).backward()
        optimiser.step()
    assert [
        reference_search(decoder, one[None], 2, len(said)) for one, said in zip(maps, captions, strict=True)
    ] == captions


def test_a_wide_beam_finds_the_best_of_all_captions(decoder: ReferenceDecoder) -> None:
    maps = torch.randn(1, CHANNELS, 2, 2)

    def log_prob(caption: tuple[int, ...]) -> float:
        grid, total = pool_up(maps), 0.0
        memory = decoder.begin(grid)
        for before, word in itertools.pairwise((START, *caption, END)):
            logits, _, memory = decoder.step(grid, torch.tensor([before]), memory)
            total += float(logits.log_softmax(1)[0, word])
        return total

    with torch.no_grad():
        words = [word for word in range(V) if word != END]
        best = max(itertools.product(words, repeat=2), key=log_prob)
    assert reference_search(decoder, maps, 7, 2) == list(best)


def test_one_run_tells_both_and_how_many_times_faster(
    tiny_folder: Path, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "--model",
        str(tiny_folder),
        "--photos",
        "5",
        "--device",
        "cpu",
        "--images",
        str(world / "images"),
        "--reference",
    ]
    assert main(["benchmark", *arguments]) == 0
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert told["search_by_encoder"] > 0
    for part in ("captioning", "training_step"):
        for numbers in (told[part], told[part]["without_encoder"]):
            factor = numbers["reference_milliseconds"] / numbers["milliseconds"]
            assert numbers["times_faster"] == pytest.approx(factor, rel=0.1, abs=0.1)
    # The encoder before every caption takes time; without it ours is what it was.
    step = told["training_step"]
    assert step["times_faster"] > step["without_encoder"]["times_faster"]
    assert step["milliseconds"] == step["without_encoder"]["milliseconds"]
    assert "beside the reference" in captured.err
