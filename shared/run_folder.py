"""The folder of a training run, and what a kill at any moment may not do to it.

run.json has the settings, the seed, the versions and the command; metrics.jsonl a line for each report; state/ all that is
needed to go on; best/ the model folder with the best validation so far; samples/ a file for each validation, with a few things
that the model made then.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from shared.errors import UserError

MAY_CHANGE = {"epochs", "save_minutes", "max_minutes", "patience", "validate_every", "samples"}
"""training settings that a resumed run may change: none of them reaches into the past"""


class RunFolder:
    """The files of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, settings: dict[str, Any], resume: bool) -> Path | None:
        """Makes the folder, or finds the run in it; returns the saved state to go on from, if there is one.

        Raises:
            UserError: if there is a run and it is not to be resumed, or if it is not the run that the settings describe.
        """
        file = self.path / "run.json"
        if file.exists() and not resume:
            raise UserError(f"{self.path} already holds a run; continue it with --resume, or choose another --out")
        # Between the two renames of `put_in_place`, the state has another name.
        state = next((s for s in (self.path / "state", self.path / "state.old") if s.is_dir()), None)
        if file.exists() and state:
            _check_same_run(json.loads(file.read_text()), settings)
        self.path.mkdir(parents=True, exist_ok=True)
        versions = {name: version(name) for name in ("torch", "accelerate")}
        file.write_text(json.dumps({**settings, "versions": versions, "command": sys.argv}, indent=2) + "\n")
        return state

    def report(self, numbers: dict[str, Any]) -> None:
        """Adds a line to metrics.jsonl."""
        with (self.path / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(numbers) + "\n")

    def keep_samples(self, updates: int, samples: list[dict[str, Any]]) -> None:
        """Writes what the model made after so many updates: a file that is there whole or not at all."""
        if samples:
            folder = self.path / "samples"
            folder.mkdir(exist_ok=True)
            new = folder / "new"
            new.write_text(json.dumps({"updates": updates, "samples": samples}) + "\n")
            os.replace(new, folder / f"{updates:08d}.json")

    def forget_after(self, updates: int) -> None:
        """Drops the reports and samples of updates after this one, which are about to be made again."""
        for samples in (self.path / "samples").glob("*.json"):
            if samples.stem.isdigit() and int(samples.stem) > updates:
                samples.unlink()
        file = self.path / "metrics.jsonl"
        if file.exists():
            kept = [line for line in file.read_text().splitlines() if _updates(line) <= updates]
            file.write_text("".join(line + "\n" for line in kept))

    def fresh(self, name: str) -> Path:
        """Where to write the next version of a folder; it counts only after `put_in_place`."""
        new = self.path / f"{name}.new"
        shutil.rmtree(new, ignore_errors=True)
        return new

    def put_in_place(self, name: str) -> None:
        """Lets the new version take the place of the old one, whole."""
        folder, old = self.path / name, self.path / f"{name}.old"
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        (self.path / f"{name}.new").rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _updates(line: str) -> float:
    try:
        return json.loads(line)["updates"]
    except (ValueError, KeyError):  # a line cut short by a kill
        return float("inf")


def _check_same_run(old: dict[str, Any], new: dict[str, Any]) -> None:
    differences = []
    # A run that is older than a setting cannot contradict it.
    new = {part: _known_to(old[part], new[part]) for part in ("task", "training")}
    for part in ("task", "training"):
        for name in sorted(old[part].keys() | new[part].keys()):
            before, now = (json.loads(json.dumps(settings[part].get(name))) for settings in (old, new))
            if before != now and not (part == "training" and name in MAY_CHANGE):
                differences.append(f"{name} was {before}, now {now}")
    if differences:
        raise UserError(
            f"the run to resume had other settings: {'; '.join(differences)}; give the same ones, or another --out"
        )


def _known_to(old: Any, new: Any) -> Any:
    """The new settings without those that the old ones lack, at any depth."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {name: _known_to(old[name], value) for name, value in new.items() if name in old}
