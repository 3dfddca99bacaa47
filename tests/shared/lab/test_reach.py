from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.lab.__main__ import main
from shared.lab.reach import run


def test_gradients_shrink_and_grow_as_powers() -> None:
    results = run(units=8, steps=24, sequences=2, input_scale=0.1, seed=0)
    factors = results["found"]["factor_a_step"]
    vanishing = results["reach_by_steps_back"]["tanh, spectral radius 0.5"]
    assert len(vanishing) == 25
    assert vanishing[0] == 1
    for early, late in zip(vanishing[:12], vanishing[12:], strict=False):
        assert late / early == pytest.approx(factors["tanh, spectral radius 0.5"] ** 12, rel=0.3)
    assert factors["tanh, spectral radius 0.5"] == pytest.approx(0.5, rel=0.05)
    assert factors["tanh, spectral radius 0.5, skips of 4 steps"] == pytest.approx(0.5**0.25, rel=0.02)
    assert factors["tanh, spectral radius 1.5"] > 1 > factors["tanh, spectral radius 1"]
    for helped in ("residual", "leaky, τ = 30 steps", "LSTM, forget bias 5"):
        assert 0.95 < factors[helped] < 1.1
    assert factors["LSTM, forget bias 1"] == pytest.approx(0.86, abs=0.1)


def test_the_command_leaves_a_picture(tmp_path: Path, capsys) -> None:
    options = ["--units", "3", "--steps", "40", "--sequences", "1", "--out", str(tmp_path)]
    assert main(["reach", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    saved = json.loads((tmp_path / "results.json").read_text())
    assert saved["found"] == found
    assert saved["settings"] == {"units": 3, "steps": 40, "sequences": 1, "input_scale": 0.1, "seed": 0}
    assert (tmp_path / "picture.png").stat().st_size > 5000
