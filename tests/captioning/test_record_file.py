from __future__ import annotations

import io
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from captioning.inputs import Wanted
from captioning.outputs import FORMATS, Record
from captioning.places import keep
from captioning.record_file import RecordFile
from shared.errors import UserError
from tests.captioning.test_places import records

PHOTOS = [
    Wanted(Path(name), number)
    for number, name in enumerate(
        ["a.jpg", 'b "quoted", twice.jpg', "two\nlines.jpg", "é€.jpg", "caf\udce9.jpg", "a.jpg"] * 2
    )
]


def resumed(path: Path, form: str, photos: Iterable[Wanted] = PHOTOS) -> int:
    place = RecordFile(str(path), form, resume=True)
    return keep(place, records(place.remaining(iter(photos))))


def fresh(path: Path, form: str, photos: Iterable[Wanted] = PHOTOS) -> int:
    return keep(RecordFile(str(path), form, overwrite=True), records(photos))


@pytest.mark.parametrize("form", FORMATS)
def test_cut_off_anywhere_it_becomes_whole(tmp_path: Path, form: str) -> None:
    path = tmp_path / "out"
    assert fresh(path, form) == 2
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        assert resumed(path, form) == 2, cut
        assert path.read_bytes() == whole, cut


@pytest.mark.parametrize("form", FORMATS)
def test_photos_that_came_and_went_since_are_neither_lost_nor_repeated(tmp_path: Path, form: str) -> None:
    path, chance = tmp_path / "out", random.Random(1)
    before = [Wanted(Path(f"{number % 9}.jpg"), number % 9) for number in range(20)]
    fresh(path, form, before[:13])
    after = [*before, Wanted(Path("new.jpg"), 99)]
    chance.shuffle(after)
    resumed(path, form, after)
    with path.open(newline="") as lines:
        found = [key for key, _ in FORMATS[form].read(lines)]
    assert sorted(found) == sorted(FORMATS[form].key(photo.name, photo.id) for photo in after)


def test_each_record_is_in_the_file_at_once(tmp_path: Path) -> None:
    place = RecordFile(str(tmp_path / "out"), "jsonl")
    for number, record in enumerate(records(PHOTOS[:3]), 1):
        place.write(record)
        assert (tmp_path / "out").read_bytes().count(b"\n") == number
    place.close(True)


def test_a_file_is_neither_replaced_unasked_nor_shared(tmp_path: Path) -> None:
    path = tmp_path / "out"
    first = RecordFile(str(path), "jsonl")
    with pytest.raises(UserError, match="is being written by another run"):
        RecordFile(str(path), "jsonl", resume=True)
    keep(first, records(PHOTOS))
    before = path.read_bytes()
    with pytest.raises(UserError, match="--resume goes on with it, --overwrite begins anew"):
        RecordFile(str(path), "jsonl")
    assert path.read_bytes() == before
    fresh(path, "jsonl", PHOTOS[:1])
    assert len(path.read_bytes().splitlines()) == 1


@pytest.mark.parametrize(
    ("form", "foreign"),
    [
        ("jsonl", b"a diary\n"),
        ("jsonl", b'{"photo": "a.jpg"}\n{}\n{"photo": "b.jpg"}\n'),
        ("jsonl", b'{"photo": "a.jpg"}\n' + bytes(100_000)),
        ("csv", b"name,age\nx,1\n"),
        ("csv", b"photo,caption,log_prob,error\na,b\n"),
        ("coco", b'{"images": []}\n'),
        ("text", b"a diary\n"),
    ],
)
def test_another_file_is_left_alone(tmp_path: Path, form: str, foreign: bytes) -> None:
    (tmp_path / "out").write_bytes(foreign)
    with pytest.raises(UserError, match="is no output of this command"):
        RecordFile(str(tmp_path / "out"), form, resume=True)
    assert (tmp_path / "out").read_bytes() == foreign


def test_standard_output_and_pipes_grow_but_cannot_be_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(RecordFile("", "text"), records(PHOTOS[:1]))
    assert capsys.readouterr().out == "a.jpg\ta dog\n"
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out := io.BytesIO(), "utf-8"))
    keep(RecordFile("", "text"), [Record("caf\udce9.jpg", 1, "a dog")])
    assert out.getvalue() == b"caf\xe9.jpg\ta dog\n"
    with pytest.raises(UserError, match="name it with -o"):
        RecordFile("-", "text", resume=True)
    keep(RecordFile("/dev/null", "text"), records(PHOTOS))
    with pytest.raises(UserError, match="cannot write"):
        RecordFile(str(tmp_path / "none" / "out"), "text")
