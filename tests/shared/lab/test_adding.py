from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from shared.lab.__main__ import main
from shared.lab.adding import BASELINE, problems, run


def test_a_few_steps_are_learnt_drawn_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--units", "16", "--batch", "16", "--updates", "200", "--learning-rate", "0.03"]
    assert main(["adding", "--cells", "[gru,tanh]", "--lengths", "[4]", *sizes, "--out", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["found"] == json.loads(capsys.readouterr().out)
    assert results["found"]["gru, 4 steps"] < BASELINE / 3
    assert [(trial["cell"], trial["length"]) for trial in results["trials"]] == [("gru", 4), ("tanh", 4)]
    curve = results["trials"][0]["learning_curve"]
    assert len(curve) == 100
    assert curve[-1] < curve[0]
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width == 900


def test_a_cell_s_result_does_not_depend_on_the_others() -> None:
    together, alone = (
        run(cells, lengths=[3], units=4, batch=2, updates=3, learning_rate=0.01, seed=7)["trials"][-1]
        for cells in (["tanh", "gru"], ["gru"])
    )
    assert together == alone


def test_a_name_that_is_no_cell_s_is_a_user_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adding", "--cells", "[lstn]", "--out", str(tmp_path)]) == 2
    assert "there is no cell 'lstn'; did you mean" in capsys.readouterr().err


def test_a_problem_has_a_mark_in_each_half_and_their_sum() -> None:
    xs, sums = problems(500, 9)
    numbers, marks = xs.unbind(-1)
    assert (marks[:, :4].sum(1) == 1).all()
    assert (marks[:, 4:].sum(1) == 1).all()
    torch.testing.assert_close(sums, numbers[marks == 1].view(500, 2).sum(1))
    assert marks.sum(0).min() > 0
    assert (sums - 1).square().mean().item() == pytest.approx(BASELINE, rel=0.2)
