from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_memory_is_flat_however_long_the_list(tiny_folder: Path, world: Path, tmp_path: Path) -> None:
    """PHOTOS=100000 makes it a list of a hundred thousand."""
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell how much memory a process holds")
    photos = os.environ.get("PHOTOS", "3000")
    photo = world / "images" / "val_red_box.png"
    program = Path(__file__).parent / "flat_memory.py"
    done = subprocess.run(
        [sys.executable, str(program), str(tiny_folder), str(photo), str(tmp_path), photos],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["photos"] == int(photos)
    assert told["MiB"]["10%"] > 100, "nothing was seen of the process before a tenth was done"
    assert told["MiB"]["100%"] - told["MiB"]["10%"] < 4, told
