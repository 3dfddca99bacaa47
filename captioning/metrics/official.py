"""METEOR and SPICE: the official Java programs, which come with the package pycocoevalcap (extra `eval`).

They are run as that package runs them, with the same tokens, but from here: it would write into its own folder, download
without asking, and end in tracebacks where Java is missing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

Words = Sequence[str]


class NotComputed(Exception):  # noqa: N818 - a fact about this machine, not an error
    """A score cannot be had here. The message says why, and what would help."""


def official_scores(
    hypotheses: Sequence[Words], references: Sequence[Sequence[Words]]
) -> tuple[dict[str, float | None], dict[str, str]]:
    """METEOR and SPICE, None where they cannot be had; and for each of those the reason."""
    scores: dict[str, float | None] = {}
    reasons = {}
    programs: dict[str, Callable[..., float]] = {"METEOR": meteor, "SPICE": spice}
    for name, program in programs.items():
        try:
            scores[name] = program(hypotheses, references)
        except NotComputed as reason:
            scores[name], reasons[name] = None, str(reason)
    return scores, reasons


def meteor(hypotheses: Sequence[Words], references: Sequence[Sequence[Words]]) -> float:
    """METEOR 1.5 of a corpus (Denkowski and Lavie 2014): English, normalised, with stems, synonyms and paraphrases.

    Raises:
        NotComputed: where Java or the package is missing, or the program fails.
    """
    jar = _package() / "meteor" / "meteor-1.5.jar"
    command = [_java(), "-Dfile.encoding=UTF-8", "-Xmx2G", "-jar", jar.name, "-", "-", "-stdio", "-l", "en", "-norm"]
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        try:
            with subprocess.Popen(
                command, cwd=jar.parent, stdin=pipe, stdout=pipe, stderr=complaints, encoding="utf-8"
            ) as process:
                statistics = [
                    _ask(process, ["SCORE", *map(_plain, photo), _plain(hypothesis)])
                    for hypothesis, photo in zip(hypotheses, references, strict=True)
                ]
                _ask(process, ["EVAL", *statistics])  # answers with the score of each photo, and last of all together
                assert process.stdout
                return float([process.stdout.readline() for _ in hypotheses][-1])
        except (OSError, ValueError) as error:
            complaints.seek(0)
            raise NotComputed(f"METEOR failed: {_last_line(complaints.read()) or error}") from error


def spice(hypotheses: Sequence[Words], references: Sequence[Sequence[Words]]) -> float:
    """SPICE 1.0 of a corpus (Anderson et al. 2016): F of scene graphs.

    Raises:
        NotComputed: where Java, the package or its language models are missing, or the program fails.
    """
    java, folder = _java(), _package() / "spice"
    if not list((folder / "lib").glob("stanford-corenlp-*-models.jar")):
        raise NotComputed(
            "SPICE needs the Stanford CoreNLP 3.6.0 models, which are not installed; with a connection, "
            "`python -m pycocoevalcap.spice.get_stanford_models` downloads them"
        )
    with tempfile.TemporaryDirectory() as name:
        asked, answered = Path(name, "captions.json"), Path(name, "scores.json")
        asked.write_text(
            json.dumps(
                [
                    {"image_id": number, "test": _plain(hypothesis), "refs": [_plain(reference) for reference in photo]}
                    for number, (hypothesis, photo) in enumerate(zip(hypotheses, references, strict=True))
                ]
            ),
            encoding="utf-8",
        )
        # Its cache is left out: it is a native library that newer Javas refuse.
        command = [java, "-Dfile.encoding=UTF-8", "-Xmx8G", "-jar", "spice-1.0.jar", str(asked), "-out", str(answered)]
        done = subprocess.run([*command, "-subset", "-silent"], cwd=folder, capture_output=True, text=True)
        try:
            scores = [item["scores"]["All"]["f"] for item in json.loads(answered.read_text(encoding="utf-8"))]
            return sum(map(float, scores)) / len(hypotheses)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotComputed(f"SPICE failed: {_last_line(done.stderr) or error}") from error


def _java() -> str:
    java = shutil.which("java")
    if not java:
        raise NotComputed("needs Java, and there is no `java` on the PATH")
    return java


def _package() -> Path:
    found = find_spec("pycocoevalcap")
    if not found or not found.submodule_search_locations:
        raise NotComputed("needs the extra `eval`: pip install 'show-and-scribe[eval]'")
    return Path(found.submodule_search_locations[0])


def _ask(process: subprocess.Popen[str], parts: Sequence[str]) -> str:
    """One line to METEOR, and the line that it answers."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(" ||| ".join(parts) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline().strip()
    if not answer:
        raise ValueError("it ended without an answer")
    return answer


def _plain(words: Words) -> str:
    return " ".join(words).replace("|||", "")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
