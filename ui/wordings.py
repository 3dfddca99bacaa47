"""Captions in the words that the visitor wants: chosen among the network's, or typed; and all of them as files."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import streamlit as st

from captioning.outputs import FORMATS, Record
from ui.photos import Photo
from ui.sentences import as_sentence

LONGEST_CAPTION = 500
TABLE = "number of the table"
ROWS = "rows of the table"


class Download(NamedTuple):
    label: str
    file: str
    kind: str


DOWNLOADS = {
    "csv": Download("CSV", "captions.csv", "text/csv"),
    "jsonl": Download("JSONL", "captions.jsonl", "application/jsonl"),
    "coco": Download("COCO results", "captions.json", "application/json"),
    "text": Download("Text", "captions.txt", "text/plain"),
}
"""by the names that `captioning caption --format` has for them"""


def reworded(record: Record, text: str) -> Record:
    """A record with the caption that somebody wants instead: one of the others, or their own words, which have no probability."""
    text = " ".join(text.split())[:LONGEST_CAPTION]
    if not text or text == record.caption:
        return record
    others = dict(record.others)
    if text not in others:
        return dataclasses.replace(record, caption=text, log_prob=None, error="")
    rest = ((caption, log_prob) for caption, log_prob in record.others if caption != text)
    return dataclasses.replace(
        record, caption=text, log_prob=others[text], others=((record.caption, record.log_prob or 0.0), *rest)
    )


def as_file(form: str, records: Sequence[Record]) -> bytes:
    """What the batch command would write, one of DOWNLOADS. COCO's results have one caption a photo, and no place for failures."""
    if form == "coco":
        records = [dataclasses.replace(record, others=()) for record in records if not record.error]
    writer = FORMATS[form](stream := io.StringIO())
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue().encode(errors="replace")


def offer_downloads(records: Sequence[Record]) -> None:
    with st.container(horizontal=True):
        for form, (label, file, kind) in DOWNLOADS.items():
            st.download_button(
                label, partial(as_file, form, records), file, kind, key=f"download {form}", on_click="ignore",
                icon=":material/download:",
            )  # fmt: skip


def wanted(photo: Photo, record: Record) -> Record:
    """The record in the visitor's words, if they have changed it."""
    changed = _changed()
    return reworded(record, changed.get((photo.key, record.caption)) or changed.get((photo.key, _said(record)), ""))


def sentence(photo: Photo, record: Record) -> str:
    """The visitor's words as they were typed, or the network's as a sentence; "" where there are none."""
    caption = wanted(photo, record).caption
    return as_sentence(caption) if caption and caption == record.caption else caption


def reword(photo: Photo, record: Record, text: str) -> None:
    """Keeps what the visitor wants a photo's caption to be.

    Typed words stay until the network says something else of the photo; a choice among its captions, as long as they are these.
    """
    typed, chosen = (photo.key, record.caption), (photo.key, _said(record))
    changed = _changed()
    changed.pop(typed, None)
    changed[chosen if text in dict(record.others) or text == record.caption else typed] = text
    st.session_state[TABLE] = st.session_state.get(TABLE, 0) + 1


def ask_for_wording(photo: Photo, record: Record) -> None:
    """A box for the caption of one photo."""
    key = "wording"
    st.session_state[key] = wanted(photo, record).caption  # which may have been changed elsewhere
    st.text_input(
        "Your wording", key=key, max_chars=LONGEST_CAPTION, on_change=lambda: reword(photo, record, st.session_state[key]),
        help="What the downloads say. Empty it to have the network's own words back.",
    )  # fmt: skip


def ask_for_wordings(photos: Sequence[Photo], records: Sequence[Record]) -> None:
    """A table of the captions of many photos, in which they can be changed."""
    pairs = list(zip(photos, records, strict=True))
    # Another table when it has other rows, or when a caption was changed elsewhere: it would hold on to its own changes.
    number = st.session_state.get(TABLE, 0)
    key = f"table {number} {hash(tuple((photo.key, record.caption) for photo, record in pairs))}"
    if key not in st.session_state:
        # As they are when the table comes to be: given its own changes as rows, it forgets them, and the page runs once more.
        st.session_state[ROWS] = _rows(pairs)

    def keep() -> None:
        typed = {int(row): change.get("caption") or "" for row, change in st.session_state[key]["edited_rows"].items()}
        for row, text in typed.items():
            reword(*pairs[row], text)
        holds = all(wanted(*pairs[row]).caption == text for row, text in typed.items())
        # Where something else is kept than was typed, as when a cell is emptied, another table shows it.
        st.session_state[TABLE] = number if holds else number + 1

    st.data_editor(
        st.session_state[ROWS], key=key, on_change=keep, disabled=["photo", "problem"], hide_index=True, width="stretch",
        column_config={
            "photo": st.column_config.TextColumn("Photo", width="medium"),
            "caption": st.column_config.TextColumn("Caption", max_chars=LONGEST_CAPTION, width="large"),
            "problem": st.column_config.TextColumn("Problem"),
        },
    )  # fmt: skip


def _rows(pairs: Sequence[tuple[Photo, Record]]) -> list[dict[str, str]]:
    rows = [{"photo": photo.name, "caption": wanted(photo, record).caption} for photo, record in pairs]
    if any(record.error for _, record in pairs):
        rows = [row | {"problem": record.error} for row, (_, record) in zip(rows, pairs, strict=True)]
    return rows


def _said(record: Record) -> tuple[str, ...]:
    """All its captions, without their probabilities: those differ in their last bits when photos are looked at together."""
    return record.caption, *(caption for caption, _ in record.others)


def _changed() -> dict[tuple[str, str | tuple[str, ...]], str]:
    """What the visitor wants instead, by the photo and what the network said of it: the best caption, or all of them."""
    return st.session_state.setdefault("wordings", {})
