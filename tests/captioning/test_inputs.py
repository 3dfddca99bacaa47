from __future__ import annotations

import io
import json
import os
import tarfile
import tracemalloc
from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path

import pytest

from captioning.inputs import find_photos, take_shard
from captioning.photos import PhotoError
from shared.errors import UserError


def names(inputs: Sequence[str | Path], **options: str) -> list[str]:
    return [photo.name for photo in find_photos([str(text) for text in inputs], **options)]


def shard(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return path


def test_a_folder_is_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.JPG", "a/2.png", "a/1.webp", "a.gif", "notes.txt", "._b.jpg", ".thumbs/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "round").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    expected = [tmp_path / name for name in ("a/1.webp", "a/2.png", "a.gif", "b.JPG")]
    assert names([tmp_path]) == [str(path) for path in expected]


def test_files_patterns_and_lists(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = world / "images"
    assert len(names([images])) == 18
    assert len(names([images / "train_*.png"])) == 6
    monkeypatch.setattr("sys.stdin", io.StringIO("one.jpg\n\ntwo words.jpg\n"))
    assert names(["-", "three.jpg"]) == ["one.jpg", "two words.jpg", "three.jpg"]
    assert next(find_photos(["COCO_val2014_000000391895.jpg"])).id == 391895


def test_a_list_is_read_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless() -> object:
        while True:
            yield "a.jpg\n"

    monkeypatch.setattr("sys.stdin", endless())
    assert len(list(islice(find_photos(["-"]), 100))) == 100


def test_a_name_that_is_no_text_goes_through_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    Path(os.fsdecode(odd)).touch()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(odd + b"\n"), "utf-8"))
    (photo,) = find_photos(["-"])
    assert photo.source() == Path(os.fsdecode(odd))


def test_a_file_with_magic_letters_in_its_name_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "[1].jpg").touch()
    assert names([tmp_path / "[1].jpg"]) == [str(tmp_path / "[1].jpg")]


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ({"images": [{"id": 7, "file_name": "a.jpg"}, {"id": 9, "file_name": "d/b.jpg"}], "annotations": []}, [7, 9]),
        ({"images": [{"id": 7, "file_name": "a.jpg"}, {"id": 9, "file_name": "d/b.jpg"}]}, [7, 9]),  # COCO's test set
        ({"images": [{"filename": "a.jpg", "cocoid": 7}, {"filename": "b.jpg", "filepath": "d", "imgid": 9}]}, [7, 9]),
    ],
)
def test_json_names_photos_and_their_numbers(tmp_path: Path, content: dict, ids: list[int]) -> None:
    (tmp_path / "list.json").write_text(json.dumps(content))
    photos = list(find_photos([str(tmp_path / "list.json")]))
    assert [photo.id for photo in photos] == ids
    assert [photo.path for photo in photos] == [tmp_path / "a.jpg", tmp_path / "d" / "b.jpg"]
    assert names([tmp_path / "list.json"], images="elsewhere")[0] == "elsewhere/a.jpg"


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("photo,note\na.jpg,x\n/b/c d.png,y\n", ""),
        ("\ufeffid,Path\n1,a.jpg\n2,/b/c d.png\n", ""),
        ("note,where\nx,a.jpg\ny,/b/c d.png\n", "where"),
        (",path,title\n0,a.jpg,x\n1,/b/c d.png,y\n", ""),
        ("note,where\nx,a.jpg\ny,/b/c d.png\n", "2"),
        ("x,a.jpg\n\ny,/b/c d.png\n", "2"),  # no row of names
        ("a.jpg\n/b/c d.png\n", ""),
        ('note;photo\n"x;y";a.jpg\nz;/b/c d.png\n', ""),
        ('photo,note\na.jpg,"two\nlines"\n"/b/c d.png",y\n', ""),
    ],
)
def test_tables_have_a_column_of_paths(tmp_path: Path, text: str, column: str) -> None:
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    assert names([tmp_path / "list.csv"], column=column) == [str(tmp_path / "a.jpg"), "/b/c d.png"]


def test_the_numbers_of_a_table_are_those_of_its_photos(tmp_path: Path) -> None:
    (tmp_path / "list.tsv").write_text("image_id\tfile_name\n17\ta.jpg\nx1\tb.jpg\n")
    assert [photo.id for photo in find_photos([str(tmp_path / "list.tsv")])] == [17, "x1"]


@pytest.mark.parametrize(
    ("name", "content", "column", "reason"),
    [
        ("list.csv", "a,b\n1,2\n", "", "its columns are a, b; name one with --column"),
        ("list.csv", "a,b\n1,2\n", "c", "no column 'c'"),
        ("list.csv", "a,b\n1,2\n", "3", "no column '3'"),
        ("list.csv", "a,photo\n1\n", "", "cannot read"),
        ("list.csv", "photo\n", "", "no photos in the table"),
        ("list.json", "[1]", "", "expected a COCO or Karpathy JSON"),
        ("list.json", '{"images": [{"id": 1}]}', "", "KeyError"),
        ("list.json", '{"images": []}', "", "no photos in the"),
        ("page.html", "<p>", "", "no photos in the page"),
    ],
)
def test_lists_that_name_no_photos_are_user_errors(
    tmp_path: Path, name: str, content: str, column: str, reason: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=reason):
        names([tmp_path / name], column=column)


@pytest.mark.parametrize("nothing", ["", "*.jpg"])
def test_a_folder_or_pattern_without_photos_is_a_user_error(tmp_path: Path, nothing: str) -> None:
    with pytest.raises(UserError, match="no photos in the"):
        names([tmp_path / nothing])


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_shards_give_the_bytes_of_their_photos(tmp_path: Path, mode: str) -> None:
    long = "d/" * 60 + "long name.png"  # takes an extended header
    members = {"d/0001.jpg": b"first", "d/0001.json": b"{}", "0002.seg.png": b"", long: b"x" * 5000}
    path = shard(tmp_path / ("a.tar" if mode == "w" else "a.tar.gz"), members, mode)
    photos = list(find_photos([str(tmp_path / "a.tar*")]))
    assert [photo.name for photo in photos] == [f"{path}/{name}" for name in members if not name.endswith("json")]
    assert [photo.source() for photo in photos] == [b"first", b"", b"x" * 5000]
    assert [photo.id for photo in photos] == [1, 2, "long name"]


@pytest.mark.parametrize("cut", [700, 1100, 1540, 2000])
def test_of_a_damaged_shard_the_rest_is_told(tmp_path: Path, cut: int) -> None:
    path = shard(tmp_path / "a.tar", {f"{number}.jpg": b"x" * 100 for number in range(4)})
    whole = path.read_bytes()
    path.write_bytes(whole[:cut])
    *good, last = find_photos([str(path)])
    assert len(good) >= cut // 1024
    with pytest.raises(PhotoError, match="damaged"):
        last.source()
    path.write_bytes(whole[:1024] + b"!" * 512 + whole[1536:])
    *good, last = find_photos([str(path)])
    assert [photo.member for photo in good] == ["0.jpg"]
    assert "damaged from byte 1024 on" in last.problem


def test_a_shard_that_is_none_is_one_photo_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"no tar" * 200)
    (tmp_path / "b.tgz").write_bytes(b"\x1f\x8b" + b"nonsense" * 200)
    for photo in find_photos([str(tmp_path / "a.tar"), str(tmp_path / "b.tgz"), str(tmp_path / "missing.tar")]):
        with pytest.raises(PhotoError, match=r"tar|no such file"):
            photo.source()


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, reason in (
        (tmp_path / "pipe", "not a file"),
        (Path("a\0b.jpg"), "cannot be read"),
        (Path("x"), "no such"),
    ):
        (photo,) = find_photos([str(path)])
        with pytest.raises(PhotoError, match=reason):
            photo.source()


def test_shares_are_all_photos_once_each(tmp_path: Path) -> None:
    photos = [f"{number}.jpg" for number in range(11)]
    shares = [[p.name for p in take_shard(find_photos(photos), f"{i}/3")] for i in (1, 2, 3)]
    assert sorted(chain(*shares), key=photos.index) == photos
    assert [len(share) for share in shares] == [4, 4, 3]
    assert [p.name for p in take_shard(find_photos(photos), "")] == photos


@pytest.mark.parametrize("wrong", ["0/3", "4/3", "1", "a/b", "1/", "-1/3", "1/0"])
def test_a_share_that_is_none_is_a_user_error(wrong: str) -> None:
    with pytest.raises(UserError, match="--shard must be i/n"):
        take_shard([], wrong)


def test_a_long_list_is_never_held(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("photo\n" + "a.jpg\n" * 5_000)
    tracemalloc.start()
    assert sum(1 for _ in find_photos([str(tmp_path / "list.csv")])) == 5_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500_000
