from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from shared.lab.__main__ import main
from shared.lab.language import LanguageModel
from shared.rnn.choice import build
from shared.rnn.core import unroll

TEXT = "".join(f'Line {n} says ("{word}") twice.\n' for n in range(120) for word in ("yes", "no", "well now"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


SMALL = ["--units", "24", "--batch", "8", "--length", "16", "--updates", "150", "--learning-rate", "0.02"]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_it_is_run_drawn_and_saved(cell: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["language", str(file), "--cell", cell, *SMALL, "--sample", "80", "--out", str(out)]) == 0
    results, printed = json.loads((out / "results.json").read_text()), capsys.readouterr().out
    assert results["settings"]["text"] == str(file)
    found = results["found"]
    assert found["bits_per_character"] < 1.5 < math.log2(len(set(TEXT)))
    assert f"{found['bits_per_character']:.3f} bits a character held out" in printed
    assert len(results["sample"]) == 80
    assert results["sample"] in printed
    best = found["followers"][0]
    assert abs(best["correlation"]) > 0.5
    for panel in results["panels"]:
        assert panel["text"] in TEXT
        assert len(panel["activation"]) == len(panel["text"])
        assert all(-1 <= value <= 1 for value in panel["activation"])
    with Image.open(out / "picture.png") as picture:
        assert picture.width == 900


def test_any_unit_can_be_watched_and_one_that_is_not_there_is_a_user_error(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = [*SMALL, "--updates", "2", "--sample", "5", "--out", str(tmp_path / "out")]
    assert main(["language", str(file), *few, "--watch", "[5,0]"]) == 0
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [panel["unit"] for panel in results["panels"]] == [5, 0]
    capsys.readouterr()
    for wrong, message in (
        (["--watch", "[24]"], "numbered 0 to 23"),
        (["--cell", "lstn"], "did you mean lstm"),
        (["--temperature", "0"], "temperature must be above 0"),
    ):
        assert main(["language", str(file), *few, *wrong]) == 2
        assert message in capsys.readouterr().err
    assert main(["language", str(tmp_path / "no.txt"), *few]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_bits_are_those_of_one_long_reading() -> None:
    model, ids = LanguageModel(7, build("gru", 5, 5), dropout=0.5).eval(), torch.randint(7, (501,))
    ys, _ = unroll(model.core, model.embedding(ids[None, :-1]))
    expected = F.cross_entropy(model.head(ys[0]), ids[1:]) / math.log(2)
    assert model.bits(ids) == pytest.approx(expected.item(), rel=1e-5)


def test_units_are_seen_after_each_character() -> None:
    ids = torch.randint(7, (9,))
    gru = LanguageModel(7, build("gru", 5, 5))
    torch.testing.assert_close(gru.activations(ids), unroll(gru.core, gru.embedding(ids[None]))[0][0])
    lstm = LanguageModel(7, build("lstm", 5, 5))
    _, state = unroll(lstm.core, lstm.embedding(ids[None]))
    torch.testing.assert_close(lstm.activations(ids)[-1], torch.tanh(state.c[0]))


def test_cold_it_writes_the_likeliest_and_hot_anything() -> None:
    model, before = LanguageModel(7, build("lstm", 5, 5)), torch.tensor([1, 2, 3])
    written = model.write(before, 6, temperature=1e-6)
    ys, _ = unroll(model.core, model.embedding(torch.cat([before, written])[None]))
    assert torch.equal(written, model.head(ys[0]).argmax(-1)[2:-1])
    assert set(model.write(before, 200, temperature=1e6).tolist()) == set(range(7))
