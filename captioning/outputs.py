"""How captions are written down, and read back to go on: one format a class, each fed record by record.

A record is a line (in CSV, a row), complete when its line feed is there: what was cut off in the middle is told from what was
not, in every format.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Stream(Protocol):
    """Anything that text can be written to."""

    def write(self, text: str, /) -> object: ...


@dataclass(frozen=True)
class Record:
    """What became of one photo: a caption, or the reason why there is none."""

    photo: str
    id: int | str
    caption: str = ""
    log_prob: float | None = 0.0
    """nats; none of a caption that is not the network's own"""
    error: str = ""
    others: tuple[tuple[str, float], ...] = ()
    """captions after the best, with their log-probabilities, when several were wanted"""


class Text:
    """A line a photo: its name, a tab, the caption or "error:" and the reason.

    Args:
        stream: where it is written.
        begun: whether records are there already.
    """

    def __init__(self, stream: Stream, begun: bool = False) -> None:
        self.stream = stream
        self.begun = begun

    def write(self, record: Record) -> None:
        said = f"error: {_one_line(record.error)}" if record.error else record.caption
        self.stream.write(f"{_one_line(record.photo)}\t{said}\n")

    def close(self) -> None:
        """Nothing is owed."""

    @staticmethod
    def key(photo: str, id: int | str) -> str:
        """By what a photo is known in this format."""
        return _one_line(photo)

    @staticmethod
    def read(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """The key of each record, and whether it is an error.

        Raises:
            ValueError, KeyError, TypeError, csv.Error: at what is no record.
        """
        for line in lines:
            photo, said = line.removesuffix("\n").split("\t", 1)
            yield photo, said.startswith("error: ")


class JsonLines(Text):
    """A JSON object a line, with `photo` and either `caption` and `log_prob` (nats) or `error`; `others` if several captions
    were wanted.
    """

    def write(self, record: Record) -> None:
        said = _said(record.caption, record.log_prob) if not record.error else {"error": record.error}
        others = {"others": [_said(*other) for other in record.others]} if record.others else {}
        self.stream.write(_json({"photo": record.photo, **said, **others}) + "\n")

    @staticmethod
    def key(photo: str, id: int | str) -> str:
        return photo

    @staticmethod
    def read(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
        for line in lines:
            record = json.loads(line)
            yield record["photo"], "error" in record


class Csv(Text):
    """A table with the columns photo, caption, log_prob, error."""

    COLUMNS = ("photo", "caption", "log_prob", "error")

    def __init__(self, stream: Stream, begun: bool = False) -> None:
        super().__init__(stream, begun)
        self.table = csv.writer(stream, lineterminator="\n")
        if not begun:
            self.table.writerow(self.COLUMNS)

    def write(self, record: Record) -> None:
        log_prob = "" if record.error or record.log_prob is None else round(record.log_prob, 4)
        self.table.writerow([record.photo, record.caption, log_prob, record.error])

    @staticmethod
    def key(photo: str, id: int | str) -> str:
        return photo

    @staticmethod
    def read(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
        rows = csv.reader(lines, strict=True)
        if tuple(next(rows, Csv.COLUMNS)) != Csv.COLUMNS:
            raise ValueError(f"the columns are not {', '.join(Csv.COLUMNS)}")
        for photo, _caption, _log_prob, error in rows:
            yield photo, bool(error)


class CocoResults(Text):
    """The results file that the COCO evaluation reads: a list of `image_id` and `caption`, a line a photo.

    It has no place for photos that failed: those are told on standard error, and tried again when a run goes on.
    """

    def write(self, record: Record) -> None:
        if record.error:
            print(f"{record.photo}: {record.error}", file=sys.stderr)
            return
        captions = [record.caption, *(caption for caption, _ in record.others)]
        line = ",".join(_json({"image_id": record.id, "caption": caption}) for caption in captions)
        self.stream.write(f"{',' if self.begun else '['}{line}\n")
        self.begun = True

    def close(self) -> None:
        self.stream.write("]\n" if self.begun else "[]\n")

    @staticmethod
    def key(photo: str, id: int | str) -> str:
        return str(id)

    @staticmethod
    def read(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
        for number, line in enumerate(lines):
            if line in ("]\n", "[]\n"):
                return
            if not line.startswith("," if number else "["):
                raise ValueError("not the results that this command writes")
            yield str(json.loads(f"[{line[1:]}]")[0]["image_id"]), False


FORMATS: dict[str, type[Text]] = {"text": Text, "jsonl": JsonLines, "csv": Csv, "coco": CocoResults}


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()).replace("\t", " ")


def _said(caption: str, log_prob: float | None) -> dict[str, Any]:
    return {"caption": caption} if log_prob is None else {"caption": caption, "log_prob": round(log_prob, 4)}


def _json(content: dict[str, Any]) -> str:
    """JSON in letters as they are, but for names of files that are no text: their bytes have to be escaped."""
    text = json.dumps(content, ensure_ascii=False)
    return text if text.isascii() or not _has_surrogates(text) else json.dumps(content)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)
