"""The captioner that people meet: photos in, sentences out, with all that the network noted on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from captioning.model import CaptionModel
from captioning.photos import PhotoSource, load_photo
from captioning.search import Found, beam_search
from captioning.tokens import END
from shared.device import pick_device


@dataclass(frozen=True)
class Caption:
    """A caption and how it came about. A word's attention says where the network looked before it said the word."""

    text: str
    words: list[str]
    log_prob: float
    """of the whole caption, its end included, in nats"""
    word_log_probs: list[float]
    """of each word, and last of the end"""
    attention: Float[np.ndarray, "words rows columns"]
    """sums to 1 over each word's grid, rows from top to bottom"""


@dataclass(frozen=True)
class Grid:
    """What the encoder saw in B photos; captioned as often as one likes without looking again."""

    features: Float[Tensor, "B L D"]

    def __len__(self) -> int:
        return len(self.features)


class Captioner:
    """Describes photos. Holds nothing that changes: threads may share it.

    Args:
        model: the network.
        device: where it should run: "auto", "cpu", "cuda", …
    """

    def __init__(self, model: CaptionModel, device: str = "auto") -> None:
        self.device = pick_device(device)
        self.config, self.vocabulary = model.config, model.vocabulary
        self.encoder = model.encoder.folded().to(self.device)
        self.decoder = model.decoder.to(self.device).eval()

    @classmethod
    def from_pretrained(cls, name: str | Path = "default", device: str = "auto") -> Captioner:
        """The captioner of that name, folder or hub id.

        Raises:
            UserError: if there is none.
        """
        return cls(CaptionModel.from_pretrained(name), device)

    def caption(self, photo: PhotoSource, beam: int = 3) -> str:
        """The best sentence for a photo.

        Raises:
            PhotoError: for a photo that cannot be used, with the reason.
        """
        return self.describe(photo, beam=beam)[0].text

    def describe(self, photo: PhotoSource, *, beam: int = 3, n_best: int = 1, maximum_words: int = 24) -> list[Caption]:
        """The best captions for one photo, best first.

        Args:
            photo: a file, its bytes, or an open Pillow image.
            beam: captions tried side by side; 1 is greedy.
            n_best: captions wanted, at most `beam`. Fewer come back when there are no more.
            maximum_words: words in a caption, at most.

        Raises:
            PhotoError: for a photo that cannot be used, with the reason.
        """
        return self.describe_all([photo], beam=beam, n_best=n_best, maximum_words=maximum_words)[0]

    def describe_all(
        self, photos: Sequence[PhotoSource] | Grid, *, beam: int = 3, n_best: int = 1, maximum_words: int = 24
    ) -> list[list[Caption]]:
        """`describe` for many photos at once, or for what `encode` made of them."""
        grid = photos if isinstance(photos, Grid) else self.encode(photos)
        if not len(grid):
            return []
        with torch.inference_mode():
            look = self.decoder.look(grid.features)
            found = beam_search(look, len(grid), beam, maximum=maximum_words, best=n_best)
        return self._captions(found)

    def encode(self, photos: Sequence[PhotoSource]) -> Grid:
        """Looks at photos.

        Raises:
            PhotoError: for a photo that cannot be used, with the reason.
        """
        size, fit = self.config.image_size, self.config.fit
        pixels = [load_photo(photo, size, fit) for photo in photos]
        return self.encode_pixels(torch.stack(pixels) if pixels else torch.empty(0, 3, size, size, dtype=torch.uint8))

    def encode_pixels(self, pixels: Tensor) -> Grid:
        """Looks at photos that `photos.load_photo` has made ready, uint8 [B, 3, S, S]."""
        with torch.inference_mode():
            return Grid(self.encoder(pixels.to(self.device)))

    def _captions(self, found: Found) -> list[list[Caption]]:
        shape = (self.encoder.rows, self.encoder.columns)
        words, noted, totals = found.words.tolist(), found.word_log_probs.tolist(), found.log_probs.tolist()
        attention = found.attention.float().cpu().numpy()
        captions: list[list[Caption]] = []
        for photo, rows in enumerate(words):
            captions.append([])
            for rank, numbers in enumerate(rows):
                if totals[photo][rank] == float("-inf"):
                    continue
                length = numbers.index(END)
                said = self.vocabulary.decode(numbers[:length])
                looked = attention[photo, rank, :length].reshape(length, *shape)
                log_probs = noted[photo][rank][: length + 1]
                captions[-1].append(Caption(" ".join(said), said, totals[photo][rank], log_probs, looked))
        return captions
