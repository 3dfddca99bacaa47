"""What the encoder's frozen stages make of a set of photos, computed once and kept on disk.

Every view of the photos has a folder of its own, named after a fingerprint of everything that its numbers depend on, with three
files: key.json (that everything, in words), maps.npy (float16 [photos, C, X, Y], memory-mapped) and done (how many photos
stand in it). It can be interrupted at any time and goes on where it was; more views can be asked for later. Of several processes
that want the same maps, one computes them and the others wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
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
from captioning.views import view
from shared.errors import UserError
from shared.pretrained import device_of

BATCH = 8
SAVE_EVERY = 25  # batches


class FeatureCache:
    """The maps of photos, opened if they are there, computed if not.

    Args:
        folder: where caches are kept.
        encoder: the encoder whose prefix makes the maps.
        config: the preprocessing.
        images: the folder with the photos.
        files: the photos in it, in the order in which they are asked for later.
        views: how many views of each photo there are, as `views.view` counts them.

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
        views: int = 1,
    ) -> None:
        self.files = files
        key = {
            "encoder": config.encoder,
            "until": config.trainable_from or "the grid",
            "weights": encoder.prefix_digest(),
            "image_size": config.image_size,
            "fit": config.fit,
            "files": _digest(images, files),
            "photos": len(files),
        }
        self.views = [_View(folder, {**key, "view": number}, images, files) for number in range(views)]
        if not all(one.is_whole for one in self.views):
            with _alone(folder / f"{_fingerprint(key)}.lock"):
                self._fill(encoder)

    def __len__(self) -> int:
        return len(self.files)

    def read(self, examples: Sequence[int]) -> Float[Tensor, "B C X Y"]:
        """The maps of photos, by their number; adding the number of photos v times asks for view v."""
        maps = [self.views[example // len(self)].maps[example % len(self)] for example in examples]
        return torch.from_numpy(np.stack(maps).astype(np.float32))

    def _fill(self, encoder: Encoder) -> None:
        # Only now: another process may have filled them while this one waited.
        missing = [one for one in self.views if not one.is_whole]
        if missing:
            encoder = encoder.folded()
        for one in missing:
            one.fill(encoder)


class _View:
    """One view of all the photos."""

    def __init__(self, folder: Path, key: dict[str, Any], images: Path, files: Sequence[str]) -> None:
        self.key, self.images, self.files = key, images, files
        self.folder = folder / _fingerprint(key)

    @property
    def is_whole(self) -> bool:
        return self._done() == len(self.files)

    @torch.inference_mode()
    def fill(self, encoder: Encoder) -> None:
        """Computes what is not there yet."""
        device, done = device_of(encoder), self._done()
        starts = range(done, len(self.files), BATCH)
        with ThreadPoolExecutor(1) as reader:  # the next photos are decoded while the network works on these
            name = f"features of view {self.key['view'] + 1}"
            batches = tqdm(reader.map(self._pixels, starts), name, len(starts), disable=None, leave=False)
            for number, (start, pixels) in enumerate(zip(starts, batches, strict=True), 1):
                maps = encoder.prefix(pixels.to(device)).half().cpu().numpy()
                if not start:
                    self._make(maps.shape[1:])
                self.maps[start : start + len(pixels)] = maps
                if number % SAVE_EVERY == 0:
                    self._note(start + len(pixels))
        self._note(len(self.files))

    def _make(self, shape: tuple[int, ...]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        np.lib.format.open_memmap(
            self.folder / "maps.npy", mode="w+", dtype=np.float16, shape=(len(self.files), *shape)
        ).flush()
        (self.folder / "key.json").write_text(json.dumps(self.key, indent=2) + "\n")

    @cached_property
    def maps(self) -> np.memmap:
        """[photos, C, X, Y], once there are any."""
        return np.lib.format.open_memmap(self.folder / "maps.npy", mode="r+")

    def _pixels(self, start: int) -> UInt8[Tensor, "B 3 S S"]:
        return torch.stack([self._load(file) for file in self.files[start : start + BATCH]])

    def _load(self, file: str) -> UInt8[Tensor, "3 S S"]:
        try:
            photo = load_photo(self.images / file, self.key["image_size"], self.key["fit"])
        except PhotoError as error:
            raise UserError(
                f"cannot use the photo {self.images / file}: {error}; mend it or take it out of the data"
            ) from error
        return view(photo, self.key["view"], file)

    def _done(self) -> int:
        try:
            return int((self.folder / "done").read_text())
        except (OSError, ValueError):
            return 0

    def _note(self, done: int) -> None:
        self.maps.flush()
        fresh = self.folder / "done.new"
        fresh.write_text(str(done))
        os.replace(fresh, self.folder / "done")


def _digest(images: Path, files: Sequence[str]) -> str:
    """Of the photos' names and sizes: other photos of the same names hardly ever have the same sizes, all of them."""
    digest = hashlib.sha256()
    for file in files:
        try:
            size = (images / file).stat().st_size
        except OSError as error:
            raise UserError(f"cannot use the photo {images / file}: {error.strerror or error}") from error
        digest.update(f"{file} {size}\n".encode())
    return digest.hexdigest()


def _fingerprint(key: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Waits until no other process is in here with the same file, where the system has such locks."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as held:
        _lock(held.fileno())
        yield


def _lock(descriptor: int) -> None:
    with contextlib.suppress(ImportError, OSError):  # a system, or a file system, without locks
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
