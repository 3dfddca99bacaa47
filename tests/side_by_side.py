"""A function in several processes at once, which find each other as those do that `accelerate launch` has started.

They meet in a file and talk over the loopback interface: nothing listens where another machine could hear it.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from torch import distributed

MODULES = ["captioning.cli", "captioning.train", "handwriting.cli", "handwriting.train", "tests.side_by_side"]
SECONDS = 600


def side_by_side(processes: int, function: Callable[..., int | None], *arguments: Any) -> list[int]:
    """The exit status of each process; what they print is there for pytest to capture."""
    context = get_context("forkserver")
    # They are forked from a process that has imported everything once, and computed nothing yet.
    context.set_forkserver_preload(MODULES)
    with tempfile.TemporaryDirectory() as folder:
        started = [
            context.Process(target=_be, args=(rank, processes, Path(folder) / "meeting", function, arguments))
            for rank in range(processes)
        ]
        for process in started:
            process.start()
        for process in started:
            process.join(SECONDS)
        late = [process for process in started if process.is_alive()]
        for process in late:
            process.kill()
            process.join()
    assert not late, f"{len(late)} of {processes} processes were still waiting after {SECONDS} seconds"
    return [process.exitcode for process in started]


def _be(rank: int, processes: int, meeting: Path, function: Callable[..., int | None], arguments: Any) -> None:
    loopback = next(name for _, name in socket.if_nameindex() if name.startswith("lo"))
    ranks = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "LOCAL_WORLD_SIZE": processes}
    os.environ |= {name: str(number) for name, number in ranks.items()}
    os.environ |= {"GLOO_SOCKET_IFNAME": loopback, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    torch.set_num_threads(1)
    store = distributed.FileStore(str(meeting), processes)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=processes)
    sys.exit(function(*arguments))
