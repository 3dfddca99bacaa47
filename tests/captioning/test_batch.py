from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from captioning.batch import caption_all, caption_files, find_photos
from captioning.captioner import Captioner
from captioning.outputs import WRITERS, Record
from shared.errors import UserError

RECORDS = [Record("a,b.jpg", 7, 'a "dog"', -1.25), Record("c.jpg", "c", error="no such file")]


def written(form: str, records: list[Record] = RECORDS) -> str:
    writer = WRITERS[form](stream := io.StringIO())
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue()


def test_text_is_a_line_a_photo() -> None:
    assert written("text") == 'a,b.jpg\ta "dog"\nc.jpg\terror: no such file\n'


def test_json_lines_say_caption_or_error() -> None:
    assert [json.loads(line) for line in written("jsonl").splitlines()] == [
        {"photo": "a,b.jpg", "caption": 'a "dog"', "log_prob": -1.25},
        {"photo": "c.jpg", "error": "no such file"},
    ]


def test_csv_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv"))))
    assert [row["caption"] for row in rows] == ['a "dog"', ""]
    assert rows[1]["error"] == "no such file"


def test_coco_results_hold_captions_and_errors_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(written("coco")) == [{"image_id": 7, "caption": 'a "dog"'}]
    assert "c.jpg: no such file" in capsys.readouterr().err
    assert json.loads(written("coco", [])) == []


def test_finds_files_folders_patterns_coco_files_and_lists(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = world / "images"
    assert len(find_photos([str(images)])) == 18
    assert len(find_photos([str(images / "train_*.png")])) == 6
    assert [w.id for w in find_photos([str(world / "captions.json")], str(images))] == list(range(18))
    monkeypatch.setattr("sys.stdin", io.StringIO("one.jpg\n\ntwo words.jpg\n"))
    assert [w.name for w in find_photos(["-", "three.jpg"])] == ["one.jpg", "two words.jpg", "three.jpg"]
    assert find_photos(["COCO_val2014_000000391895.jpg"])[0].id == 391895


def test_a_file_with_magic_letters_in_its_name_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "[1].jpg").touch()
    assert [w.name for w in find_photos([str(tmp_path / "[1].jpg")])] == [str(tmp_path / "[1].jpg")]


@pytest.mark.parametrize("nothing", ["", "*.jpg"])
def test_a_folder_or_pattern_without_photos_is_a_user_error(tmp_path: Path, nothing: str) -> None:
    with pytest.raises(UserError, match="no photos in the"):
        find_photos([str(tmp_path / nothing)])


def test_captions_come_in_order_with_errors_in_their_places(captioner: Captioner, world: Path, tmp_path: Path) -> None:
    (tmp_path / "fake.jpg").write_text("no photo")
    photos = find_photos([str(world / "images"), str(tmp_path / "fake.jpg"), "missing.jpg", str(world / "images")])
    records = list(caption_all(captioner, photos))
    assert [record.photo for record in records] == [photo.name for photo in photos]
    assert [record.error for record in records if record.error] == [
        "not a photo in any format that Pillow knows",
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
