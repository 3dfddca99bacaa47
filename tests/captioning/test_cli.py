from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from captioning.cli import main


@pytest.mark.parametrize(
    "arguments", [["--help"], ["caption", "--help"], ["train", "--help"], ["train"], ["caption"], ["sing"]]
)
def test_help_and_wrong_usage_wait_for_no_torch(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from captioning.cli import main\n"
        f"try: code = main({arguments!r})\n"
        "except SystemExit as end: code = end.code\n"
        "print('heavy:', sorted({'torch', 'torchvision'} & sys.modules.keys()), code)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    expected = 0 if "--help" in arguments else 2
    assert done.stdout.splitlines()[-1] == f"heavy: [] {expected}", done.stderr
    assert time.perf_counter() - start < 10  # a second, on a machine that does nothing else


@pytest.mark.parametrize("wrong", [["--format", "gif"], ["--beam", "many"], ["--beem", "3"]])
def test_an_option_that_is_none_is_wrong_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["caption", "a.jpg", *wrong]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_settings_that_cannot_be_are_wrong_usage(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ["--data", str(world / "captions.json"), "--images", str(world / "images"), "--out", str(tmp_path)]
    for wrong in (["--model.dropout", "2"], ["--lesson.photos_per_batch", "0"], ["--training.epochs", "-1"]):
        assert main(["train", *paths, *wrong]) == 2
        assert capsys.readouterr().err.startswith("error: ")


def test_options_of_the_search_reach_the_captions(
    world: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["caption", str(world / "images"), "--format", "jsonl", "--device", "cpu"]
    search = ["--beam", "4", "--search.n_best=4", "--search.groups", "2", "--search.minimum-words", "3"]
    words = ["--search.banned", "a, red ball", "--search.required", "snow"]
    assert main([*command, "--model", f"{tiny_folder},{tiny_folder}", *search, *words, "--maximum-words", "5"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == 18
    for record in records:
        captions = [record["caption"], *(other["caption"] for other in record["others"])]
        assert len(set(captions)) == 4
        for caption in captions:
            assert 3 <= len(caption.split()) <= 5
            assert "a" not in caption.split()
            assert "red ball" not in caption
            assert "snow" in caption.split()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--beam", "0"], "beam must be at least 1, got 0"),
        (["--search.n_best", "4"], "n_best must be at most beam"),
        (["--search.top_k", "4"], "takes a temperature above 0"),
        (["--search.required", "snw"], "no word 'snw' among its 13, so none to ban or require; did you mean 'snow'?"),
    ],
)
def test_wishes_that_cannot_be_are_wrong_usage(
    wrong: list[str], sentence: str, world: Path, tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["caption", str(world / "images" / "val_red_box.png"), "--model", str(tiny_folder), "--device", "cpu"]
    assert main([*command, *wrong]) == 2
    assert sentence in capsys.readouterr().err


def test_a_model_that_is_not_there_is_a_user_error(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["caption", str(world / "images"), "--model", "no-such-model"]) == 2
    assert "no model 'no-such-model'" in capsys.readouterr().err


def test_the_benchmark_measures_every_part(tiny_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--model", str(tiny_folder), "--photos", "9", "--device", "cpu", "--beam", "2"]) == 0
    rates = json.loads(capsys.readouterr().out)
    assert all(rates[part] > 0 for part in ("opening", "encoder", "search", "end_to_end"))
