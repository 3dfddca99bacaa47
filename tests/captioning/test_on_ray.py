from __future__ import annotations

import sys
from pathlib import Path

import pytest

from captioning.batch import caption_all, caption_files
from captioning.captioner import Captioner
from captioning.config import SearchConfig
from captioning.inputs import find_photos
from shared.errors import UserError


def test_without_ray_it_is_said_what_to_install(
    tiny_folder: Path, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"install show-and-scribe\[ray\]"):
        caption_files([str(world / "images")], str(tmp_path / "out"), "jsonl", model=str(tiny_folder), engine="ray")


@pytest.mark.filterwarnings("ignore")  # what Ray and its parts warn about is not ours
def test_a_local_cluster_says_what_one_process_says(
    captioner: Captioner, tiny_folder: Path, world: Path, tmp_path: Path
) -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed (extra ray)")
    pytest.importorskip("ray.data", reason="Ray Data is not installed (extra ray)")
    from captioning.on_ray import on_ray

    with pytest.raises(UserError, match="no model"):
        on_ray("no-such-model", "cpu", SearchConfig())
    (tmp_path / "fake.jpg").write_text("no photo")
    inputs = [str(world / "images"), str(tmp_path / "fake.jpg"), *[str(world / "images")] * 3]
    try:
        records = list(on_ray(str(tiny_folder), "cpu", SearchConfig())(find_photos(inputs)))
    finally:
        ray.shutdown()
    alone = list(caption_all(captioner, find_photos(inputs)))
    assert [(r.photo, r.caption, r.error) for r in records] == [(r.photo, r.caption, r.error) for r in alone]
    assert [r.log_prob for r in records] == pytest.approx([r.log_prob for r in alone])
