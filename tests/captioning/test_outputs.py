from __future__ import annotations

import csv
import io
import json

import pytest

from captioning.outputs import FORMATS, Record

RECORDS = [Record("a,b.jpg", 7, 'a "dog"', -1.25), Record("c.jpg", "c", error="no such file")]
ODD = [Record(name, 1, "a dog") for name in ("two\nlines\r.jpg", "tab\t.jpg", '"', "caf\udce9.jpg", "\u2028,\x85", "é")]


def written(form: str, records: list[Record] = RECORDS) -> str:
    writer = FORMATS[form](stream := io.StringIO())
    for record in records:
        writer.write(record)
    writer.close()
    return stream.getvalue()


def test_text_is_a_line_a_photo() -> None:
    assert written("text") == 'a,b.jpg\ta "dog"\nc.jpg\terror: no such file\n'


def test_json_lines_say_caption_or_error() -> None:
    assert [json.loads(line) for line in written("jsonl").splitlines()] == [
        {"photo": "a,b.jpg", "caption": 'a "dog"', "log_prob": -1.25},
        {"photo": "c.jpg", "error": "no such file"},
    ]


def test_csv_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv"))))
    assert [row["caption"] for row in rows] == ['a "dog"', ""]
    assert rows[1]["error"] == "no such file"


def test_words_of_people_have_no_log_probability() -> None:
    mended = [Record("a.jpg", 1, "our dog", None)]
    assert json.loads(written("jsonl", mended)) == {"photo": "a.jpg", "caption": "our dog"}
    assert written("csv", mended).splitlines()[1] == "a.jpg,our dog,,"


def test_coco_results_hold_captions_and_errors_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(written("coco")) == [{"image_id": 7, "caption": 'a "dog"'}]
    assert "c.jpg: no such file" in capsys.readouterr().err
    assert json.loads(written("coco", [])) == []


def test_several_captions_of_a_photo_stand_in_one_line() -> None:
    record = Record("a.jpg", 7, "a dog", -1.0, others=(("dogs", -2.0), ("two", -3.0)))
    assert json.loads(written("jsonl", [record]))["others"][1] == {"caption": "two", "log_prob": -3.0}
    assert [(r["image_id"], r["caption"]) for r in json.loads(written("coco", [record] * 2))] == [
        (7, "a dog"),
        (7, "dogs"),
        (7, "two"),
    ] * 2
    assert len(list(FORMATS["coco"].read(io.StringIO(written("coco", [record] * 2))))) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_written_is_read_back(form: str) -> None:
    records = RECORDS + ODD
    read = list(FORMATS[form].read(io.StringIO(written(form, records), newline="\n")))
    kept = [record for record in records if not (form == "coco" and record.error)]
    assert read == [(FORMATS[form].key(record.photo, record.id), bool(record.error)) for record in kept]


def test_json_is_text_even_of_names_that_are_none() -> None:
    assert json.loads(written("jsonl", ODD[3:4]).encode("utf-8"))["photo"] == "caf\udce9.jpg"
    assert "é" in written("jsonl", ODD[-1:])
