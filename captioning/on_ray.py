"""The same job on a cluster, by Ray Data: photos go out in batches, each to a worker that keeps its captioner."""

from __future__ import annotations

import logging
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from captioning.config import SearchConfig
from captioning.inputs import Wanted
from captioning.outputs import Record
from shared.errors import UserError

WINDOW = 50_000  # photos named to the cluster at a time: memory here does not grow with their number


class _Worker:
    """A captioner on one core, or on the GPU that Ray gave it."""

    def __init__(self, model: str, device: str, search: SearchConfig) -> None:
        import torch

        from captioning.captioner import Captioner

        torch.set_num_threads(1)
        self.captioner, self.search = Captioner.from_pretrained(model, device), search

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[bytes]]:
        from captioning.batch import caption_batch

        wanted = [pickle.loads(photo) for photo in batch["photo"]]
        return {"record": [pickle.dumps(record) for record in caption_batch(self.captioner, wanted, self.search)]}


def on_ray(model: str, device: str, search: SearchConfig) -> Callable[[Iterable[Wanted]], Iterator[Record]]:
    """What makes a record for each photo, in order, on all machines of the cluster that RAY_ADDRESS names, or of one started
    here.

    The model and the photos must lie where every machine finds them under the same names.

    Raises:
        UserError: without Ray, or for a model that is none.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers of each start
    try:
        import ray.data  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
    except ImportError as error:
        raise UserError("--engine ray needs Ray: install show-and-scribe[ray]") from error
    from captioning.captioner import Captioner
    from captioning.search.find import rules_of

    # A mistake is better told here than by the workers.
    rules_of(search, Captioner.from_pretrained(model, "cpu").vocabulary)
    return partial(_caption, (model, device, search))


def _caption(settings: tuple[str, str, SearchConfig], wanted: Iterable[Wanted]) -> Iterator[Record]:
    import ray.data

    from captioning.batch import BATCH

    ray.init(ignore_reinit_error=True, include_dashboard=False, log_to_driver=False, logging_level=logging.WARNING)
    logging.getLogger("ray.data").setLevel(logging.WARNING)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    there = ray.cluster_resources()
    on_gpu = settings[1] != "cpu" and there.get("GPU", 0) >= 1
    workers = max(1, int(there["GPU"] if on_gpu else there.get("CPU", 1)))
    photos = iter(wanted)
    while window := [{"photo": pickle.dumps(photo)} for photo in islice(photos, WINDOW)]:
        records = ray.data.from_items(window, override_num_blocks=-(-len(window) // BATCH)).map_batches(
            _Worker,
            fn_constructor_args=settings,
            batch_size=BATCH,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers),
            num_cpus=0 if on_gpu else 1,
            num_gpus=1 if on_gpu else 0,
        )
        yield from (pickle.loads(row["record"]) for row in records.iter_rows())
