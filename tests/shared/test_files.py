from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.errors import UserError
from shared.files import check_place, read_at_most, read_text, whole_folder, write_whole


def test_a_file_appears_with_the_rights_that_others_have(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["a", "usual"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"old")

    def broken(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(UserError, match="cannot write .*a: No space left on device"):
        write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(source: object, target: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a", b"new")
    assert os.listdir(tmp_path) == []


def test_places_are_checked_before_the_work(tmp_path: Path) -> None:
    check_place(tmp_path / "a")
    with pytest.raises(UserError, match="it is a folder"):
        check_place(tmp_path)
    with pytest.raises(UserError, match="there is no folder"):
        check_place(tmp_path / "none" / "a")


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "deep" / ".a.part").mkdir(parents=True)
    (tmp_path / "deep" / ".a.part" / "old").touch()  # of a run that was killed
    with whole_folder(tmp_path / "deep" / "a") as scratch:
        (scratch / "new").write_bytes(b"new")
        assert not (tmp_path / "deep" / "a").exists()
    assert os.listdir(tmp_path / "deep") == ["a"]
    assert os.listdir(tmp_path / "deep" / "a") == ["new"]


def test_a_folder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot write .*a: No space left on device"), whole_folder(tmp_path / "a"):
        raise OSError(28, "No space left on device")
    with pytest.raises(KeyError), whole_folder(tmp_path / "a"):
        raise KeyError
    assert os.listdir(tmp_path) == []


def test_a_text_file_is_read_as_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffcafé\n".encode())
    assert read_text(tmp_path / "a.txt") == "café\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [("none.txt", "No such file"), (".", "Is a directory"), ("latin.txt", "no text in UTF-8 .see byte 3.")],
)
def test_what_is_no_text_file_is_refused(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("café".encode("latin-1"))
    with pytest.raises(UserError, match=message):
        read_text(tmp_path / name)


def test_of_a_file_that_is_too_long_only_its_beginning_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abcdef")
    assert read_at_most(path, 6) == b"abcdef"
    assert read_at_most(path, 3) == b"abcd"
    with pytest.raises(UserError, match="cannot read .*/missing: No such file"):
        read_at_most(tmp_path / "missing", 3)


def test_what_a_link_points_at_is_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("folder/real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "real").read_bytes() == b"new"
