"""Photos a second, in parts and as a whole."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from captioning.batch import BATCH, caption_all
from captioning.benchmark.clock import seconds
from captioning.benchmark.compare import compare_captioning, compare_training
from captioning.captioner import Captioner
from captioning.config import SearchConfig
from captioning.inputs import Wanted, find_photos
from captioning.model import CaptionModel
from captioning.photos import load_photo
from shared.errors import at_least


def benchmark(
    images: str, photos: int, *, model: str = "default", device: str = "auto", beam: int = 3, reference: bool = False
) -> dict[str, object]:
    """Measures, prints and returns photos a second: of opening photos, of the encoder and of the search, each on one
    thread, and of everything together as `captioning caption` does it. Loading the model is not counted.

    With `reference`, a plain decoder (`benchmark.reference`) is measured beside ours, in training and in captioning.

    Raises:
        UserError: for a model or photos that cannot be used.
    """
    at_least(1, photos=photos)
    network = CaptionModel.from_pretrained(model)
    captioner = Captioner(network, device)
    with tempfile.TemporaryDirectory() as folder:
        found = list(islice(find_photos([images]), photos)) if images else _noise(Path(folder), photos)
        wanted = [found[i % len(found)] for i in range(photos)]
        result: dict[str, object] = {
            "photos": photos,
            "beam": beam,
            "device": str(captioner.device),
            "threads": torch.get_num_threads(),
            **_rates(captioner, wanted, beam),
        }
        if reference:
            result["captioning"] = compare_captioning(captioner, wanted, beam)
            result["training_step"] = compare_training(network, captioner, wanted[:BATCH], Path(folder))
    json.dump(result, sys.stdout, indent=2)
    print()
    return result


def _rates(captioner: Captioner, wanted: Sequence[Wanted], beam: int) -> dict[str, float]:
    size, fit = captioner.config.image_size, captioner.config.fit
    few = wanted[:BATCH]
    print(f"one thread: opening {len(few)} photos, encoding and describing them", file=sys.stderr)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pixels = torch.stack([load_photo(photo.path, size, fit) for photo in few])
    grid = captioner.encode_pixels(pixels)
    opening = seconds(lambda: [load_photo(photo.path, size, fit) for photo in few])
    encoder = seconds(lambda: captioner.encode_pixels(pixels))
    search = seconds(lambda: captioner.describe_all(grid, beam=beam))
    torch.set_num_threads(threads)
    print(f"{threads} threads: {len(wanted)} photos from file to sentence", file=sys.stderr)
    list(caption_all(captioner, few, SearchConfig(beam=beam)))
    whole = seconds(lambda: list(caption_all(captioner, wanted, SearchConfig(beam=beam))), times=1)
    return {
        "opening": round(len(few) / opening, 1),
        "encoder": round(len(few) / encoder, 1),
        "search": round(len(few) / search, 1),
        "end_to_end": round(len(wanted) / whole, 1),
        "search_by_encoder": round(search / encoder, 3),
    }


def _noise(folder: Path, photos: int) -> list[Wanted]:
    """Photos of 640 by 480 pixels, about as heavy to decode as real ones of that size."""
    chance = np.random.default_rng(0)
    found = []
    for number in range(min(photos, 16)):
        coarse = Image.fromarray(chance.integers(0, 256, (48, 64, 3), dtype=np.uint8))
        coarse.resize((640, 480), Image.Resampling.BICUBIC).save(folder / f"{number}.jpg", quality=90)
        found.append(Wanted(folder / f"{number}.jpg", number))
    return found
