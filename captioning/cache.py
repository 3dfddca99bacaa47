"""What the encoder's frozen stages make of a set of photos, computed once and kept on disk.

A cache is a folder, named after a fingerprint of everything that its numbers depend on, with three files: key.json
(that everything, in words), maps.npy (float16 [photos, views, C, X, Y], memory-mapped) and done (how many photos stand
in it). It can be interrupted at any time and goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from tqdm import tqdm

from captioning.config import ModelConfig
from captioning.encoder import Encoder
from captioning.photos import PhotoError, load_photo
from shared.errors import UserError
from shared.pretrained import device_of

BATCH = 8
SAVE_EVERY = 25  # batches


class FeatureCache:
    """The maps of photos, opened if they are there, computed if not.

    Args:
        folder: where caches are kept; each takes a folder of its own inside.
        encoder: the encoder whose prefix makes the maps.
        config: the preprocessing.
        images: the folder with the photos.
        files: the photos in it, in the order in which they are asked for later.
        flips: whether a second view of each photo, mirrored left to right, is kept too.

    Raises:
        UserError: for a photo that cannot be read.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        config: ModelConfig,
        images: Path,
        files: Sequence[str],
        flips: bool = False,
    ) -> None:
        self.views = 2 if flips else 1
        self.images, self.files, self.config = images, files, config
        key = {
            "encoder": config.encoder,
            "until": config.trainable_from or "the grid",
            "weights": encoder.prefix_digest(),
            "image_size": config.image_size,
            "fit": config.fit,
            "views": self.views,
            "files": hashlib.sha256("\n".join(files).encode()).hexdigest(),
            "photos": len(files),
        }
        self.folder = folder / hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]
        self.maps = self._open(key, encoder)
        self._fill(encoder)

    def __len__(self) -> int:
        return len(self.files)

    def read(self, examples: Sequence[int]) -> Float[Tensor, "B C X Y"]:
        """The maps of photos, by their number; adding the number of photos to it asks for the mirrored view."""
        views, photos = np.divmod(np.asarray(examples), len(self.files))
        return torch.from_numpy(self.maps[photos, views].astype(np.float32))

    def _open(self, key: dict[str, Any], encoder: Encoder) -> np.ndarray:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "maps.npy"
        if self._done() is None:
            device = device_of(encoder)
            black = torch.zeros(1, 3, self.config.image_size, self.config.image_size, dtype=torch.uint8, device=device)
            shape = (len(self.files), self.views, *encoder.prefix(black).shape[1:])
            np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape).flush()
            (self.folder / "key.json").write_text(json.dumps(key, indent=2) + "\n")
            self._note(0)
        return np.lib.format.open_memmap(path, mode="r+")

    @torch.inference_mode()
    def _fill(self, encoder: Encoder) -> None:
        done = self._done() or 0
        if done == len(self.files):
            return
        device = device_of(encoder)
        encoder = encoder.folded()
        starts = range(done, len(self.files), BATCH)
        with ThreadPoolExecutor(1) as reader:  # the next photos are decoded while the network works on these
            batches = tqdm(reader.map(self._pixels, starts), "features", len(starts), disable=None, leave=False)
            for number, (start, pixels) in enumerate(zip(starts, batches, strict=True), 1):
                pixels = pixels.to(device)
                views = [pixels, pixels.flip(-1)][: self.views]
                maps = torch.stack([encoder.prefix(view) for view in views], 1)
                self.maps[start : start + len(pixels)] = maps.half().cpu().numpy()
                if number % SAVE_EVERY == 0:
                    self._note(start + len(pixels))
        self._note(len(self.files))

    def _pixels(self, start: int) -> UInt8[Tensor, "B 3 S S"]:
        return torch.stack([self._load(file) for file in self.files[start : start + BATCH]])

    def _load(self, file: str) -> UInt8[Tensor, "3 S S"]:
        try:
            return load_photo(self.images / file, self.config.image_size, self.config.fit)
        except PhotoError as error:
            raise UserError(
                f"cannot use the photo {self.images / file}: {error}; mend it or take it out of the data"
            ) from error

    def _done(self) -> int | None:
        try:
            return int((self.folder / "done").read_text())
        except (OSError, ValueError):
            return None

    def _note(self, done: int) -> None:
        if hasattr(self, "maps"):
            self.maps.flush()  # type: ignore[attr-defined]
        fresh = self.folder / "done.new"
        fresh.write_text(str(done))
        os.replace(fresh, self.folder / "done")
