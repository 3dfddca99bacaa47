from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import UserError
from shared.run_folder import RunFolder

SETTINGS = {"task": {"size": 3}, "training": {"epochs": 2, "seed": 1}}


def write(folder: RunFolder, name: str, text: str) -> None:
    new = folder.fresh(name)
    new.mkdir()
    (new / "file").write_text(text)


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for text in ("one", "two"):
        write(folder, "state", text)
        folder.put_in_place("state")
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert (tmp_path / "state" / "file").read_text() == "two"


def test_a_kill_while_writing_or_renaming_leaves_a_state_to_go_on_from(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.open(SETTINGS, resume=True) is None
    write(folder, "state", "whole")
    folder.put_in_place("state")
    write(folder, "state", "half")  # killed before it is put in place
    assert folder.open(SETTINGS, resume=True) == tmp_path / "state"
    assert (tmp_path / "state" / "file").read_text() == "whole"
    (tmp_path / "state").rename(tmp_path / "state.old")  # killed between the two renames
    assert folder.open(SETTINGS, resume=True) == tmp_path / "state.old"


def test_only_the_same_run_is_resumed_and_none_is_overwritten(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.open(SETTINGS, resume=False)
    write(folder, "state", "")
    folder.put_in_place("state")
    with pytest.raises(UserError, match="already holds a run; continue it with --resume"):
        folder.open(SETTINGS, resume=False)
    folder.open({**SETTINGS, "training": {"epochs": 9, "seed": 1}}, resume=True)
    with pytest.raises(UserError, match="other settings: size was 3, now 4; seed was 1, now 2"):
        folder.open({"task": {"size": 4}, "training": {"epochs": 9, "seed": 2}}, resume=True)


def test_reports_after_the_last_save_are_forgotten(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.forget_after(0)
    for updates in (50, 100, 150):
        folder.report({"updates": updates})
        folder.keep_samples(updates, [{"text": "ink"}])
    folder.keep_samples(150, [])
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"upda')  # cut short by a kill
    folder.forget_after(100)
    assert sorted(path.name for path in (tmp_path / "samples").iterdir()) == ["00000050.json", "00000100.json"]
    assert (tmp_path / "metrics.jsonl").read_text() == '{"updates": 50}\n{"updates": 100}\n'


def test_a_run_older_than_a_setting_goes_on(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.open({"task": {"model": {"size": 3}}, "training": {"seed": 1}}, resume=False)
    write(folder, "state", "")
    folder.put_in_place("state")
    newer = {"task": {"model": {"size": 3, "cell": "lstm"}}, "training": {"seed": 1, "optimiser": "adamw"}}
    assert folder.open(newer, resume=True) == tmp_path / "state"
    with pytest.raises(UserError, match="size"):
        folder.open({"task": {"model": {"size": 4}}, "training": {"seed": 1}}, resume=True)
