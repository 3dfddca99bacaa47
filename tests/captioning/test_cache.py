from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from captioning.cache import FeatureCache
from captioning.encoder import Encoder
from captioning.photos import load_photo
from shared.errors import UserError
from tests.captioning.conftest import SIDE, TINY

FILES = [f"train_{colour}_{shape}.png" for colour in ("red", "blue") for shape in ("ball", "box")]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(TINY)


def open_cache(
    folder: Path, encoder: Encoder, world: Path, files: list[str] = FILES, flips: bool = False
) -> FeatureCache:
    return FeatureCache(folder, encoder, TINY, world / "images", files, flips)


def test_holds_what_the_encoder_gives_and_its_mirror_image(tmp_path: Path, encoder: Encoder, world: Path) -> None:
    cache = open_cache(tmp_path, encoder, world, flips=True)
    photos = torch.stack([load_photo(world / "images" / FILES[i], SIDE) for i in (2, 0)])
    torch.testing.assert_close(cache.read([2, 0]), encoder.prefix(photos), atol=2e-3, rtol=2e-3)
    torch.testing.assert_close(cache.read([6, 4]), encoder.prefix(photos.flip(-1)), atol=2e-3, rtol=2e-3)


def test_a_second_opening_computes_nothing(
    tmp_path: Path, encoder: Encoder, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_cache(tmp_path, encoder, world)
    monkeypatch.setattr("captioning.cache.load_photo", None)
    assert torch.equal(open_cache(tmp_path, encoder, world).read(range(4)), first.read(range(4)))


def test_goes_on_where_it_was_interrupted(
    tmp_path: Path, encoder: Encoder, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = open_cache(tmp_path / "whole", encoder, world).read(range(4))
    monkeypatch.setattr("captioning.cache.BATCH", 1)
    monkeypatch.setattr("captioning.cache.SAVE_EVERY", 1)
    broken = [*FILES[:2], "missing.png", FILES[3]]
    with pytest.raises(UserError, match=r"missing\.png: no such file"):
        open_cache(tmp_path, encoder, world, broken)
    (folder,) = (path.parent for path in tmp_path.glob("*/done"))
    assert (folder / "done").read_text() == "2"
    read = []
    monkeypatch.setattr(
        "captioning.cache.load_photo",
        lambda path, *how: read.append(path) or load_photo(world / "images" / FILES[0], *how),
    )
    resumed = open_cache(tmp_path, encoder, world, broken)
    assert len(read) == 2
    torch.testing.assert_close(resumed.read([0, 1]), whole[:2], atol=1e-2, rtol=1e-2)


def test_another_encoder_another_size_or_another_list_is_another_cache(
    tmp_path: Path, encoder: Encoder, world: Path
) -> None:
    folders = {open_cache(tmp_path, encoder, world).folder, open_cache(tmp_path, encoder, world, FILES[:2]).folder}
    torch.manual_seed(1)
    folders.add(open_cache(tmp_path, Encoder(TINY), world).folder)
    crop = dataclasses.replace(TINY, fit="crop")
    folders.add(FeatureCache(tmp_path, encoder, crop, world / "images", FILES).folder)
    assert len(folders) == 4
