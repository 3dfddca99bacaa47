from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from shared.lab.__main__ import main
from shared.lab.copying import Copier, heard, look, random_bits, score
from shared.rnn.lstm import LSTM
from shared.rnn.memory import NTM

TINY = ["--longest", "2", "--units", "4", "--slots", "6", "--width", "3", "--lstm-units", "5", "--updates", "3"]


def test_it_is_run_drawn_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["copy", *TINY, "--sequences", "4", "--out", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["found"] == json.loads(capsys.readouterr().out)
    for network in ("ntm", "lstm"):
        assert [key for key in results["found"][network] if key.startswith("length")] == [
            "length 2",
            "length 3",
            "length 4",
            "length 5",
        ]
        assert results["found"][network]["length 4"]["without_error"] == 0
        assert len(results["losses"][network]) == 3
        assert torch.tensor(results["said"][network]).shape == torch.tensor(results["bits"]).shape == (4, 8)
    assert torch.tensor(results["weights"]["read"]).shape == (9, 6)
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width == 900


def test_the_answer_is_asked_for_by_a_mark_and_awaited_in_silence() -> None:
    bits = random_bits(2, 3)
    steps = heard(bits)
    assert steps.shape == (2, 7, 9)
    assert torch.equal(steps[:, :3, :8], torch.where(bits == 1, 1.0, -1.0))
    assert not steps[:, :3, 8].any()
    assert steps[:, 3].tolist() == [[0] * 8 + [1]] * 2
    assert not steps[:, 4:].any()


def test_scores_count_whole_sequences_and_single_bits() -> None:
    class Forgetful(Copier):
        """Says every bit but the first, which is 1 to it in every sequence."""

        def forward(self, bits: torch.Tensor) -> torch.Tensor:
            said = bits * 2 - 1
            said[:, 0, 0] = 1
            return said

    told = score(Forgetful(LSTM(9, 2)), 3, 400)
    assert 0.4 < told["without_error"] < 0.6
    assert told["wrong_bits"] == pytest.approx(1 - told["without_error"], abs=1e-6)


def test_the_answer_is_read_off_the_steps_after_the_mark() -> None:
    copier, bits = Copier(LSTM(9, 4)), random_bits(1, 3)
    ys, _ = copier.core.unroll(heard(bits), copier.core.initial_state(1))
    torch.testing.assert_close(copier(bits), copier.readout(ys[:, 4:]))


def test_heads_are_told_apart() -> None:
    places = look(NTM(9, 4, slots=5, width=3), random_bits(1, 2))
    assert torch.tensor(places["write"]).shape == (5, 5)
    assert places["write"] != places["read"]


def test_too_small_a_memory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["copy", "--longest", "4", "--slots", "9", "--out", str(tmp_path)]) == 2
    assert "9 slots cannot hold the 10 vectors asked for; take more --slots" in capsys.readouterr().err
