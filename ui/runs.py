"""The trainings that the page "Train" shows: found under the one folder that the studio was told of, and only read."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas  # type: ignore[import-untyped]  # its stubs are a package of their own
import streamlit as st

from shared.run_reports import Point, aim, best, curves, find_runs, read_rows, thinned
from ui.settings import RUNS

MOST_POINTS = 1_500
"""of a curve that are drawn: more than a screen has room for"""
FRESH_SECONDS = 15 * 60
"""since something was last written, while a run is still thought to grow"""
ROOT = Path(__file__).resolve().parents[1]
SHIPPED = {
    "the scribe that came along": ROOT / "handwriting/weights/default",
    "the captioner that came along": ROOT / "captioning/weights/default",
}
FIRST_LOOK = ("log_likelihood", "CIDEr", "characters_right")
"""what models are chosen by"""

Curves = dict[str, dict[str, list[Point]]]


class Best(NamedTuple):
    """Where a run was at its best."""

    run: str
    number: str
    best: float
    updates: float
    minutes: float
    last: float


def folder() -> Path:
    """Where runs are looked for."""
    return Path(os.environ.get(RUNS, "."))


@st.cache_data(ttl=5, show_spinner=False, max_entries=4)
def found(folder: Path) -> dict[str, Path]:
    """The runs there by name, the one that was written to last first, and after them those of the models that came along."""
    shipped = {name: path for name, path in SHIPPED.items() if (path / "metrics.jsonl").is_file()}
    return {**find_runs(folder), **shipped}


def curves_of(run: Path) -> Curves:
    """The curves of a run; read again only when something was added."""
    try:
        about = (run / "metrics.jsonl").lstat()
    except OSError:
        return {}
    return _curves_of(run, about.st_mtime_ns, about.st_size)


@st.cache_data(show_spinner=False, max_entries=64)
def _curves_of(run: Path, written: int, size: int) -> Curves:
    return curves(read_rows(run))


def is_growing(run: Path) -> bool:
    """Whether something was written to it lately."""
    try:
        return time.time() - (run / "metrics.jsonl").lstat().st_mtime < FRESH_SECONDS
    except OSError:
        return False


def numbers(chosen: Mapping[str, Curves]) -> list[str]:
    """All numbers that any of the runs has, those that say how good it is first."""
    names = dict.fromkeys(name for own in chosen.values() for name in own)
    return sorted(names, key=lambda name: (name != "loss", name not in FIRST_LOOK, aim(name) is None))


def first_numbers(names: Sequence[str]) -> list[str]:
    """What is drawn unless somebody asks for something else."""
    return [name for name in names if name == "loss" or name in FIRST_LOOK][:3] or list(names[:2])


def table(chosen: Mapping[str, Curves], number: str) -> pandas.DataFrame:
    """The points of one number, as `charts.curves` takes them."""
    rows = [
        (run, kind, point.updates, point.minutes, point.value)
        for run, own in chosen.items()
        for kind, points in own.get(number, {}).items()
        for point in thinned(points, MOST_POINTS)
    ]
    return pandas.DataFrame(rows, columns=["run", "kind", "updates", "minutes", "value"])


def bests(chosen: Mapping[str, Curves], names: Sequence[str]) -> list[Best]:
    """The best of each number in each run: on validation data, where there is some."""
    rows = []
    for name in names:
        for run, own in chosen.items():
            points = own.get(name, {}).get("validation") or next(iter(own.get(name, {}).values()), [])
            point = best(points, name)
            if point is not None:
                rows.append(Best(run, name, point.value, point.updates, point.minutes, points[-1].value))
    return rows
