"""The numbers that METEOR gives through its own package; and what is said where a program cannot run."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from captioning.metrics import official
from captioning.metrics.official import NotComputed, meteor, official_scores, spice
from tests.captioning.metrics.sentences import EDGE, GOOD, REFERENCES

GIVEN = [[reference.split() for reference in photo] for photo in REFERENCES]
SAID = [caption.split() for caption in GOOD]


def test_meteor_is_the_official_one() -> None:
    """One run only: Java reads the table of paraphrases for seconds."""
    pytest.importorskip("pycocoevalcap")
    if not shutil.which("java"):
        pytest.skip("METEOR needs Java")
    assert meteor([caption.split() for caption in EDGE], GIVEN) == pytest.approx(0.16110637346982465, rel=1e-12)


def test_without_java_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    pytest.importorskip("pycocoevalcap")
    scores, reasons = official_scores(SAID, GIVEN)
    assert scores == {"METEOR": None, "SPICE": None}
    assert set(reasons) == {"METEOR", "SPICE"}
    assert "no `java` on the PATH" in reasons["METEOR"]


def test_without_the_package_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "find_spec", lambda name: None)
    with pytest.raises(NotComputed, match="extra `eval`"):
        meteor(SAID, GIVEN)


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package whose folder is empty, and a `java` that does what the file `program` says."""
    (tmp_path / "meteor").mkdir()
    (tmp_path / "spice" / "lib").mkdir(parents=True)
    java = tmp_path / "java"
    java.write_text(f'#!/bin/sh\n. "{tmp_path}/program"\n')
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    monkeypatch.setattr(official, "_package", lambda: tmp_path)
    return tmp_path


def test_a_java_that_fails_is_a_reason_and_not_a_traceback(pretend: Path) -> None:
    (pretend / "program").write_text("echo 'Error: no memory' >&2; exit 1\n")
    (pretend / "spice" / "lib" / "stanford-corenlp-3.6.0-models.jar").touch()
    with pytest.raises(NotComputed, match="METEOR failed: Error: no memory"):
        meteor(SAID, GIVEN)
    with pytest.raises(NotComputed, match="SPICE failed: Error: no memory"):
        spice(SAID, GIVEN)


def test_spice_is_not_run_without_its_models(pretend: Path) -> None:
    with pytest.raises(NotComputed, match="CoreNLP 3.6.0 models.*get_stanford_models"):
        spice(SAID, GIVEN)


def test_spice_is_the_mean_f_of_what_its_program_writes(pretend: Path) -> None:
    (pretend / "spice" / "lib" / "stanford-corenlp-3.6.0-models.jar").touch()
    answers = [{"image_id": n, "scores": {"All": {"f": f}}} for n, f in enumerate((0.1, 0.2, 0.3, 0.6))]
    (pretend / "answers.json").write_text(json.dumps(answers))
    # The arguments are: options, -jar, the program, the captions, -out, the scores, …
    (pretend / "program").write_text(f'cp "$5" "{pretend}/asked.json"; cp "{pretend}/answers.json" "$7"\n')
    assert spice(SAID, GIVEN) == pytest.approx(0.3)
    asked = json.loads((pretend / "asked.json").read_text())
    assert asked[1] == {"image_id": 1, "test": GOOD[1], "refs": REFERENCES[1]}
