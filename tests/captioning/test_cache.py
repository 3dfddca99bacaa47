from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from captioning.cache import FeatureCache
from captioning.encoder import Encoder
from captioning.photos import load_photo
from captioning.views import view
from shared.errors import UserError
from tests.captioning.conftest import SIDE, TINY

FILES = [f"train_{colour}_{shape}.png" for colour in ("red", "blue") for shape in ("ball", "box")]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(TINY)


def open_cache(folder: Path, encoder: Encoder, world: Path, files: list[str] = FILES, views: int = 1) -> FeatureCache:
    return FeatureCache(folder, encoder, TINY, world / "images", files, views)


def folder_of(cache: FeatureCache) -> Path:
    (view,) = cache.views
    return view.folder


def test_holds_what_the_encoder_gives_of_each_view(tmp_path: Path, encoder: Encoder, world: Path) -> None:
    cache = open_cache(tmp_path, encoder, world, views=3)
    photos = [load_photo(world / "images" / FILES[i], SIDE) for i in (2, 0)]
    for number in range(3):
        maps = encoder.prefix(
            torch.stack([view(photo, number, FILES[i]) for photo, i in zip(photos, (2, 0), strict=True)])
        )
        found = cache.read([2 + 4 * number, 4 * number])
        torch.testing.assert_close(found, maps, atol=2e-3, rtol=2e-3)


def test_more_views_are_added_to_those_that_are_there(
    tmp_path: Path, encoder: Encoder, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_cache(tmp_path, encoder, world, views=2)
    computed = []
    monkeypatch.setattr("captioning.cache.view", lambda photo, number, name: computed.append(number) or photo)
    assert open_cache(tmp_path, encoder, world, views=3).read([11]).isfinite().all()
    assert set(computed) == {2}


def test_of_two_at_once_one_computes_and_the_other_waits(
    tmp_path: Path, encoder: Encoder, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locks are of an open file, so that threads wait as processes do."""
    pytest.importorskip("fcntl")
    computed, begun = [], threading.Event()

    def slowly(photo: Tensor, number: int, name: str) -> Tensor:
        computed.append(name)
        begun.set()
        time.sleep(0.02)
        return photo

    monkeypatch.setattr("captioning.cache.view", slowly)
    with ThreadPoolExecutor(2) as both:
        first = both.submit(open_cache, tmp_path, encoder, world)
        begun.wait()
        second = both.submit(open_cache, tmp_path, encoder, world)
    assert sorted(computed) == sorted(FILES)
    assert torch.equal(second.result().read(range(4)), first.result().read(range(4)))


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
    shutil.copytree(world / "images", tmp_path / "world" / "images")
    (tmp_path / "world" / "images" / "bad.png").write_text("no photo")
    broken = [*FILES[:2], "bad.png", FILES[3]]
    with pytest.raises(UserError, match=r"bad\.png: not a photo"):
        open_cache(tmp_path, encoder, tmp_path / "world", broken)
    (folder,) = (path.parent for path in tmp_path.glob("*/done"))
    assert (folder / "done").read_text() == "2"
    read = []
    monkeypatch.setattr(
        "captioning.cache.load_photo",
        lambda path, *how: read.append(path) or load_photo(world / "images" / FILES[0], *how),
    )
    resumed = open_cache(tmp_path, encoder, tmp_path / "world", broken)
    assert len(read) == 2
    torch.testing.assert_close(resumed.read([0, 1]), whole[:2], atol=1e-2, rtol=1e-2)


def test_another_encoder_another_size_or_another_list_is_another_cache(
    tmp_path: Path, encoder: Encoder, world: Path
) -> None:
    folders = {
        folder_of(open_cache(tmp_path, encoder, world)),
        folder_of(open_cache(tmp_path, encoder, world, FILES[:2])),
    }
    torch.manual_seed(1)
    folders.add(folder_of(open_cache(tmp_path, Encoder(TINY), world)))
    crop = dataclasses.replace(TINY, fit="crop")
    folders.add(folder_of(FeatureCache(tmp_path, encoder, crop, world / "images", FILES)))
    assert len(folders) == 4


def test_other_photos_of_the_same_names_are_another_cache(tmp_path: Path, encoder: Encoder) -> None:
    folders = set()
    for name, side in (("one", 40), ("same", 40), ("other", 60)):
        (tmp_path / name).mkdir()
        Image.new("RGB", (side, side), "red").save(tmp_path / name / "a.png")
        folders.add(folder_of(FeatureCache(tmp_path / "cache", encoder, TINY, tmp_path / name, ["a.png"])))
    assert len(folders) == 2
    with pytest.raises(UserError, match="nowhere.png: No such file"):
        FeatureCache(tmp_path / "cache", encoder, TINY, tmp_path, ["nowhere.png"])
