"""Captions in the visitor's words, and as files."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
import streamlit as st

from captioning.outputs import FORMATS, Record
from ui.photos import Photo
from ui.wordings import DOWNLOADS, LONGEST_CAPTION, as_file, reword, reworded, wanted

RECORD = Record("a.jpg", 7, "a dog", -1.0, others=(("two dogs", -2.0), ("a cat", -3.0)))
FAILED = Record("b.jpg", "b", error="the file is empty")


def test_one_of_the_networks_own_captions_keeps_its_probability() -> None:
    chosen = reworded(RECORD, "two dogs")
    assert (chosen.caption, chosen.log_prob) == ("two dogs", -2.0)
    assert chosen.others == (("a dog", -1.0), ("a cat", -3.0))


def test_typed_words_have_none() -> None:
    typed = reworded(RECORD, "  our\n dog ")
    assert (typed.caption, typed.log_prob, typed.others) == ("our dog", None, RECORD.others)
    assert len(reworded(RECORD, "x" * 9999).caption) == LONGEST_CAPTION


def test_a_choice_stays_where_probabilities_differ_in_their_last_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    photo = Photo("a.jpg", b"a photo")
    reword(photo, RECORD, "two dogs")
    together = replace(RECORD, log_prob=-1.0000001, others=(("two dogs", -2.0000001), ("a cat", -3.0)))
    assert wanted(photo, together).caption == "two dogs"
    other = replace(RECORD, others=(("two cats", -2.0),))
    assert wanted(photo, other) is other


@pytest.mark.parametrize("text", ["", "   ", "a dog"])
def test_no_words_are_no_change(text: str) -> None:
    assert reworded(RECORD, text) is RECORD


def test_words_for_a_photo_that_failed_make_it_whole() -> None:
    mended = reworded(FAILED, "the lost photo")
    assert (mended.caption, mended.error) == ("the lost photo", "")


@pytest.mark.parametrize("form", DOWNLOADS)
def test_files_are_those_of_the_batch_command(form: str) -> None:
    assert form in FORMATS
    content = as_file(form, [RECORD, FAILED]).decode()
    keys = [key for key, _ in FORMATS[form].read(io.StringIO(content, newline="\n"))]
    assert keys == (["7"] if form == "coco" else ["a.jpg", "b.jpg"])


def test_files_hold_what_was_typed() -> None:
    records = [reworded(RECORD, 'our "dog", <b>Ärger</b>'), FAILED]
    rows = list(csv.DictReader(io.StringIO(as_file("csv", records).decode())))
    assert [(row["caption"], row["log_prob"], row["error"]) for row in rows] == [
        ('our "dog", <b>Ärger</b>', "", ""),
        ("", "", "the file is empty"),
    ]
    line = json.loads(as_file("jsonl", records).decode().splitlines()[0])
    assert line["caption"] == 'our "dog", <b>Ärger</b>'
    assert "log_prob" not in line
    assert json.loads(as_file("coco", records)) == [{"image_id": 7, "caption": 'our "dog", <b>Ärger</b>'}]
    assert as_file("text", records).decode() == 'a.jpg\tour "dog", <b>Ärger</b>\nb.jpg\terror: the file is empty\n'
