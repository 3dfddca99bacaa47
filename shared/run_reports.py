"""Reading the run folders that trainings leave, also while they grow. Nothing is written here, and nothing found is trusted: a line
may be half written, a file broken, huge, or none; a link may lead anywhere, so none is followed.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

DEPTH = 3
"""levels below a folder at which runs are looked for"""
MOST_FOLDERS, MOST_RUNS = 5_000, 200
"""folders that are opened, and runs that are taken, before the search is given up"""
MOST_BYTES = 8 * 2**20
"""of a file that are read; of a longer one its beginning and its end"""
MOST_SETTINGS = 400

Row = dict[str, float | str]
PLACE = ("epoch", "batch", "updates", "minutes")
"""numbers that say where a row stands, not how good the model is"""
_LOWER = re.compile(r"loss|nats|error|sse|dangling|unevenness|complexity|perplexity")
_HIGHER = re.compile(r"likelihood|bleu|rouge|meteor|cider|spice|reward|right|accuracy|closeness", re.IGNORECASE)


class Point(NamedTuple):
    """One number of one row."""

    updates: float
    epoch: float
    minutes: float
    value: float


def find_runs(folder: Path) -> dict[str, Path]:
    """The run folders at most `DEPTH` levels below a folder, or the folder itself ("."), by their path from there; the one that
    was written to last comes first.
    """
    found: list[tuple[float, str, Path]] = []
    level, opened = [folder], 0
    for depth in range(DEPTH + 1):
        below: list[Path] = []
        for path in level:
            opened += 1
            if opened > MOST_FOLDERS or len(found) >= MOST_RUNS:
                break
            written = _last_written(path)
            if written is not None:
                found.append((-written, path.relative_to(folder).as_posix(), path))
            elif depth < DEPTH:
                below += _folders(path)
        level = below
    return {name: path for _, name, path in sorted(found)}


def read_rows(run: Path) -> list[Row]:
    """The rows of a run's metrics.jsonl that can be read: plain finite numbers and short words by name, with `updates`."""
    rows = []
    for line in _lines(run / "metrics.jsonl"):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):  # half written, or no JSON
            continue
        if isinstance(row, dict):
            kept = {str(name)[:60]: plain for name, value in row.items() if (plain := _plain(value)) is not None}
            if isinstance(kept.get("updates"), float):
                rows.append(kept)
    return rows


def curves(rows: Sequence[Row]) -> dict[str, dict[str, list[Point]]]:
    """For each number that the rows have, the points of each kind of row ("train", "validation"), in their order."""
    found: dict[str, dict[str, list[Point]]] = {}
    for row in rows:
        kind = row.get("kind", "train")
        updates, epoch, minutes = (_number(row, name) for name in ("updates", "epoch", "minutes"))
        for name, value in row.items():
            if isinstance(value, float) and name not in PLACE:
                point = Point(updates, epoch, minutes, value)
                found.setdefault(name, {}).setdefault(str(kind), []).append(point)
    return found


def aim(name: str) -> Literal["min", "max"] | None:
    """Whether a number of that name should fall or rise; None for one that says nothing about quality."""
    if _HIGHER.search(name):
        return "max"
    return "min" if _LOWER.search(name.lower()) else None


def best(points: Sequence[Point], name: str) -> Point | None:
    """The best of a curve; None where no value is better than another."""
    wanted = aim(name)
    if not points or wanted is None:
        return None
    return (min if wanted == "min" else max)(points, key=lambda point: point.value)


def read_settings(run: Path) -> dict[str, str]:
    """What a run was asked to do, flat: "training.epochs": "10", …; empty where run.json cannot be read."""
    settings = read_json(run / "run.json")
    if not isinstance(settings, dict):
        return {}
    task, training = settings.get("task"), settings.get("training")
    return dict([*_flat("", task), *_flat("training.", training)][:MOST_SETTINGS])


def differences(settings: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The settings in which runs differ: by setting, what each run has; "" for a run that does not know it."""
    names = dict.fromkeys(name for own in settings.values() for name in own)
    table = {name: {run: own.get(name, "") for run, own in settings.items()} for name in names}
    return {name: row for name, row in table.items() if len(set(row.values())) > 1}


def read_json(file: Path) -> Any:
    """What a JSON file holds; None for one that is missing, too long or broken."""
    data = _read(file, MOST_BYTES)
    try:
        return json.loads(data) if data is not None and len(data) < MOST_BYTES else None
    except (ValueError, RecursionError):
        return None


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Every n-th point, so that at most about so many are left, with the last."""
    step = max(1, math.ceil(len(points) / most))
    return [*points[::step], *([points[-1]] if points and (len(points) - 1) % step else [])]


def _folders(path: Path) -> list[Path]:
    try:
        with os.scandir(path) as entries:
            own = (e for e in entries if not e.name.startswith(".") and e.is_dir(follow_symlinks=False))
            return sorted(Path(entry.path) for entry in own)
    except OSError:
        return []


def _last_written(run: Path) -> float | None:
    """When a run was last written to; None for a folder that is no run."""
    for name in ("metrics.jsonl", "run.json"):
        try:
            found = (run / name).lstat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            return found.st_mtime
    return None


def _lines(file: Path) -> list[str]:
    data = _read(file, MOST_BYTES)
    return [] if data is None else data.decode("utf-8", "replace").split("\n")


def _read(file: Path, most: int) -> bytes | None:
    """A file; of one that is longer than `most`, its two ends, with a line's end between them. No link, and no pipe."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as opened:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return None
        if found.st_size <= most:
            return opened.read(most)
        begin = opened.read(most // 2)
        opened.seek(-(most // 2), os.SEEK_END)
        return begin + b"\n" + opened.read(most // 2)


def _plain(value: Any) -> float | str | None:
    if isinstance(value, str):
        return value[:60]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _number(row: Row, name: str) -> float:
    value = row.get(name)
    return value if isinstance(value, float) else math.nan


def _flat(prefix: str, settings: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(settings, dict):
        return
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}"[:80], str(value)[:80]
