from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import tarfile
from itertools import repeat
from pathlib import Path

import pytest
from PIL import Image

from captioning.batch import caption_all, caption_files
from captioning.captioner import Captioner
from captioning.config import SearchConfig
from captioning.inputs import Wanted, find_photos
from captioning.outputs import FORMATS
from shared.errors import UserError
from tests.captioning.conftest import draw


def test_captions_come_in_order_with_errors_in_their_places(captioner: Captioner, world: Path, tmp_path: Path) -> None:
    (tmp_path / "fake.jpg").write_text("no photo")
    images = str(world / "images")
    photos = list(find_photos([images, str(tmp_path / "fake.jpg"), "missing.jpg", images]))
    records = list(caption_all(captioner, photos))
    assert [record.photo for record in records] == [photo.name for photo in photos]
    assert [record.error for record in records if record.error] == [
        "not a photo in any format that is opened",
        "no such file",
    ]
    for record in records[:3]:
        assert record.caption == captioner.caption(record.photo)
    assert [r.caption for r in records[:18]] == [r.caption for r in records[-18:]]


def test_the_command_writes_a_file_and_tells_failures(
    tiny_folder: Path, world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, out = world / "images" / "val_red_box.png", tmp_path / "out.jsonl"
    assert caption_files([str(photo)], str(out), "jsonl", model=str(tiny_folder), device="cpu") == 0
    assert json.loads(out.read_text())["caption"]
    assert caption_files([str(photo), "missing.jpg"], "", "text", model=str(tiny_folder), device="cpu") == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1] == "missing.jpg\terror: no such file"
    assert "1 of 2 photos could not be captioned" in captured.err
    with pytest.raises(UserError, match="cannot write"):
        caption_files([str(photo)], str(tmp_path / "none" / "out"), "text", model=str(tiny_folder), device="cpu")


def test_every_format_of_the_command(tiny_folder: Path, world: Path, tmp_path: Path) -> None:
    for form in FORMATS:
        out = tmp_path / form
        assert caption_files([str(world / "images")], str(out), form, model=str(tiny_folder), device="cpu") == 0
        assert (
            caption_files([str(world / "images")], str(out), form, model=str(tiny_folder), device="cpu", resume=True)
            == 0
        )
        with out.open(newline="") as lines:
            assert len(list(FORMATS[form].read(lines))) == 18


def test_a_page_gets_texts_and_a_folder_files(tiny_folder: Path, tmp_path: Path) -> None:
    draw("red", "ball").save(tmp_path / "a.png")
    (tmp_path / "page.html").write_bytes(b"<img src='a.png'><img src='a.png' alt='mine'>\xff")
    options = {"model": str(tiny_folder), "device": "cpu"}
    assert caption_files([str(tmp_path / "page.html")], str(tmp_path / "copy.html"), "html", **options) == 0  # type: ignore[arg-type]
    assert caption_files([str(tmp_path)], "", "beside", **options) == 0  # type: ignore[arg-type]
    caption = (tmp_path / "a.txt").read_text().strip()
    expected = f"<img alt=\"{caption}\" src='a.png'><img src='a.png' alt='mine'>".encode() + b"\xff"
    assert (tmp_path / "copy.html").read_bytes() == expected
    with pytest.raises(UserError, match="leave out -o"):
        caption_files([str(tmp_path)], "x", "beside", **options)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="one page, got 2 inputs"):
        caption_files(["a.html", "b.html"], "x", "html", **options)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="a page is written when it is whole"):
        caption_files([str(tmp_path / "page.html")], "x", "html", resume=True, **options)  # type: ignore[arg-type]


def test_a_photo_in_a_shard_is_the_photo_in_a_file(captioner: Captioner, world: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(world / "images", "images")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(world / "images", "images")
    of_files = {Path(r.photo).name: r.caption for r in caption_all(captioner, find_photos([str(world / "images")]))}
    for name in ("a.tar", "a.tar.gz"):
        of_shard = {Path(r.photo).name: r.caption for r in caption_all(captioner, find_photos([str(tmp_path / name)]))}
        assert of_shard == of_files


def test_memory_does_not_grow_with_the_number_of_photos(captioner: Captioner, world: Path) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell how much memory a process holds")
    photo = Wanted(world / "images" / "val_red_box.png", 1)
    at_600 = 0
    for number, _ in enumerate(caption_all(captioner, repeat(photo, 3000), SearchConfig(beam=1, maximum_words=2))):
        at_600 = resident() if number == 600 else at_600
    assert resident() - at_600 < 4 * 2**20


def test_photos_are_taken_from_an_endless_list_only_as_they_are_needed(captioner: Captioner, world: Path) -> None:
    taken = 0

    def endless():  # type: ignore[no-untyped-def]
        nonlocal taken
        while True:
            taken += 1
            yield Wanted(world / "images" / "val_red_box.png", 1)

    records = caption_all(captioner, endless(), SearchConfig(beam=1, maximum_words=2))
    next(records)
    records.close()  # type: ignore[attr-defined]
    assert taken <= 16 * (2 * 8 + 1)


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """A file with some of its bytes changed, a part cut out of its middle, or its end lost."""
    content = bytearray(whole)
    for _ in range(chance.choice((0, 1, 3, 30))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.3:
        start = chance.randrange(len(content))
        del content[start : start + chance.randrange(1, 200)]
    if chance.random() < 0.3:
        del content[chance.randrange(len(content)) :]
    return bytes(content)


def test_a_damaged_file_gives_a_caption_or_a_reason(captioner: Captioner, tmp_path: Path) -> None:
    """DAMAGED_FILES=1000 makes it a thousand."""
    chance, image = random.Random(4), draw("red", "ball")
    wholes = {}
    for form, mode in (
        ("JPEG", "RGB"),
        ("PNG", "RGBA"),
        ("GIF", "P"),
        ("WEBP", "RGB"),
        ("BMP", "RGB"),
        ("TIFF", "RGB"),
    ):
        image.convert(mode).save(buffer := io.BytesIO(), form)
        wholes[form.lower()] = buffer.getvalue()
    Image.new("I;16", (40, 30), 40_000).save(buffer := io.BytesIO(), "TIFF", compression="tiff_lzw")
    wholes["tif"] = buffer.getvalue()
    count = int(os.environ.get("DAMAGED_FILES", 70))
    for number in range(count):
        form = list(wholes)[number % len(wholes)]
        (tmp_path / f"{number:04}.{form}").write_bytes(damaged(wholes[form], chance))
    records = list(caption_all(captioner, find_photos([str(tmp_path)]), SearchConfig(beam=1, maximum_words=4)))
    assert len(records) == count
    assert all(bool(record.caption) != bool(record.error) for record in records)
    assert 0 < sum(bool(record.error) for record in records) < count


def test_killed_at_any_moment_it_is_gone_on_with(tiny_folder: Path, world: Path, tmp_path: Path) -> None:
    """KILLS=20 kills it twenty times."""
    kills = os.environ.get("KILLS", "3")
    program = Path(__file__).parent / "kill_and_resume.py"
    done = subprocess.run(
        [sys.executable, str(program), str(tiny_folder), str(world / "images"), str(tmp_path), kills],
        capture_output=True,
        text=True,
        timeout=500,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["killed"] == int(kills)
    assert told["cut_short"] > 0, "no kill left work to be done: they came too late"
    assert told["exact"] == told["killed"]
