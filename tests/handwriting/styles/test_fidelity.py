"""Telling hands apart, and choosing hands that differ."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from handwriting.cli import main
from handwriting.iam import Line, columns
from handwriting.model import SynthesisNetwork
from handwriting.recogniser.distance import character_error_rate
from handwriting.recogniser.reader import Reader
from handwriting.styles.draw import TRAITS, farthest, named
from handwriting.styles.features import Hands, features
from handwriting.styles.shelf import from_ink
from tests.handwriting.conftest import TEXTS, garland
from tests.handwriting.styles.test_normal import TEXT, ink


def test_features_know_a_hand_by_its_slant_and_not_by_its_size() -> None:
    plain, large, leaning = (features(line, TEXT) for line in (ink(), ink() * [3.0, 3.0, 1.0], ink(-0.5)))
    np.testing.assert_allclose(plain, large, atol=1e-9)
    assert np.abs(plain - leaning).max() > 0.3
    assert np.isfinite(plain).all()


def test_the_nearest_hand_is_the_writers_own() -> None:
    random = np.random.default_rng(0)
    centres, spread = random.normal(size=(4, 6)), np.array([0.01, 5.0, 1.0, 1.0, 1.0, 1.0])
    writer = np.repeat(np.arange(4), 30)
    centres[:, 0] *= 0.2  # far apart, in deviations of a hand from itself
    examples = centres[writer] + spread * random.normal(size=(120, 6))
    hands = Hands(examples, writer)
    found = [int(hands.distances(line, centres).argmin()) for line in examples]
    assert np.mean(found == writer) > 0.95


@pytest.fixture
def lines_file(tmp_path: Path) -> Path:
    """Two splits of three writers, who lean more and more."""
    random = np.random.default_rng(0)
    lines = []
    for number in range(30):
        points, lifts = garland(TEXTS[number % 6], random)
        lean = np.array([[1.0, 0.0], [-0.4 * (number % 3), 1.0]])
        writer = number % 3 + 10 * (number % 2)
        lines.append(
            Line(f"t{number:02}-000-01", (points @ lean).round(), lifts, TEXTS[number % 6], number % 2, writer)
        )
    file = tmp_path / "lines.npz"
    np.savez_compressed(file, **columns(lines))
    return file


def test_fidelity_command(lines_file: Path, network: SynthesisNetwork, tmp_path: Path, monkeypatch, capsys) -> None:
    network.save_pretrained(tmp_path / "model")
    command = ["fidelity", "--data", lines_file, "--model", tmp_path / "model", "--each", 2]
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command)])
    assert main() == 0
    report = json.loads(capsys.readouterr().out)
    assert report["writers"] == 3
    assert report["lines"] == 6
    assert report["real"]["found"] == 1.0  # garlands that lean differently are told apart
    assert report["real"]["rank"] == 1.0
    for row in ("written", "unmended", "without_style"):
        assert 0 <= report[row]["found"] <= 1
        assert 1 <= report[row]["rank"] <= 3
    assert report["whole"].keys() == {"written", "without_style"}
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command), "--lean", "0.3"])
    assert main() == 0
    assert json.loads(capsys.readouterr().out)["lines"] == 4  # one of the three does not lean
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command), "--lean", "2"])
    assert main() == 2
    assert "no line of split 1 leans" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command), "--split", "2"])
    assert main() == 2
    assert "no usable line" in capsys.readouterr().err
    for wrong, said in (
        (["--seed", "-1"], "seed must be"),
        (["--each", "0"], "each must be"),
        (["--bias", "-1"], "bias must be"),
    ):
        monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command), *wrong])
        assert main() == 2
        assert said in capsys.readouterr().err


def test_hands_that_are_far_from_each_other_are_chosen() -> None:
    places = [np.array(place, dtype=float) for place in ([0, 0], [0.1, 0], [5, 0], [0, 5], [5.1, 0.1])]
    assert sorted(farthest(places, 3)[1:]) == [3, 4]
    assert len(farthest(places, 9)) == 5
    assert farthest([], 3) == []


def test_hands_are_called_by_what_is_special_about_them() -> None:
    hands = [np.zeros(len(TRAITS)) for _ in range(3)]
    hands[0][:2] = 1.0, -0.5
    hands[1][:2] = 1.5, 0.5
    hands[2][1] = -2.0
    assert named(hands) == ["upright", "upright-wide", "narrow"]


def test_the_shipped_network_draws_hands_that_lean_and_stretch_as_people_do(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    text, folder = "no two alike", tmp_path / "hands"
    folder.mkdir()
    command = ["style", "draw", folder, "--text", text, "--count", 2, "--candidates", 24]
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command)])
    assert main() == 0
    told = capsys.readouterr().out.splitlines()
    files = sorted(folder.iterdir())
    assert sorted(line.split("\t")[0] for line in told) == [file.stem for file in files]
    one, other = (from_ink(file) for file in files)
    assert one.text == other.text == text
    assert b"drawn by the network default: line " in files[0].read_bytes()
    said = Reader.from_pretrained().read([one.strokes, other.strokes])
    assert character_error_rate(said, [text] * 2) < 0.15
    assert all(-0.7 < style.shape.slant < 0.25 for style in (one, other))
    wider = one.shape.width / other.shape.width
    assert abs(one.shape.slant - other.shape.slant) > 0.05 or max(wider, 1 / wider) > 1.05
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, [*command[:-3], 3, "--candidates", 2])])
    assert main() == 2
    assert "lines were fit; ask for more --candidates" in capsys.readouterr().err
    for wrong, said in ((["--seed", "-1"], "seed must be"), (["--text", "漢字"], "5 to 80 characters, got 0")):
        monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, command), *wrong])
        assert main() == 2
        assert said in capsys.readouterr().err
