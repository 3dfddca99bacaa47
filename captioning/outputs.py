"""How captions are written down: one writer a format, each fed record by record."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


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
    log_prob: float = 0.0
    error: str = ""


class Text:
    """A line a photo: its name, a tab, the caption or "error:" and the reason."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def write(self, record: Record) -> None:
        name = " ".join(record.photo.splitlines()).replace("\t", " ")
        self.stream.write(f"{name}\t{f'error: {record.error}' if record.error else record.caption}\n")

    def close(self) -> None:
        """Nothing is owed."""


class JsonLines(Text):
    """A JSON object a line, with `photo` and either `caption` and `log_prob` (nats) or `error`."""

    def write(self, record: Record) -> None:
        said = (
            {"error": record.error}
            if record.error
            else {"caption": record.caption, "log_prob": round(record.log_prob, 4)}
        )
        self.stream.write(json.dumps({"photo": record.photo, **said}, ensure_ascii=False) + "\n")


class Csv(Text):
    """A table with the columns photo, caption, log_prob, error."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self.table = csv.writer(stream, lineterminator="\n")
        self.table.writerow(["photo", "caption", "log_prob", "error"])

    def write(self, record: Record) -> None:
        log_prob = "" if record.error else round(record.log_prob, 4)
        self.table.writerow([record.photo, record.caption, log_prob, record.error])


class CocoResults(Text):
    """The results file that the COCO evaluation reads: a list of `image_id` and `caption`.

    It has no place for photos that failed: those are told on standard error.
    """

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self.before = "[\n"

    def write(self, record: Record) -> None:
        if record.error:
            print(f"{record.photo}: {record.error}", file=sys.stderr)
            return
        result = {"image_id": record.id, "caption": record.caption}
        self.stream.write(self.before + json.dumps(result, ensure_ascii=False))
        self.before = ",\n"

    def close(self) -> None:
        self.stream.write("[]\n" if self.before == "[\n" else "\n]\n")


WRITERS: dict[str, Callable[[Stream], Text]] = {"text": Text, "jsonl": JsonLines, "csv": Csv, "coco": CocoResults}
