"""How many photos a second this machine captions, in parts and as a whole."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from captioning.batch import BATCH, caption_all
from captioning.captioner import Captioner
from captioning.config import SearchConfig
from captioning.inputs import Wanted, find_photos
from captioning.photos import load_photo
from shared.errors import UserError


def benchmark(
    images: str, photos: int, *, model: str = "default", device: str = "auto", beam: int = 3
) -> dict[str, object]:
    """Measures, prints and returns photos a second: of opening photos, of the encoder and of the search, each on one
    thread, and of everything together as `captioning caption` does it. Loading the model is not counted.

    Raises:
        UserError: for a model or photos that cannot be used.
    """
    if photos < 1:
        raise UserError(f"--photos must be at least 1, got {photos}")
    captioner = Captioner.from_pretrained(model, device)
    with tempfile.TemporaryDirectory() as folder:
        found = list(islice(find_photos([images]), photos)) if images else _noise(Path(folder), photos)
        wanted = [found[i % len(found)] for i in range(photos)]
        result = {"photos": photos, "beam": beam, "device": str(captioner.device), **_rates(captioner, wanted, beam)}
    json.dump(result, sys.stdout, indent=2)
    print()
    return result


def _rates(captioner: Captioner, wanted: Sequence[Wanted], beam: int) -> dict[str, float]:
    size, fit = captioner.config.image_size, captioner.config.fit
    few = wanted[:BATCH]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pixels = torch.stack([load_photo(photo.path, size, fit) for photo in few])
    grid = captioner.encode_pixels(pixels)
    parts = {
        "opening": _rate(len(few), lambda: [load_photo(photo.path, size, fit) for photo in few]),
        "encoder": _rate(len(few), lambda: captioner.encode_pixels(pixels)),
        "search": _rate(len(few), lambda: captioner.describe_all(grid, beam=beam)),
    }
    torch.set_num_threads(threads)
    list(caption_all(captioner, few, SearchConfig(beam=beam)))
    return {
        **parts,
        "end_to_end": _rate(
            len(wanted), lambda: list(caption_all(captioner, wanted, SearchConfig(beam=beam))), times=1
        ),
    }


def _rate(photos: int, work: Callable[[], object], times: int = 3) -> float:
    """Photos a second, in the best of a few runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return round(photos / best, 1)


def _noise(folder: Path, photos: int) -> list[Wanted]:
    """Photos of 640 by 480 pixels, about as heavy to decode as real ones of that size."""
    chance = np.random.default_rng(0)
    found = []
    for number in range(min(photos, 16)):
        coarse = Image.fromarray(chance.integers(0, 256, (48, 64, 3), dtype=np.uint8))
        coarse.resize((640, 480), Image.Resampling.BICUBIC).save(folder / f"{number}.jpg", quality=90)
        found.append(Wanted(folder / f"{number}.jpg", number))
    return found
