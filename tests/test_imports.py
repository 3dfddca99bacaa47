"""The direction of the house: ui -> captioning | handwriting -> shared, and quick commands."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "shared": set(),
    "captioning": {"shared"},
    "handwriting": {"shared"},
    "ui": {"shared", "captioning", "handwriting"},
}
HEAVY = {"torch", "torchvision", "streamlit", "accelerate"}


def imported(file: Path) -> set[str]:
    """The top-level packages that a file names in any import."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_only_what_lies_below(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for file in files:
        above = imported(file) & MAY_IMPORT.keys() - MAY_IMPORT[room] - {room}
        assert not above, f"{file.relative_to(ROOT)} imports {above}"


def test_handwriting_never_imports_torchvision() -> None:
    for room in ("handwriting", "shared"):
        for file in (ROOT / room).rglob("*.py"):
            assert "torchvision" not in imported(file), file


@pytest.mark.parametrize("command", ["captioning.cli", "handwriting.cli", "ui.launch", "shared.lab.__main__"])
@pytest.mark.parametrize("arguments", [["--help"], ["--nonsense"]])
def test_help_and_usage_errors_import_nothing_heavy(command: str, arguments: list[str]) -> None:
    program = (
        f"import sys; sys.argv[1:] = {arguments!r}\n"
        f"from {command} import main\n"
        "try: code = main()\n"
        "except SystemExit as end: code = end.code\n"
        f"print('heavy:', sorted({HEAVY!r} & sys.modules.keys()), 'code:', code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60)
    expected = 0 if arguments == ["--help"] else 2
    assert done.stdout.splitlines()[-1] == f"heavy: [] code: {expected}", done.stdout + done.stderr


def test_no_studio_file_is_named_like_a_package() -> None:
    names = {file.stem for file in (ROOT / "ui").rglob("*.py")}
    assert not names & MAY_IMPORT.keys()
