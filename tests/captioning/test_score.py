from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from captioning.cli import main
from captioning.data import CaptionedPhoto
from captioning.score import match, score_file
from shared.errors import UserError
from tests.captioning.metrics.sentences import GOOD, REFERENCES

FILES = ["dog.jpg", "kite_0057.jpg", "bowl.jpg", "man.jpg"]


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    """The sentences in COCO's layout: three photos to test, one to train."""
    images = [{"id": 10 + n, "file_name": name, "split": "test" if n else "train"} for n, name in enumerate(FILES)]
    captions = [{"image_id": 10 + n, "caption": text} for n, photo in enumerate(REFERENCES) for text in photo]
    numbered = [{"id": number, **caption} for number, caption in enumerate(captions)]
    path = tmp_path / "captions.json"
    path.write_text(json.dumps({"images": images, "annotations": numbered}))
    return path


def results(folder: Path, entries: object) -> str:
    path = folder / "results.json"
    path.write_text(json.dumps(entries))
    return str(path)


def good(first: int = 0) -> list[dict[str, Any]]:
    return [{"image_id": 10 + n, "caption": GOOD[n]} for n in range(first, 4)]


def test_the_command_prints_the_official_scores_and_a_signature(
    tmp_path: Path, annotations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", results(tmp_path, good()), str(annotations)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed)[:8] == ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr", "SPICE"]
    assert printed["Bleu_4"] == pytest.approx(0.3383890558012458, rel=1e-12)
    assert printed["ROUGE_L"] == pytest.approx(0.6794064803440085, rel=1e-12)
    assert printed["CIDEr"] == pytest.approx(2.0356206829120835, rel=1e-12)
    assert printed["METEOR"] is None
    assert printed["reasons"]["METEOR"] == "left out in tests"
    assert printed["signature"].startswith(
        "photos:4|refs:3|tok:ptb|bleu:closest|rouge:1.2|cider:d|df:scored|meteor:none|"
    )
    assert printed["language"]["mean_length"] == 7.5
    assert "diversity" not in printed


def test_the_annotations_may_be_flickrs_or_karpathys(tmp_path: Path, annotations: Path) -> None:
    expected = score_file(results(tmp_path, good()), str(annotations))
    karpathy = tmp_path / "karpathy.json"
    photos = [
        {"filename": name, "cocoid": 10 + n, "split": "test", "sentences": [{"raw": text} for text in REFERENCES[n]]}
        for n, name in enumerate(FILES)
    ]
    karpathy.write_text(json.dumps({"images": photos}))
    assert score_file(results(tmp_path, good()), str(karpathy), split="test") == expected
    flickr = tmp_path / "captions.txt"
    lines = [f"{name},{text}" for name, photo in zip(FILES, REFERENCES, strict=True) for text in photo]
    flickr.write_text("\n".join(["image,caption", *lines]))
    named = [{"image_id": Path(name).stem, "caption": text} for name, text in zip(FILES, GOOD, strict=True)]
    assert score_file(results(tmp_path, named), str(flickr)) == expected


def test_photos_may_be_named_by_their_files(tmp_path: Path, annotations: Path) -> None:
    expected = score_file(results(tmp_path, good()), str(annotations))
    for names in (FILES, [Path(name).stem for name in FILES], ["10", "11", "12", "13"], ["dog", 57, "bowl", "man"]):
        named = [{"image_id": name, "caption": text} for name, text in zip(names, GOOD, strict=True)]
        assert score_file(results(tmp_path, named), str(annotations)) == expected


def test_a_name_that_several_photos_have_is_refused() -> None:
    files = ("a/1.jpg", "b/1.jpg", "c/dog.png")
    photos = [CaptionedPhoto(number, file, ("a dog",), "test") for number, file in enumerate(files)]
    said = {"b/1.jpg": ["one"], "dog": ["another"]}
    assert match(said, photos, "r.json") == {1: ["one"], 2: ["another"]}
    assert match({1: ["one"]}, photos, "r.json") == {1: ["one"]}  # an id counts for more than the end of a name
    with pytest.raises(UserError, match=r"image_id '1\.jpg' in r\.json may be any of 2 photos"):
        match({"1.jpg": ["one"]}, photos, "r.json")


def test_a_split_is_scored_whole_or_not_at_all(
    tmp_path: Path, annotations: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score_file(results(tmp_path, good(1)), str(annotations), split="test")["photos"] == 3
    with pytest.raises(UserError, match="no caption for 1 of the 3 photos of split 'test'"):
        score_file(results(tmp_path, good(2)), str(annotations), split="test")
    capsys.readouterr()
    assert score_file(results(tmp_path, good(2)), str(annotations))["photos"] == 2
    assert "scored 2 of 4 captioned photos" in capsys.readouterr().err


def test_frequencies_make_the_cider_of_one_photo_meaningful(tmp_path: Path, annotations: Path) -> None:
    file = str(tmp_path / "df.json")
    score_file(results(tmp_path, good()), str(annotations), save_frequencies=file)
    one = results(tmp_path, good(3))
    alone = score_file(one, str(annotations))
    assert alone["CIDEr"] == 0
    assert "--frequencies" in alone["reasons"]["CIDEr"]
    known = score_file(one, str(annotations), frequencies=file)
    assert known["CIDEr"] == pytest.approx(1.2416604384, abs=1e-10)
    assert "CIDEr" not in known["reasons"]
    assert "|df:4@" in known["signature"]


def test_sentences_are_novel_that_the_training_split_does_not_have(tmp_path: Path, annotations: Path) -> None:
    said = [*good(1)[:2], {"image_id": 13, "caption": REFERENCES[0][0].capitalize() + " ."}]
    found = score_file(results(tmp_path, said), str(annotations), training=str(annotations))
    assert found["language"]["novel_sentences"] == pytest.approx(2 / 3)


def test_of_several_captions_the_first_is_scored_and_all_tell_of_diversity(tmp_path: Path, annotations: Path) -> None:
    expected = score_file(results(tmp_path, good()), str(annotations))
    found = score_file(results(tmp_path, good() + good()[:2] + good()[:1]), str(annotations))
    diversity = found.pop("diversity")
    assert found == expected
    assert diversity["captions_per_photo"] == 2.5
    assert diversity["self_CIDEr"] == pytest.approx(0, abs=1e-6)


def test_details_have_a_line_for_each_photo(tmp_path: Path, annotations: Path) -> None:
    file = tmp_path / "details.jsonl"
    found = score_file(results(tmp_path, good()), str(annotations), details=str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["caption"] for line in lines] == GOOD
    assert sum(line["CIDEr"] for line in lines) / 4 == pytest.approx(found["CIDEr"])
    with pytest.raises(UserError, match="cannot write"):
        score_file(results(tmp_path, good()), str(annotations), details=str(tmp_path))


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([], "empty list"),
        ({"a": "dog"}, "holds dict"),
        ([{"image_id": 10}], "entry 0 of"),
        ([{"image_id": 10, "caption": None}], "entry 0 of"),
        ([{"image_id": [1], "caption": "a dog"}], "entry 0 of"),
        (["a dog"], "entry 0 of"),
        (
            [{"image_id": 10, "caption": "a dog"}, {"image_id": 99, "caption": "a"}],
            "image_id 99 is the first; .*like 10",
        ),
    ],
)
def test_results_that_are_none_are_refused_in_one_line(
    tmp_path: Path, annotations: Path, entries: object, complaint: str
) -> None:
    with pytest.raises(UserError, match=complaint):
        score_file(results(tmp_path, entries), str(annotations))


def test_files_that_are_not_there(tmp_path: Path, annotations: Path) -> None:
    with pytest.raises(UserError, match="cannot read results from"):
        score_file(str(tmp_path / "none.json"), str(annotations))
    (tmp_path / "results.json").write_text("image_id,caption\n")
    with pytest.raises(UserError, match="is no JSON"):
        score_file(str(tmp_path / "results.json"), str(annotations))
    with pytest.raises(UserError, match="no captions at"):
        score_file(results(tmp_path, good()), str(tmp_path / "none.json"))


def test_a_model_is_told_of_by_the_same_functions(
    tiny_folder: Path, world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--data", str(world / "captions.json"), "--images", str(world / "images"), "--model", str(tiny_folder)]
    assert main(["evaluate", *asked, "--split", "test", "--device", "cpu"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["photos"] == 6
    assert printed["split"] == "test"
    assert printed["signature"].startswith("photos:6|refs:2|tok:ptb|")
    assert printed["language"].keys() >= {"mean_length", "novel_sentences", "dangling_endings"}
    assert printed["METEOR"] is None
