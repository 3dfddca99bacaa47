"""CIDEr-D (Vedantam et al. 2015, section 8): the score that everybody reports as "CIDEr", and a reward to learn by.

Captions are vectors of n-grams, weighted by how telling each is: one that the references of many photos have in common tells
little. `CiderD` prepares the references once, and then scores as many captions of these photos as one likes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from captioning.metrics.ngrams import ORDERS, Gram, Tokens, check_pairs, ngrams
from shared.errors import UserError


@dataclass(frozen=True)
class DocumentFrequencies:
    """In the references of how many of `photos` photos each n-gram occurs.

    Those of a single photo are left out: they weigh no less than those of none.
    """

    photos: int
    counts: Mapping[Gram, int]

    @classmethod
    def of(cls, references: Iterable[Sequence[Tokens]]) -> DocumentFrequencies:
        photos, counts = 0, Counter[Gram]()
        for photo in references:
            photos += 1
            counts.update({gram for reference in photo for order in ORDERS for gram in ngrams(reference, order)})
        return cls(photos, {gram: count for gram, count in counts.items() if count > 1})

    @cached_property
    def weights(self) -> dict[Gram, float]:
        """log(N / df) of each n-gram; of one that is not listed, log N."""
        return {gram: self.rarest - math.log(count) for gram, count in self.counts.items()}

    @cached_property
    def rarest(self) -> float:
        return math.log(self.photos)

    def vectors(self, tokens: Tokens) -> Iterator[tuple[dict[Gram, float], float]]:
        """For each order the caption's n-grams with count · log(N / df), and the norm; orders without weight are left out."""
        weights, rarest = self.weights, self.rarest
        for order in ORDERS:
            vector: dict[Gram, float] = {}
            for gram in zip(*(tokens[start:] for start in range(order)), strict=False):
                vector[gram] = vector.get(gram, 0.0) + weights.get(gram, rarest)
            square = sum([weight * weight for weight in vector.values()])
            if square > 0:
                yield vector, math.sqrt(square)

    @cached_property
    def fingerprint(self) -> str:
        """Eight letters that tell these frequencies from others."""
        return hashlib.sha256(self._text().encode()).hexdigest()[:8]

    def save(self, path: str | Path) -> None:
        """Writes the frequencies as JSON; the tokens must be words, as `ptb.tokenise` gives them.

        Raises:
            UserError: when the file cannot be written.
        """
        try:
            Path(path).write_text(self._text(), encoding="utf-8")
        except OSError as error:
            raise UserError(f"cannot write document frequencies to {path}: {error.strerror}") from error

    @classmethod
    def load(cls, path: str | Path) -> DocumentFrequencies:
        """Raises:
        UserError: for a file that is missing or holds no document frequencies.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            photos, counts = content["photos"], content["counts"]
            if not (isinstance(photos, int) and photos > 0):
                raise ValueError(f"photos is {photos!r}, expected a positive whole number")
            wrong = [gram for gram, n in counts.items() if not (isinstance(n, int) and 0 < n <= photos)]
            if wrong:
                raise ValueError(f"the count of {wrong[0]!r} is {counts[wrong[0]]!r}, expected 1 to {photos}")
        except OSError as error:
            raise UserError(f"cannot read document frequencies from {path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"{path} holds no document frequencies ({type(error).__name__}: {error}); "
                "expected a file that `captioning score --save-frequencies` wrote"
            ) from error
        return cls(photos, {tuple(gram.split(" ")): count for gram, count in counts.items()})

    def _text(self) -> str:
        counts = {" ".join(map(str, gram)): count for gram, count in self.counts.items()}
        content = {"photos": self.photos, "counts": counts}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def cider_d(
    hypotheses: Sequence[Tokens],
    references: Sequence[Sequence[Tokens]],
    frequencies: DocumentFrequencies | None = None,
) -> list[float]:
    """CIDEr-D of each caption, on its scale of 10.

    Without `frequencies` they are counted over the photos scored, as the COCO evaluation does: then a score of a few photos
    cannot be compared with one of many, and a single photo scores 0.

    Raises:
        ValueError: when there is not one hypothesis, and at least one reference, for each photo.
    """
    check_pairs(hypotheses, references)
    return CiderD(references, frequencies).scores(range(len(references)), hypotheses)


class CiderD:
    """CIDEr-D of captions of photos whose references are known.

        10/4 Σ_n mean_ref [ exp(-(l_h - l_r)² / 2σ²) · min(g_h, g_r)·g_r / (|g_h| |g_r|) ],   g = count · log(N / df)

    As a reward (Rennie et al. 2017): tokens may be a vocabulary's numbers. Put the end token at the end of all references
    and of the captions that have ended, or captions learn to break off.

    Args:
        references: of each photo.
        frequencies: of n-grams of the same tokens; without it, those of these references.
        sigma: of the penalty for another length, in tokens.
        kept: photos whose references are kept ready, about 40 kB each; others are prepared anew when they are asked for.
    """

    def __init__(
        self,
        references: Sequence[Sequence[Tokens]],
        frequencies: DocumentFrequencies | None = None,
        sigma: float = 6.0,
        kept: int = 2**14,
    ) -> None:
        self.frequencies = DocumentFrequencies.of(references) if frequencies is None else frequencies
        self.penalties = _Penalties(sigma)
        self.known = lru_cache(kept)(lambda photo: self._prepare(references[photo]))

    def scores(self, photos: Iterable[int], captions: Iterable[Tokens]) -> list[float]:
        """The score of each caption, of the photo whose number in the references stands beside it."""
        return [self.score(photo, caption) for photo, caption in zip(photos, captions, strict=True)]

    def score(self, photo: int, caption: Tokens) -> float:
        lengths, known = self.known(photo)
        similarities = [0.0] * len(lengths)
        for vector, norm in self.frequencies.vectors(caption):
            for gram, weight in vector.items():
                # One look tells of all references at once; most n-grams are in none.
                for reference, theirs, share in known.get(gram, ()):
                    similarities[reference] += (weight if weight < theirs else theirs) * share / norm
        length = len(caption)
        pairs = zip(similarities, lengths, strict=True)
        total = sum(similarity * self.penalties[length - other] for similarity, other in pairs)
        return 10 * total / (len(ORDERS) * len(lengths))

    def _prepare(self, photo: Sequence[Tokens]) -> _Known:
        found: dict[Gram, list[tuple[int, float, float]]] = {}
        for number, reference in enumerate(photo):
            for vector, norm in self.frequencies.vectors(reference):
                for gram, weight in vector.items():
                    found.setdefault(gram, []).append((number, weight, weight / norm))
        return [len(reference) for reference in photo], found


_Known = tuple[list[int], dict[Gram, list[tuple[int, float, float]]]]
"""lengths of a photo's references; and of each n-gram in which of them it is, its weight, and its share of the norm"""


class _Penalties(dict[int, float]):
    """exp(-d² / 2σ²), by the difference of two lengths d."""

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma

    def __missing__(self, difference: int) -> float:
        self[difference] = math.exp(-(difference**2) / (2 * self.sigma**2))
        return self[difference]
