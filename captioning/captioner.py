"""The captioner that people meet: photos in, sentences out, with all that the network noted on the way."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from captioning.config import SearchConfig
from captioning.encoder import Encoder
from captioning.model import CaptionModel
from captioning.photos import PhotoSource, load_photo
from captioning.search import Ensemble, Found
from captioning.search.find import find_captions
from captioning.search.instead import likeliest_words
from captioning.search.predictor import Predictor
from captioning.tokens import END, UNKNOWN
from shared.device import pick_device
from shared.errors import UserError


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
    """sums to 1 over each word's grid, rows from top to bottom; of a word said in pieces, the mean over them"""


@dataclass(frozen=True)
class Grid:
    """What the encoders saw in B photos; captioned as often as one likes without looking again."""

    features: tuple[Float[Tensor, "B _ _"], ...]
    """for each model, its own; after them, if the photos were seen mirrored too, that of their mirror images, turned back"""
    fingerprints: tuple[int, ...]
    """of the photos, so that chance deals to each of them alike, whatever stands beside it"""

    def __len__(self) -> int:
        return len(self.fingerprints)


class Captioner:
    """Describes photos. Holds nothing that changes: threads may share it.

    Args:
        model: the network; or several with one vocabulary, whose probabilities are averaged. Where a word was looked for is
            then told on the grid of the first.
        device: where it should run: "auto", "cpu", "cuda", …

    Raises:
        UserError: for models that cannot work together.
    """

    def __init__(self, model: CaptionModel | Sequence[CaptionModel], device: str = "auto") -> None:
        models = (model,) if isinstance(model, CaptionModel) else tuple(model)
        _check_alike(models)
        self.device = pick_device(device)
        self.config, self.vocabulary = models[0].config, models[0].vocabulary
        # Models learnt on the same frozen encoder look but once: it is most of the work.
        firsts = [next(i for i, other in enumerate(models) if _same(other.encoder, m.encoder)) for m in models]
        self.encoders = {i: models[i].encoder.folded().to(self.device) for i in dict.fromkeys(firsts)}
        self.members = [(first, m.decoder.to(self.device).eval()) for first, m in zip(firsts, models, strict=True)]
        self.encoder = self.encoders[0]

    @classmethod
    def from_pretrained(cls, name: str | Path | Sequence[str | Path] = "default", device: str = "auto") -> Captioner:
        """The captioner of that name, folder or hub id; of several, in a list or with commas between, the ensemble.

        Raises:
            UserError: if there is none, or they cannot work together.
        """
        names = [part.strip() for part in name.split(",")] if isinstance(name, str) else name
        names = [names] if isinstance(names, Path) else list(names)
        return cls([CaptionModel.from_pretrained(one) for one in names], device)

    def caption(self, photo: PhotoSource, search: SearchConfig = SearchConfig(), **changes: Any) -> str:  # noqa: B008 - frozen
        """The best sentence for a photo; options as for `describe`.

        Raises:
            PhotoError: for a photo that cannot be used, with the reason.
        """
        return self.describe(photo, search, **changes)[0].text

    def describe(self, photo: PhotoSource, search: SearchConfig = SearchConfig(), **changes: Any) -> list[Caption]:  # noqa: B008
        """The best captions for one photo, best first; drawn ones in the order of the draws.

        Args:
            photo: a file, its bytes, or an open Pillow image.
            search: how captions are looked for, and how many.
            **changes: single options of it: `describe(photo, beam=5, n_best=5)`. Fewer come back when there are no more.

        Raises:
            PhotoError: for a photo that cannot be used, with the reason.
            UserError: for banned or required words that the model does not have, or that leave nothing to say.
            ValueError: for options that cannot be.
        """
        return self.describe_all([photo], search, **changes)[0]

    def describe_all(
        self,
        photos: Sequence[PhotoSource] | Grid,
        search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
        **changes: Any,
    ) -> list[list[Caption]]:
        """`describe` for many photos at once, or for what `encode` made of them."""
        search = dataclasses.replace(search, **changes)
        grid = photos if isinstance(photos, Grid) else self.encode(photos, search.mirrored)
        if not len(grid):
            return []
        if search.mirrored and len(grid.features) == len(self.members):
            raise ValueError(
                "the photos were not seen mirrored: give them themselves, or what encode(…, mirrored=True) made"
            )
        seeds = [(search.seed, fingerprint) for fingerprint in grid.fingerprints]
        with torch.inference_mode():
            found = find_captions(self._look(grid, search.mirrored), search, self.vocabulary, seeds)
        captions = self._captions(found)
        if not all(captions):
            raise UserError(f"no caption of at most {search.maximum_words} words has {_wanted(search)}")
        return captions

    def alternatives(self, grid: Grid, caption: Caption, count: int = 5) -> list[list[tuple[str, float]]]:
        """What else the network would have said: for each word of a caption the likeliest others there, and how likely each was.

        Args:
            grid: what `encode` made of the photo, alone; if with its mirror image, both are asked, as a mirrored search asks them.
            caption: of that photo. The words before a word are taken as they are.
            count: of others for each word.

        Returns:
            For each word, others and their probabilities by the network alone, the likeliest first; "" stands for the end
            of the caption.

        Raises:
            ValueError: for the grid of several photos.
        """
        if len(grid) != 1:
            raise ValueError(f"alternatives are of the words about one photo, got a grid of {len(grid)}")
        said = [self.vocabulary.encode(word) or [UNKNOWN] for word in caption.words]
        with torch.inference_mode():
            looking = self._look(grid, mirrored=len(grid.features) > len(self.members))
            places = likeliest_words(looking, said, self.vocabulary, count + 1)
        return [
            [other for other in others if other[0] != word][:count]
            for word, others in zip(caption.words, places, strict=True)
        ]

    def encode(self, photos: Sequence[PhotoSource], mirrored: bool = False) -> Grid:
        """Looks at photos, and with `mirrored` at their mirror images too.

        Raises:
            PhotoError: for a photo that cannot be used, with the reason.
        """
        size, fit = self.config.image_size, self.config.fit
        pixels = [load_photo(photo, size, fit) for photo in photos]
        empty = torch.empty(0, 3, size, size, dtype=torch.uint8)
        return self.encode_pixels(torch.stack(pixels) if pixels else empty, mirrored)

    def encode_pixels(self, pixels: UInt8[Tensor, "B 3 S S"], mirrored: bool = False) -> Grid:
        """Looks at photos that `photos.load_photo` has made ready."""
        with torch.inference_mode():
            there = pixels.to(self.device)
            seen = [{i: encoder(there) for i, encoder in self.encoders.items()}]
            if mirrored:
                seen.append({i: _turned(encoder, encoder(there.flip(-1))) for i, encoder in self.encoders.items()})
        # A pixel in 64 tells photos apart.
        fingerprints = tuple(zlib.crc32(photo.numpy().tobytes()) for photo in pixels[..., ::8, ::8].cpu())
        return Grid(tuple(view[first] for view in seen for first, _ in self.members), fingerprints)

    def _look(self, grid: Grid, mirrored: bool) -> Predictor:
        """All decoders in front of a grid, as one. It may know more than is asked of it."""
        seers = self.members * (2 if mirrored else 1)
        features = grid.features[: len(seers)]
        looks = [decoder.look(seen) for (_, decoder), seen in zip(seers, features, strict=True)]
        return looks[0] if len(looks) == 1 else Ensemble(looks)

    def _captions(self, found: Found) -> list[list[Caption]]:
        words, noted, totals = found.words.tolist(), found.word_log_probs.tolist(), found.log_probs.tolist()
        attention = found.attention.float().cpu().numpy()
        return [
            [
                self._caption(words[photo][rank], noted[photo][rank], total, attention[photo, rank])
                for rank, total in enumerate(row)
                if total > float("-inf")
            ]
            for photo, row in enumerate(totals)
        ]

    def _caption(self, tokens: list[int], noted: list[float], total: float, attention: np.ndarray) -> Caption:
        """From the tokens of a caption, its end and what follows; a word may be made of several."""
        length = tokens.index(END)
        parts = self.vocabulary.words(tokens[:length])
        counts = np.array([count for _, count in parts])
        starts = counts.cumsum() - counts
        looked = np.add.reduceat(attention[:length], starts) / counts[:, None]
        log_probs = [*np.add.reduceat(noted[:length], starts).tolist(), noted[length]]
        words = [word for word, _ in parts]
        grid = looked.reshape(-1, self.encoder.rows, self.encoder.columns)
        return Caption(" ".join(words), words, total, log_probs, grid)


def _turned(encoder: Encoder, seen: Float[Tensor, "B L D"]) -> Float[Tensor, "B L D"]:
    """What was seen in a mirror image, each location where it lies in the photo itself."""
    return seen.unflatten(1, (encoder.rows, encoder.columns)).flip(2).flatten(1, 2)


def _check_alike(models: Sequence[CaptionModel]) -> None:
    if not models:
        raise UserError("a captioner needs a model at least, got none")
    first = models[0]
    for number, model in enumerate(models[1:], 2):
        if model.vocabulary.tokenizer.get_vocab() != first.vocabulary.tokenizer.get_vocab():
            raise UserError(
                f"models that caption together need one vocabulary; that of model {number} is another than the first's"
            )
        for name in ("image_size", "fit"):
            here, there = getattr(first.config, name), getattr(model.config, name)
            if here != there:
                raise UserError(
                    f"models that caption together must see photos alike; {name} is {here} in the first, {there} in model {number}"
                )


def _same(a: Encoder, b: Encoder) -> bool:
    """Whether both see the same in a photo."""
    mine, yours = ({**encoder.state_dict(), "mean": encoder.mean, "std": encoder.std} for encoder in (a, b))
    return a is b or (
        a.names == b.names and mine.keys() == yours.keys() and all(torch.equal(mine[n], yours[n]) for n in mine)
    )


def _wanted(search: SearchConfig) -> str:
    """What a search asks of its captions."""
    wanted = {
        f"at least {search.minimum_words} words": search.minimum_words > 1,
        f"the words {', '.join(search.required)}": search.required,
        f"none of the words {', '.join(search.banned)}": search.banned,
        f"no {search.no_repeat} words twice": search.no_repeat,
    }
    return " and ".join(said for said, asked in wanted.items() if asked) or "a probability"
