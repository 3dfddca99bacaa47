"""Reading what validations left in a run's folder samples/: ink, captions of photos, lines read. Nothing there is trusted."""

from __future__ import annotations

import math
import stat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from shared.run_reports import read_json

MOST_FILES, MOST_SAMPLES = 2_000, 12
MOST_POINTS, FARTHEST = 4_000, 1e6
MOST_CHARACTERS, MOST_SENTENCES = 400, 5


class Written(NamedTuple):
    """A line of ink."""

    text: str
    """what it says; "" where nobody told the network what to write"""
    strokes: Float[np.ndarray, "T 3"]
    """in tablet units"""


class Said(NamedTuple):
    """A caption."""

    file: str
    """of the photo, as the data set names it"""
    caption: str
    people: list[str]


class Read(NamedTuple):
    """A line of ink that was read."""

    text: str
    read: str


Sample = Written | Said | Read


def sample_files(run: Path) -> dict[int, Path]:
    """The files of a run's samples, by the updates after which they were made, in their order."""
    folder = run / "samples"
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return {}
        found = {
            int(path.stem): path for path in folder.glob("*.json") if path.stem.isdecimal() and len(path.stem) < 16
        }
    except OSError:
        return {}
    return dict(sorted(found.items())[-MOST_FILES:])


def read_samples(file: Path) -> list[Sample]:
    """The samples of a file that can be read; those of no known kind are left out."""
    kept = read_json(file)
    found = kept.get("samples") if isinstance(kept, dict) else None
    samples = [_sample(one) for one in found[:MOST_SAMPLES]] if isinstance(found, list) else []
    return [sample for sample in samples if sample is not None]


def _sample(one: Any) -> Sample | None:
    if not isinstance(one, dict):
        return None
    if "strokes" in one:
        strokes = _strokes(one["strokes"])
        return None if strokes is None else Written(_text(one.get("text")), strokes)
    if "caption" in one:
        people = one.get("people")
        sentences = [_text(sentence) for sentence in people[:MOST_SENTENCES]] if isinstance(people, list) else []
        return Said(_text(one.get("file")), _text(one["caption"]), sentences)
    return Read(_text(one.get("text")), _text(one["read"])) if "read" in one else None


def _strokes(points: Any) -> Float[np.ndarray, "T 3"] | None:
    if not isinstance(points, list):
        return None
    kept = [point for point in points[:MOST_POINTS] if _is_point(point)]
    return np.array(kept, dtype=np.float64) if len(kept) > 1 else None


def _is_point(point: Any) -> bool:
    return (
        isinstance(point, list)
        and len(point) == 3
        and all(isinstance(n, int | float) and math.isfinite(n) and abs(n) < FARTHEST for n in point)
    )


def _text(value: Any) -> str:
    return value[:MOST_CHARACTERS] if isinstance(value, str) else ""
