from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from shared.lab.__main__ import main
from shared.lab.boundaries import agreement, lstm_as_large_as, moves, size, watch
from shared.lab.language import LanguageModel
from shared.rnn.multiscale import HMLSTM


def test_it_is_run_drawn_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.txt").write_text("the quick brown fox jumps over the lazy dog.\n" * 60)
    sizes = ["--units", "8", "--levels", "3", "--updates", "3", "--batch", "4", "--length", "10"]
    assert main(["boundaries", str(tmp_path / "text.txt"), *sizes, "--out", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    found = results["found"]
    assert found == json.loads(capsys.readouterr().out)
    assert all(0 < bits < 6 for bits in found["bits_per_character"].values())
    assert found["bits_per_character"].keys() == found["weights"].keys() == {"HM-LSTM", "LSTM"}
    assert found["moves_per_character"][0] == 1
    assert len(results["marks"]) == 2
    assert {len(marks) for marks in results["marks"]} == {len(results["text"])}
    assert set("".join(results["text"])) <= set("the quick brown fox jumps over the lazy dog.\n")
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width == 900


def test_marks_are_held_against_the_words_by_hand() -> None:
    text, marks = "ab cd, e", "01100100"
    found = agreement(torch.tensor([[mark == "1" for mark in marks]]), [text])
    places = {"last letter": "b d", "character after": " ,", "first letter": "ce"}
    hits = {"last letter": 1, "character after": 2, "first letter": 0}
    for name, values in found.items():
        assert values["recall"] == pytest.approx(hits[name] / len(places[name].replace("b d", "bd")))
        assert values["precision"] == pytest.approx(hits[name] / 3)
        assert values["share"] == pytest.approx(2 / 7)


def test_a_text_without_words_or_marks_gives_zeros() -> None:
    found = agreement(torch.zeros(2, 4, dtype=torch.bool), ["....", "aaaa"])
    assert {value for values in found.values() for value in values.values()} == {0}


def test_a_level_moves_when_the_one_below_ends_a_segment_or_itself_ended_one_before() -> None:
    first, second = [1, 0, 0, 1, 0], [0, 0, 0, 1, 0]
    marks = torch.tensor([[first, second]]).bool().transpose(1, 2)
    assert moves(marks)[0].int().t().tolist() == [[1] * 5, [1, 0, 0, 1, 1], [0, 0, 0, 1, 0]]


def test_boundaries_are_seen_where_they_are_drawn() -> None:
    read = torch.randint(5, (2, 7))
    always, never = (LanguageModel(5, HMLSTM(4, 4, boundary_bias=bias)) for bias in (99.0, -99.0))
    assert watch(always, read).shape == (2, 7, 2)
    assert watch(always, read).all()
    assert not watch(never, read).any()


def test_the_lstm_has_no_fewer_weights_and_hardly_more() -> None:
    core = HMLSTM(16, 16)
    stack = lstm_as_large_as(core)
    assert size(core) <= size(stack) < 1.1 * size(core)
