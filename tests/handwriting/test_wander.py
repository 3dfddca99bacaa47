"""Ink of a network that nobody told what to write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handwriting.formats import read_ink
from handwriting.model import Network
from handwriting.strokes import bounds
from handwriting.wander import wander
from shared.errors import UserError
from tests.handwriting.conftest import TINY
from tests.handwriting.test_train import run


def test_a_line_is_its_seed_s_in_any_company() -> None:
    network = Network(replace(TINY, text=False)).eval()
    three, (alone,) = wander(network, 3, 100, 0.5, seed=7), wander(network, 1, 100, 0.5, seed=8)
    assert [line.shape for line in three] == [(100, 3)] * 3
    assert all(line[-1, 2] == 1 for line in three)
    np.testing.assert_allclose(three[1], alone, rtol=1e-4, atol=1e-3)
    assert not np.allclose(three[0], three[1])
    with pytest.raises(UserError, match="use handwriting write"):
        wander(Network(TINY), 1, 10, 0.5, 0)


def test_the_command_writes_a_file(tmp_path: Path, monkeypatch, capsys) -> None:
    Network(replace(TINY, text=False)).save_pretrained(tmp_path / "model")
    command = ["wander", "-o", tmp_path / "w.json", "--model", tmp_path / "model", "--lines", 2, "--points", 50]
    assert run(monkeypatch, *command, "--seed", 3) == 0
    assert "w.json (bias 0.5, seed 3)" in capsys.readouterr().err
    (page,) = read_ink(tmp_path / "w.json")
    assert len(page.strokes) == 100
    assert page.strokes[49, 2] == page.strokes[99, 2] == 1
    for wrong in (
        ("--lines", 0),
        ("--points", 6000),
        ("--bias", -1),
        ("--seed", -1),
        ("--seed", 2**70),
        ("-o", tmp_path / "w.xyz"),
    ):
        assert run(monkeypatch, *command, *wrong) == 2
        assert "Traceback" not in capsys.readouterr().err


def test_the_shipped_network_draws_lines_of_writing() -> None:
    """Wider than high, and with as many strokes as people's letters have."""
    for line in wander(Network.from_pretrained("foreseeing"), 3, 400, 1.0, seed=0):
        left, top, right, bottom = bounds(line)
        assert right - left > 2 * (bottom - top)
        assert 5 < line[:, 2].sum() < 60
