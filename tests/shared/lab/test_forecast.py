from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from shared.lab.__main__ import main
from shared.lab.forecast import mackey_glass, run_freely
from shared.rnn.core import unroll
from shared.rnn.echo import EchoState


def test_it_is_run_drawn_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--units", "150", "--steps", "800", "--horizon", "120", "--ridge", "1e-8", "--out", str(tmp_path)]
    assert main(["forecast", *options]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    found = results["found"]
    assert found == json.loads(capsys.readouterr().out)
    assert found["times_better_than_last_value"] > 10
    assert found["steps_followed_freely"] > 20
    assert len(results["truth"]) == len(results["free_running"]) == len(results["errors"]["one step"]) == 120
    assert results["errors"]["free-running"][0] == pytest.approx(results["errors"]["one step"][0])
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width == 900


def test_the_series_solves_its_equation() -> None:
    """Against a step of a hundredth: the discretisation of a tenth strays little within a few delays."""
    xs = mackey_glass(2000)
    assert 0.2 < xs.min() < 0.6 < 1.2 < xs.max() < 1.5
    slope = (xs[2:] - xs[:-2]) / 2
    law = 0.2 * xs[:-19] / (1 + xs[:-19] ** 10) - 0.1 * xs[17:-2]
    assert (slope[16:-1] - law).abs().mean() < 0.05 * law.abs().mean()


def test_running_freely_feeds_each_word_back() -> None:
    core, readout = EchoState(1, 20).double(), torch.nn.Linear(20, 1).double().requires_grad_(False)
    heard = torch.randn(9, 1, dtype=torch.float64)
    said = run_freely(core, readout, heard, 3)
    again = readout(unroll(core, torch.cat([heard, said])[None])[0][0])
    torch.testing.assert_close(said, again[8:11])
