"""IAM-OnDB in its official layout, gathered into one file of lines.

lineStrokes/a01/a01-000/a01-000u-01.xml     the ink of one line
ascii/a01/a01-000/a01-000u.txt              the text of a form; after "CSR:" a row for each line
trainset.txt  testset_v.txt  testset_t.txt  testset_f.txt     the forms of each split
forms.txt                                   which writer each form is by; it may be missing, and writers are then -1

Each part may be a folder or still packed (lineStrokes-all.tar.gz, ascii-all.tar.gz), at the top of the given folder or below.
"""

from __future__ import annotations

import io
import re
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from handwriting.archive import files_of
from shared.errors import UserError
from shared.files import check_place, write_whole

PARTS = ("lineStrokes", "ascii")
SPLITS = ("trainset", "testset_v", "testset_t", "testset_f")
KNOWN_BAD, CROSSED_OUT, JUMP, NO_TEXT, ONE_SOURCE, ODD_PACE = 1, 2, 4, 8, 16, 32
"""Bits of `flags`. KNOWN_BAD comes from lists that the archives do not hold; it is never set here."""
LARGEST_PLACE = 2**14 - 1
"""tablet units, so that offsets fit into 16 bits; the data base goes up to 10,000"""
LARGEST_OFFSET = 400
"""tablet units; a longer way between two points of a stroke, to a side or up or down, is a jump"""
POINTS_A_CHARACTER = (8.0, 55.0)
"""what people spend; lines outside do not belong to their text"""
_FORM_AND_WRITER = re.compile(r"^\s*([a-z]\d\d-\d{3}[a-z]?)\s+(\d{1,9})\b", re.MULTILINE)
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
    writer: int = -1

    @property
    def form(self) -> str:
        """The sheet it is written on."""
        return self.name.rpartition("-")[0]


def prepare(source: Path, output: Path) -> str:
    """Reads all lines of the data base and writes them into `output`; returns a sentence on what was found.

    Args:
        source: a folder with the archives, packed or not, or one packed archive with everything.
        output: the file of lines.

    Raises:
        UserError: if parts of the data base are missing, a file is damaged, or the output cannot be written.
    """
    check_place(output)
    found = _Found()
    for name, content in files_of(source, PARTS, _wanted):
        found.take(name, content)
    missing = [part for part, there in zip(PARTS, (found.ink, found.texts), strict=True) if not there]
    if missing:
        archives = " and ".join(f"{part}-all.tar.gz" for part in missing)
        raise UserError(f"{source} lacks {' and '.join(missing)}; put {archives} there, packed or extracted")
    lines = found.lines()
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **columns(lines))  # type: ignore[arg-type]
    write_whole(output, buffer.getvalue())
    return "; ".join(
        [
            f"wrote {len(lines)} lines, {sum(len(line.points) for line in lines)} points, to {output}",
            *found.shortcomings(lines),
        ]
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
        "writer": np.array([line.writer for line in lines], dtype=np.int32),
        "split": np.array([line.split for line in lines], dtype=np.int8),
        "flags": np.array([_flags(*pair) for pair in zip(lines, offsets, strict=True)], dtype=np.uint8),
    }


def join_tokens(text: str) -> str:
    """Undoes the spacing of a tokenised transcription: "Mr . Foot 's" was written "Mr. Foot's"."""
    for spaced, joined in _TOKEN_SPACES:
        text = spaced.sub(joined, text)
    return text


def read_strokes(content: bytes) -> list[list[tuple[int, int]]]:
    """The strokes of a line, each as its absolute points.

    Raises:
        UserError: if this is not the XML of a line.
    """
    try:
        strokes = [
            [(int(point.attrib["x"]), int(point.attrib["y"])) for point in stroke.iter("Point")]
            for stroke in fromstring(content).iter("Stroke")
        ]
    except (ParseError, DefusedXmlException, KeyError, ValueError, LookupError) as error:
        raise UserError(f"it is not the ink of a line of IAM-OnDB ({str(error)[:100]})") from error
    return [stroke for stroke in strokes if stroke]


def _wanted(name: PurePosixPath) -> bool:
    return (
        (name.suffix == ".xml" and "lineStrokes" in name.parts)
        or (name.suffix == ".txt" and "ascii" in name.parts)
        or (name.suffix == ".txt" and name.stem in (*SPLITS, "forms"))
    )


class _Found:
    """What has been read so far."""

    def __init__(self) -> None:
        self.ink: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.texts: dict[str, list[str]] = {}
        self.splits: dict[str, set[str]] = {}
        self.writers: dict[str, int] = {}

    def take(self, name: PurePosixPath, content: bytes) -> None:
        """Reads a file.

        Raises:
            UserError: if it is damaged.
        """
        if name.suffix == ".xml":
            self.ink.setdefault(name.stem, _points(name, content))
        elif "ascii" in name.parts:
            # After "CSR:" (corrected: what was really written) a row for each line of the form.
            _, _, corrected = content.decode("latin-1").partition("CSR:")
            self.texts.setdefault(name.stem, [row.strip() for row in corrected.splitlines() if row.strip()])
        elif name.stem == "forms":
            self.writers |= {form: int(writer) for form, writer in _FORM_AND_WRITER.findall(content.decode("latin-1"))}
        else:
            self.splits.setdefault(name.stem, set(content.decode("latin-1").split()))

    def lines(self) -> list[Line]:
        """All lines, by name."""
        split = {form: number for number, name in enumerate(SPLITS) for form in self.splits.get(name, ())}
        found = []
        for name, (points, pen_up) in sorted(self.ink.items()):
            form, _, number = name.rpartition("-")
            rows, row = self.texts.get(form, []), int(number) - 1 if number.isdecimal() else -1
            text = rows[row] if 0 <= row < len(rows) else ""
            found.append(Line(name, points, pen_up, text, split.get(form, -1), self.writers.get(form, -1)))
        return found

    def shortcomings(self, lines: list[Line]) -> list[str]:
        """What is not there, said apart: texts of lines, texts of forms, forms of splits, lists of splits."""
        bare = [line for line in lines if line.form not in self.texts]
        listed = set().union(*self.splits.values())
        counts = {
            "have no text": sum(not line.text for line in lines) - len(bare),
            "lack the text of their form" + (f" ({bare[0].form}, …)" if bare else ""): len(bare),
            "have no writer in forms.txt": sum(line.writer < 0 for line in lines) if self.writers else 0,
            "are in no split": sum(line.split < 0 for line in lines) if self.splits else 0,
            f"of {len(listed)} forms in the split lists have no ink": len(listed - {line.form for line in lines}),
        }
        said = [f"{count} {what}" for what, count in counts.items() if count]
        absent = [f"{name}.txt" for name in SPLITS if name not in self.splits]
        if not self.splits:
            said.append("no split lists (trainset.txt, …) were found, so all lines are in split -1")
        elif absent:
            said.append(f"there is no {', '.join(absent)}")
        return said


def _points(name: PurePosixPath, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The absolute points of a line [T, 2] and which of them end a stroke."""
    try:
        strokes = read_strokes(content)
    except UserError as error:
        raise UserError(f"{name} cannot be read: {error}") from error
    if not strokes:
        raise UserError(f"{name} cannot be read: it holds no point")
    places = [place for stroke in strokes for point in stroke for place in point]
    if max(map(abs, places)) > LARGEST_PLACE:
        raise UserError(f"{name} cannot be read: it has a point beyond any tablet")
    pen_up = np.zeros(len(places) // 2, dtype=bool)
    pen_up[np.cumsum([len(stroke) for stroke in strokes]) - 1] = True
    return np.array(places, dtype=np.int32).reshape(-1, 2), pen_up


def _flags(line: Line, offsets: np.ndarray) -> int:
    pace = len(line.points) / max(1, len(line.text))
    least, most = POINTS_A_CHARACTER
    drawn = offsets[1:][~line.pen_up[:-1]]
    return (
        ONE_SOURCE
        | CROSSED_OUT * ("#" in line.text)
        | JUMP * bool((np.abs(drawn) > LARGEST_OFFSET).any())
        | NO_TEXT * (not line.text)
        | ODD_PACE * (not least <= pace <= most)
    )
