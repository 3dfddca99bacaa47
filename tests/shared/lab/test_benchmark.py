from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from shared.lab.__main__ import main
from shared.lab.benchmark import plain_loop
from shared.rnn import unroll
from shared.rnn.choice import build


def test_every_cell_is_timed_in_every_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--batch=2", "--steps=3", "--units=4", "--rounds=1", "--device=cpu"]
    assert main(["benchmark", *sizes, '--cells=["lstm", "peephole-lstm", "hm-lstm"]', f"--out={tmp_path}"]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    ways = [(row["cell"], row["way"]) for row in results["table"]]
    assert ways == [
        *[("lstm", way) for way in ("this core", "torch.nn", "plain loop")],
        *[(cell, way) for cell in ("peephole-lstm", "hm-lstm") for way in ("this core", "plain loop")],
    ]
    assert all(row["both_us"] > 0 and row["forward_us"] > 0 and row["kept_mib"] >= 0 for row in results["table"])
    assert set(results["found"]["peephole-lstm"]) == {"times_nn_lstm", "faster_than_plain_loop"}
    assert (tmp_path / "picture.png").exists()
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2 + len(ways)


def test_the_plain_loop_computes_the_same() -> None:
    core, xs = build("peephole-lstm", 3, 4), torch.randn(2, 5, 3)
    torch.testing.assert_close(plain_loop(core, xs), unroll(core, xs)[0])
