"""IAM-OnDB in its official layout, gathered into one file of lines.

lineStrokes/a01/a01-000/a01-000u-01.xml     the ink of one line
ascii/a01/a01-000/a01-000u.txt              the text of a form; after "CSR:" a row for each line
trainset.txt  testset_v.txt  testset_t.txt  testset_f.txt     the forms of each split, in the folder or in one of its own
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, parse

from handwriting.formats import write_whole
from shared.errors import UserError

SPLITS = ("trainset", "testset_v", "testset_t", "testset_f")
KNOWN_BAD, CROSSED_OUT, JUMP, NO_TEXT, ONE_SOURCE, ODD_PACE = 1, 2, 4, 8, 16, 32
"""Bits of `flags`. KNOWN_BAD comes from lists that the archives do not hold; it is never set here."""
LARGEST_OFFSET = 400
"""tablet units; a longer way between two points of a stroke is a jump"""
POINTS_A_CHARACTER = (8.0, 55.0)
"""what people spend; lines outside do not belong to their text"""


_TOKEN_SPACES = [
    (re.compile(pattern), joined)
    for pattern, joined in (
        (r"(?<=\w) ?' ?(?=(?:s|t|d|m|ll|re|ve)\b)", "'"),  # I 've, didn ' t
        (r"(?<=\d) ?, ?(?=\d{3}\b)", ","),  # 15 , 000
        (r"(?<=\d) (?=\.\d)", ""),  # 17 .00
        (r"(?<=\b[A-Z]) \. ?(?=[A-Z] ?\.)", "."),  # U .S .
        (r"\( (?=\S)", "("),
        (r"(?<=\S) (?=[.,;:!?)]+(?:[\s\"')]|$))", ""),  # Peers .
        (r'^" (?=[^"]*$)', '"'),  # an opening quote alone in its line
        (r'(?<=[.,;:!?]) (?="$)', ""),  # a closing one
    )
]


class Line(NamedTuple):
    """One line of the data base."""

    name: str
    points: np.ndarray
    """[T, 2] absolute, tablet units, y downward"""
    pen_up: np.ndarray
    text: str
    split: int


def prepare(folder: Path, output: Path) -> str:
    """Reads all lines below `folder` and writes them into `output`; returns a sentence on what was found.

    Raises:
        UserError: if parts of the data base are missing, a file is damaged, or the output cannot be written.
    """
    missing = [part for part in ("lineStrokes", "ascii") if not (folder / part).is_dir()]
    if missing:
        raise UserError(f"{folder} lacks {' and '.join(missing)}; extract the archives lineStrokes and ascii into it")
    splits = _splits(folder)
    lines = list(_lines(folder, splits))
    if not lines:
        raise UserError(f"{folder / 'lineStrokes'} holds no .xml file")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **columns(lines))  # type: ignore[arg-type]
    write_whole(output, buffer.getvalue())
    without = sum(not line.text for line in lines)
    return (
        f"wrote {len(lines)} lines, {sum(len(line.points) for line in lines)} points, to {output}"
        + (f"; {without} have no text" if without else "")
        + ("" if splits else "; no split lists (trainset.txt, …) were found, so all lines are in split -1")
    )


def columns(lines: list[Line]) -> dict[str, np.ndarray]:
    """The lines as arrays, their points laid end to end."""
    offsets = [np.diff(line.points, axis=0, prepend=line.points[:1]) for line in lines]
    length = np.array([len(line.points) for line in lines], dtype=np.int32)
    dx, dy = np.concatenate(offsets).astype(np.int16).T
    return {
        "dx": dx,
        "dy": dy,
        "pen_up": np.concatenate([line.pen_up for line in lines]).astype(np.uint8),
        "length": length,
        "offset": np.concatenate([[0], length.cumsum(dtype=np.int64)]),
        "start": np.stack([line.points[0] for line in lines]).astype(np.int16),
        "line_id": np.array([line.name for line in lines]),
        "text": np.array([line.text for line in lines]),
        "text_norm": np.array([join_tokens(line.text) for line in lines]),
        "writer": np.full(len(lines), -1, dtype=np.int32),
        "split": np.array([line.split for line in lines], dtype=np.int8),
        "flags": np.array([_flags(*pair) for pair in zip(lines, offsets, strict=True)], dtype=np.uint8),
    }


def join_tokens(text: str) -> str:
    """Undoes the spacing of a tokenised transcription: "Mr . Foot 's" was written "Mr. Foot's"."""
    for spaced, joined in _TOKEN_SPACES:
        text = spaced.sub(joined, text)
    return text


def read_ink(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """The absolute points of a line [T, 2] and which of them end a stroke.

    Raises:
        UserError: if the file is not the XML of a line.
    """
    try:
        strokes = [
            [(int(point.attrib["x"]), int(point.attrib["y"])) for point in stroke.iter("Point")]
            for stroke in parse(file).iter("Stroke")
        ]
    except (ParseError, DefusedXmlException, KeyError, ValueError, OSError) as error:
        raise UserError(f"{file} is not the ink of a line: {error}") from error
    strokes = [stroke for stroke in strokes if stroke]
    if not strokes:
        raise UserError(f"{file} holds no point")
    pen_up = np.zeros(sum(map(len, strokes)), dtype=bool)
    pen_up[np.cumsum([len(stroke) for stroke in strokes]) - 1] = True
    return np.concatenate([np.array(stroke) for stroke in strokes]), pen_up


def _lines(folder: Path, splits: dict[str, int]) -> Iterator[Line]:
    texts: dict[Path, list[str]] = {}
    for file in sorted((folder / "lineStrokes").rglob("*.xml")):
        form, _, number = file.stem.rpartition("-")
        source = folder / "ascii" / file.parent.relative_to(folder / "lineStrokes") / f"{form}.txt"
        rows = texts.setdefault(source, _texts(source))
        row = int(number) - 1 if number.isdigit() else -1
        yield Line(file.stem, *read_ink(file), rows[row] if 0 <= row < len(rows) else "", splits.get(form, -1))


def _texts(source: Path) -> list[str]:
    """The rows after "CSR:" (corrected: what was really written), one for each line of the form."""
    if not source.is_file():
        return []
    _, _, corrected = source.read_text(encoding="latin-1").partition("CSR:")
    return [row.strip() for row in corrected.splitlines() if row.strip()]


def _splits(folder: Path) -> dict[str, int]:
    """The split of each form that a list names."""
    found: dict[str, int] = {}
    for number, name in enumerate(SPLITS):
        for file in sorted(folder.rglob(f"{name}.txt"))[:1]:
            found |= {form.strip(): number for form in file.read_text().split()}
    return found


def _flags(line: Line, offsets: np.ndarray) -> int:
    pace = len(line.points) / max(1, len(line.text))
    least, most = POINTS_A_CHARACTER
    drawn = offsets[1:][~line.pen_up[:-1]]
    return (
        ONE_SOURCE
        | CROSSED_OUT * ("#" in line.text)
        | JUMP * bool((np.hypot(*drawn.T) > LARGEST_OFFSET).any())
        | NO_TEXT * (not line.text)
        | ODD_PACE * (not least <= pace <= most)
    )
