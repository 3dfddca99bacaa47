"""Captions one photo many times with `captioning caption`, and tells how much memory the process took on the way.

usage: python flat_memory.py MODEL PHOTO FOLDER TIMES

Prints JSON: the most MiB that it held until 10 %, 50 % and 100 % of the records were written.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

SHARES = (0.1, 0.5, 1.0)


def held(process: int) -> float:
    """MiB of its own that a process holds, in memory or swapped out: what the system takes from idle processes does not count
    as given back."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    sizes = dict(line.split(":", 1) for line in lines)
    return sum(int(sizes.get(name, "0 kB").split()[0]) for name in ("RssAnon", "VmSwap")) / 2**10


def watch(process: subprocess.Popen[bytes], out: Path, times: int) -> list[float]:
    """The peaks until each of the shares."""
    peaks, written = [0.0] * len(SHARES), 0
    while process.poll() is None and not out.exists():
        time.sleep(0.01)
    assert out.exists(), f"exit status {process.returncode}, and no record"
    with out.open("rb") as records:
        while written < times and process.poll() is None:
            taken, written = held(process.pid), written + records.read().count(b"\n")
            for number, share in enumerate(SHARES):
                if written <= share * times:
                    peaks[number] = max(peaks[number], taken)
            time.sleep(0.01)
        status = process.wait()
        written += records.read().count(b"\n")
    assert not status, f"exit status {status}"
    assert written == times, f"{written} records of {times} photos"
    return peaks


def main(model: str, photo: str, folder: str, count: str) -> None:
    times = int(count)
    table, out = Path(folder) / "list.csv", Path(folder) / "records.jsonl"
    table.write_text("photo\n" + f"{Path(photo).resolve()}\n" * times)
    options = ["-o", str(out), "--format", "jsonl", "--model", model, "--device", "cpu", "--beam", "1"]
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "captioning.cli", "caption", str(table), *options, "--maximum-words", "2"]
    )
    peaks = watch(process, out, times)
    told = {f"{share:.0%}": round(peak, 1) for share, peak in zip(SHARES, peaks, strict=True)}
    print(json.dumps({"photos": times, "MiB": told, "seconds": round(time.monotonic() - start, 1)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
