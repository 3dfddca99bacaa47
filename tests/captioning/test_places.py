from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from captioning.inputs import Wanted
from captioning.outputs import Record
from captioning.pages import Page
from captioning.places import BesidePhotos, PageCopy, Place, keep
from shared.errors import UserError


def records(photos: Iterable[Wanted]) -> Iterator[Record]:
    for photo in photos:
        error = "no such file" if photo.path.name.startswith("b") else ""
        yield Record(photo.name, photo.id, "" if error else "a dog", -1.5, error)


def beside(folder: Path, place: Place) -> int:
    photos = [Wanted(path, path.stem) for path in sorted(folder.iterdir()) if path.suffix in (".jpg", ".png")]
    return keep(place, records(place.remaining(iter(photos))))


def test_texts_lie_beside_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.jpg", "b.jpg", "c.d.png"):
        (tmp_path / name).touch()
    assert beside(tmp_path, BesidePhotos()) == 1
    assert {path.name: path.read_text() for path in tmp_path.glob("*.txt")} == {
        "a.txt": "a dog\n",
        "c.d.txt": "a dog\n",
    }
    assert "b.jpg: no such file" in capsys.readouterr().err
    (tmp_path / "a.txt").write_text("mine")
    assert beside(tmp_path, BesidePhotos()) == 3
    assert "a.txt is there already; --overwrite replaces it" in capsys.readouterr().err
    (tmp_path / "c.d.txt").unlink()
    assert beside(tmp_path, BesidePhotos(resume=True)) == 1
    assert (tmp_path / "a.txt").read_text() == "mine"
    assert (tmp_path / "c.d.txt").read_text() == "a dog\n"
    assert beside(tmp_path, BesidePhotos(overwrite=True)) == 1
    assert (tmp_path / "a.txt").read_text() == "a dog\n"
    assert not list(tmp_path.glob(".*"))


def test_two_photos_of_one_name_do_not_share_a_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.jpg", "a.png"):
        (tmp_path / name).touch()
    assert beside(tmp_path, BesidePhotos()) == 1
    assert "a.txt is there already" in capsys.readouterr().err
    time.sleep(0.02)  # the clock of files is coarse
    assert beside(tmp_path, BesidePhotos(overwrite=True)) == 1
    assert "a.txt is there already, of another photo" in capsys.readouterr().err


def test_texts_have_no_place_in_a_tar_and_one_meaning(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="take --format jsonl"):
        list(BesidePhotos().remaining(iter([Wanted(tmp_path / "a.tar", 1, "a.jpg")])))
    with pytest.raises(UserError, match="choose one"):
        BesidePhotos(resume=True, overwrite=True)


def test_a_page_is_copied_when_it_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, copy = tmp_path / "page.html", tmp_path / "copy.html"
    page.write_bytes(b"<img src=a.jpg><img src=b.jpg>")
    read = Page.read(page)
    photos = [Wanted(path, path.stem) for path in read.photos()]

    def interrupted() -> Iterator[Record]:
        yield from records(photos)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep(PageCopy(read, str(copy), "empty"), interrupted())
    assert not copy.exists()
    told = [Record(str(photos[0].path), "a", "a dog"), Record(str(photos[1].path), "b", error="no such file")]
    assert keep(PageCopy(read, str(copy), "empty"), told) == 1
    assert copy.read_bytes() == b'<img alt="a dog" src=a.jpg><img src=b.jpg>'
    assert "b.jpg: no such file" in capsys.readouterr().err
    with pytest.raises(UserError, match="is there already"):
        PageCopy(read, str(copy), "empty")
    with pytest.raises(UserError, match="is the page itself"):
        PageCopy(read, str(tmp_path / "." / "page.html"), "empty", overwrite=True)
    with pytest.raises(UserError, match="there is no folder"):  # before any photo is looked at
        PageCopy(read, str(tmp_path / "none" / "copy"), "empty")


def test_a_page_goes_to_standard_output_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_bytes(b"\xff\r\n")
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out := io.BytesIO()))
    keep(PageCopy(Page.read(tmp_path / "page.html"), "", "empty"), [])
    assert out.getvalue() == b"\xff\r\n"


def test_no_text_where_nothing_may_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = Wanted(tmp_path / "none" / "a.jpg", "a")
    place = BesidePhotos()
    assert keep(place, [Record(missing.name, "a", "a dog")]) == 1
    assert f"cannot write {tmp_path / 'none' / 'a.txt'}" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []
