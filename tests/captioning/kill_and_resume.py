"""Captions a list in processes that are killed (SIGKILL) at random moments, lets others go on, and counts what is there.

usage: python kill_and_resume.py MODEL PHOTOS FOLDER KILLS
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import torch

from captioning.batch import caption_files
from captioning.config import SearchConfig

LENGTH = 320


def start(arguments: list[str], out: Path, model: str) -> int:
    """A process that captions; before it there is no thread that a fork could lose."""
    child = os.fork()
    if child:
        return child
    try:
        status = caption_files(
            arguments,
            str(out),
            "jsonl",
            model=model,
            device="cpu",
            search=SearchConfig(beam=1, maximum_words=2),
            resume=True,
        )
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        status = 3
    os._exit(status)


def finish(arguments: list[str], out: Path, model: str) -> float:
    """Lets a process end by itself; returns the seconds between its first record and its end."""
    child = start(arguments, out, model)
    begun = wait_for_a_record(out)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return time.monotonic() - begun


def wait_for_a_record(out: Path) -> float:
    while not (out.exists() and out.stat().st_size):
        time.sleep(0.001)
    return time.monotonic()


def main(model: str, photos: str, folder: str, kills: str) -> None:
    torch.set_num_threads(1)
    chance = random.Random(20)
    names = sorted(os.listdir(photos))
    wanted = [str(Path(photos, names[number % len(names)])) for number in range(LENGTH)]
    table = Path(folder) / "list.csv"
    table.write_text("photo\n" + "".join(f"{name}\n" for name in wanted))
    seconds = finish([str(table)], Path(folder) / "unhurt.jsonl", model)
    exact = cut_short = 0
    for number in range(int(kills)):
        out = Path(folder) / f"{number}.jsonl"
        child = start([str(table)], out, model)
        if number % 5 != 4:  # one in five while it gets ready, the others while it captions
            wait_for_a_record(out)
        time.sleep(chance.uniform(0, 0.9) * seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        left = out.read_bytes().count(b"\n") if out.exists() else 0
        cut_short += 0 < left < LENGTH
        finish([str(table)], out, model)
        there = [json.loads(line)["photo"] for line in out.read_text().splitlines()]
        exact += Counter(there) == Counter(wanted) and out.read_bytes() == (Path(folder) / "unhurt.jsonl").read_bytes()
        print(f"killed after {left} records, then {len(there)}", file=sys.stderr)
    print(json.dumps({"killed": int(kills), "cut_short": cut_short, "exact": exact, "seconds": round(seconds, 1)}))


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    main(*sys.argv[1:])
