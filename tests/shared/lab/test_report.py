from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from shared.errors import UserError
from shared.lab import report
from shared.lab.__main__ import main
from shared.lab.report import Results, new_figure, perform


def run(scale: float, seed: int) -> Results:
    return {"found": {"drawn": scale * torch.rand(()).item()}, "curve": [0.0, scale]}


def draw(results: Results) -> Figure:
    figure = new_figure(height=3.0)
    figure.subplots().plot(results["curve"])
    return figure


def test_what_is_saved_says_all_that_it_depends_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a" / "b"
    perform(out, run, draw, scale=2.0, seed=5)
    printed, told = capsys.readouterr()
    results = json.loads((out / "results.json").read_text())
    assert results["settings"] == {"scale": 2.0, "seed": 5}
    assert results["curve"] == [0.0, 2.0]
    assert results["versions"]["torch"] == torch.__version__.partition("+")[0]
    assert results["seconds"] >= 0
    assert json.loads(printed) == results["found"]
    assert str(out / "picture.png") in told
    with Image.open(out / "picture.png") as picture:
        assert picture.size == (900, 300)


def test_the_seed_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for seed in (1, 1, 2):
        perform(tmp_path, run, draw, scale=1.0, seed=seed)
        found.append(json.loads(capsys.readouterr().out)["drawn"])
    assert found[0] == found[1] != found[2]


def test_no_time_is_spent_where_nothing_can_be_saved_or_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(**settings: object) -> Results:
        raise AssertionError("the experiment was run")

    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot make the folder"):
        perform(tmp_path / "file", never, draw, seed=0)
    monkeypatch.setattr(report, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="--extra lab"):
        perform(tmp_path, never, draw, seed=0)


def test_help_and_wrong_usage_wait_for_no_experiment() -> None:
    program = (
        "import sys\n"
        "from shared.lab.__main__ import main\n"
        "codes = [main(['--help']), main(['sing']), main(['forecast', '--nonsense'])]\n"
        "lab = sorted(name for name in sys.modules if name.startswith('shared.lab.') and 'main' not in name)\n"
        "print(lab, 'matplotlib' in sys.modules, codes)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[] False [0, 2, 2]", done.stderr


def test_every_command_has_options_to_make_it_small_and_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    lines = capsys.readouterr().out.split("commands:\n")[1].split("\n\n")[0].splitlines()
    for name in (line.split()[0] for line in lines):
        with pytest.raises(SystemExit):
            main([name, "--help"])
        options = capsys.readouterr().out
        assert "--seed" in options
        assert f"lab/{name}" in options


@pytest.mark.parametrize(("option", "value"), [("--units", "0"), ("--lengths", "[5,0]"), ("--seed", "-1")])
def test_an_experiment_of_nothing_is_refused(
    option: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adding", option, value, "--out", str(tmp_path / "out")]) == 2
    assert f"error: {option} must be at least" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
