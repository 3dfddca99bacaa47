"""The whole way, through the command that people type: from photos and captions to scores and sentences."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from captioning.cli import main
from captioning.model import CaptionModel
from tests.captioning.conftest import SIDE

EPOCHS = 200
SIZES = ("word", "hidden", "context", "attention")


def arguments(world: Path, out: Path, *more: str) -> list[str]:
    return [
        "train", "--data", str(world / "captions.json"), "--images", str(world / "images"), "--out", str(out),
        "--encoder", "squeezenet1_1", "--encoder-weights", "none", "--model.image_size", str(SIDE),
        "--model.dropout", "0",
        *(word for size in SIZES for word in (f"--model.{size}_size", "32")),
        "--model.trainable_from", "features.12", "--lesson.minimum_count", "1", "--lesson.photos_per_batch", "6",
        "--lesson.captions_per_photo", "3", "--lesson.label_smoothing", "0", "--training.learning_rate", "0.01",
        "--training.epochs", str(EPOCHS), "--training.ema", "0", "--training.validate_every", str(EPOCHS), *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def run(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    assert main(arguments(world, out, "--lesson.views", "3")) == 0
    return out


def test_learns_a_small_world(run: Path, world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--data", str(world / "captions.json"), "--images", str(world / "images"), "--model", str(run / "best")]
    assert main(["evaluate", *asked, "--split", "train", "--device", "cpu"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["photos"] == 6
    assert scores["Bleu_4"] > 0.9
    assert scores["CIDEr"] > 2


def test_says_what_it_has_learnt(run: Path, world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = str(world / "images" / "train_green_box.png")
    assert main(["caption", photo, "--model", str(run / "best"), "--device", "cpu"]) == 0
    name, caption = capsys.readouterr().out.rstrip("\n").split("\t")
    assert name == photo
    assert "green box" in caption


def test_shows_what_it_says_of_some_photos(run: Path) -> None:
    (file,) = (run / "samples").iterdir()
    samples = json.loads(file.read_text())["samples"]
    assert [sample["file"] for sample in samples] == ["val_red_ball.png", "val_green_ball.png", "val_blue_ball.png"]
    assert samples[0]["people"][0] == "A red ball lies on the snow."
    assert all(sample["caption"] for sample in samples)


def test_keeps_what_resuming_needs_and_resumes(run: Path, world: Path) -> None:
    assert json.loads((run / "run.json").read_text())["task"]["model"]["trainable_from"] == "features.12"
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert {"CIDEr", "Bleu_4"} <= next(line for line in lines if line["kind"] == "validation").keys()
    assert main(arguments(world, run, "--lesson.views", "3", "--resume")) == 0
    assert main(arguments(world, run, "--lesson.views", "3")) == 2
    assert main(arguments(world, run, "--resume")) == 2


def test_killed_and_resumed_is_the_same_as_never_stopped(world: Path, tmp_path: Path) -> None:
    more = [
        "--training.epochs",
        "60",
        "--training.save_minutes",
        "0",
        "--model.dropout",
        "0.3",
        "--training.ema",
        "0.9",
    ]
    assert main(arguments(world, tmp_path / "whole", *more)) == 0
    killed = arguments(world, tmp_path / "killed", *more)
    command = [sys.executable, "-m", "captioning.cli", *killed]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={"OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 120
    while not (tmp_path / "killed" / "state").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the run was over before it could be killed"
    assert main([*killed, "--resume"]) == 0
    whole, again = (load_file(tmp_path / name / "state" / "model.safetensors") for name in ("whole", "killed"))
    assert whole.keys() == again.keys()
    assert all(torch.equal(whole[name], again[name]) for name in whole)


@pytest.mark.parametrize(
    "wrong", [("--encoder", "resnet19"), ("--data", "missing.json"), ("--model.trainable_from", "layer9")]
)
def test_a_mistake_is_one_line_and_no_traceback(
    world: Path, tmp_path: Path, wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(world, tmp_path / "run", *wrong)) == 2
    last = capsys.readouterr().err.rstrip().splitlines()[-1]
    assert last.startswith("error: ")
    assert wrong[1] in last


@pytest.mark.parametrize("cell", ["gru", "peephole-lstm", "hm-lstm"])
def test_one_word_trains_another_network(cell: str, world: Path, tmp_path: Path) -> None:
    assert main([*arguments(world, tmp_path / "run", "--model.cell", cell), "--training.epochs", "1"]) == 0
    saved = json.loads((tmp_path / "run" / "best" / "config.json").read_text())
    assert saved["cell"] == cell


def test_a_wrong_word_is_answered_with_the_near_ones(world: Path, tmp_path: Path, capsys) -> None:
    assert main(arguments(world, tmp_path / "run", "--model.cell", "gnu")) == 2
    assert "there is no cell 'gnu'; did you mean gru" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("attention", ["hard", "none"])
def test_other_ways_to_look_learn_the_small_world_too(attention, world: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "run"
    more = ["--model.attention", attention, "--training.epochs", "200", "--training.validate_every", "200"]
    assert main(arguments(world, out, *more)) == 0
    capsys.readouterr()
    asked = ["--data", str(world / "captions.json"), "--images", str(world / "images"), "--model", str(out / "best")]
    assert main(["evaluate", *asked, "--split", "train", "--device", "cpu"]) == 0
    assert json.loads(capsys.readouterr().out)["Bleu_4"] > 0.5


@pytest.mark.parametrize("kind", ["pieces", "letters"])
def test_captions_can_be_spelt(kind: str, world: Path, tmp_path: Path, capsys) -> None:
    more = ["--lesson.vocabulary", kind, "--lesson.pieces", "60", "--lesson.maximum_words", "60"]
    assert main(arguments(world, tmp_path / "run", *more)) == 0
    capsys.readouterr()
    asked = [str(world / "images" / "train_green_box.png"), "--model", str(tmp_path / "run" / "best")]
    assert main(["caption", *asked, "--maximum-words", "60", "--device", "cpu"]) == 0
    words = capsys.readouterr().out.split("\t")[1].split()
    assert "green" in words
    assert set(words) < {"a", "there", "is", "lies", "on", "the", "white", "snow", "green", "box", "ball"}


def test_words_begin_with_vectors_from_a_file(world: Path, tmp_path: Path, capsys) -> None:
    vectors = tmp_path / "glove.txt"
    vectors.write_text(
        # GloVe's own tokeniser took some words that have spaces in them.
        "".join(f"{word} " + " ".join([str(i)] * 32) + "\n" for i, word in enumerate(["red", "snow", ". . ."], 1))
    )
    more = ["--word-vectors", str(vectors), "--training.epochs", "1", "--lesson.tune_word_vectors", "false"]
    assert main(arguments(world, tmp_path / "run", *more)) == 0
    assert "2 of 17 words have a vector" in capsys.readouterr().err
    model = CaptionModel.from_pretrained(tmp_path / "run" / "best")
    red, snow = model.decoder.words.weight[[model.vocabulary.encode(word)[0] for word in ("red", "snow")]]
    torch.testing.assert_close(snow, 2 * red)
    assert main([*arguments(world, tmp_path / "other", *more), "--model.word_size", "31"]) == 2
    assert "line 1 of" in (message := capsys.readouterr().err)
    assert "take --model.word_size 32" in message


@pytest.mark.parametrize("preset", ["xu2015-soft", "xu2015-hard", "show-tell", "default"])
def test_presets_are_read(preset: str, world: Path, tmp_path: Path, capsys) -> None:
    """No more than read: they are large. What fails is the folder of photos that is not there."""
    asked = ["--data", str(world / "captions.json"), "--images", "nowhere", "--out", str(tmp_path / "run")]
    small = ["--model.encoder", "squeezenet1_1", "--model.image_size", "64", "--model.grid_stage", "features.12"]
    assert main(["train", "--preset", preset, *asked, *small, "--encoder-weights", "none"]) == 2
    assert "nowhere" in capsys.readouterr().err
