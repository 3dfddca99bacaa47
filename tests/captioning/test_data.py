from __future__ import annotations

import json
from pathlib import Path

import pytest

from captioning.data import CaptionedPhoto, read_captions, take_split, without_junk
from shared.errors import UserError


def test_reads_coco(world: Path) -> None:
    photos = read_captions(world / "captions.json")
    assert len(photos) == 18
    assert photos[0] == CaptionedPhoto(
        0, "train_red_ball.png", ("A red ball lies on the snow.", "there is a red ball on the white snow"), "train"
    )


def test_keeps_standard_output_for_results(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read_captions(world / "captions.json")
    assert not capsys.readouterr().out


def test_reads_karpathy(tmp_path: Path) -> None:
    image = {
        "filepath": "val2014",
        "filename": "a.jpg",
        "cocoid": 7,
        "split": "restval",
        "sentences": [{"raw": "A dog."}],
    }
    (tmp_path / "dataset.json").write_text(json.dumps({"images": [image]}))
    photos = read_captions(tmp_path / "dataset.json")
    assert photos == [CaptionedPhoto(7, "val2014/a.jpg", ("A dog.",), "restval")]
    assert take_split(photos, "train") == photos


def test_reads_flickr_with_its_lists(tmp_path: Path) -> None:
    (tmp_path / "captions.txt").write_text(
        'image,caption\na.jpg,A dog , a cat .\na.jpg,"He said ""no"", twice ."\nb.jpg,A boy .\nc.jpg,A girl .\n'
    )
    (tmp_path / "Flickr_8k.trainImages.txt").write_text("a.jpg\n")
    (tmp_path / "Flickr_8k.devImages.txt").write_text("b.jpg\n")
    photos = read_captions(tmp_path)
    assert photos[0] == CaptionedPhoto("a", "a.jpg", ("A dog , a cat .", 'He said "no", twice .'), "train")
    assert [photo.split for photo in photos] == ["train", "dev", "unused"]
    assert [photo.file for photo in take_split(photos, "val")] == ["b.jpg"]


def test_photos_without_splits_are_split_by_name() -> None:
    photos = [CaptionedPhoto(i, f"{i}.jpg", ("a dog",), "") for i in range(400)]
    parts = {split: take_split(photos, split) for split in ("train", "val", "test")}
    assert sum(map(len, parts.values())) == 400
    assert 5 < len(parts["val"]) < 45
    assert take_split(photos[::-1], "val") == parts["val"][::-1]


def test_a_split_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UserError, match="no captioned photos in split 'val'; there are train"):
        take_split([CaptionedPhoto(0, "a.jpg", ("a dog",), "train"), CaptionedPhoto(1, "b.jpg", (), "val")], "val")


def test_junk_captions_go_and_photos_with_nothing_else() -> None:
    photos = [CaptionedPhoto(0, "a", ("A", "A dog runs"), ""), CaptionedPhoto(1, "b", ("A",), "")]
    assert without_junk(photos) == [CaptionedPhoto(0, "a", ("A dog runs",), "")]


@pytest.mark.parametrize("content", ["no json", "[]", "{}", '{"images": []}', '{"annotations": [{}], "images": [{}]}'])
def test_other_files_are_user_errors(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(UserError):
        read_captions(tmp_path / "x.json")


def test_a_missing_file_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no captions at"):
        read_captions(tmp_path / "missing.json")


@pytest.mark.data
def test_both_layouts_of_flickr8k_agree(data: Path) -> None:
    ours = {photo.file: photo for photo in read_captions(data / "flickr8k" / "captions_flickr8k.json")}
    official = read_captions(data / "flickr8k" / "official")
    assert len(official) == len(ours) == 8091
    assert all(photo.captions == ours[photo.file].captions for photo in official)
    assert len(take_split(official, "test")) == 1000
