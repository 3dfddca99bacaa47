"""Lines of ink with their texts, and batches of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from handwriting import alphabet
from shared.errors import UserError

BAD = 1 | 2 | 4 | 8 | 32
"""flags of lines that teach nothing: known bad, crossed-out word, jump, no text, odd number of points a character"""
SHORTEST_TEXT, LONGEST_INK = 5, 1200
UNKNOWN = -1
"""the number of a writer whom nobody knows"""
KEYS = ("dx", "dy", "pen_up", "length", "offset", "start", "line_id", "text", "text_norm", "writer", "split", "flags")


@dataclass(frozen=True)
class Lines:
    """Many lines, their points laid end to end.

    Offsets are in tablet units with y downward; pen_up is 1 on the last point of each stroke.
    """

    points: Float[np.ndarray, "P 3"]
    ends: Int[np.ndarray, " N+1"]
    texts: list[str]
    split: Int[np.ndarray, " N"]
    usable: Bool[np.ndarray, " N"]
    """fit to learn from"""
    readable: Bool[np.ndarray, " N"]
    """with a text, all of the alphabet"""
    writer: Int[np.ndarray, " N"]
    """or `UNKNOWN`"""

    def strokes(self, line: int) -> Float[np.ndarray, "T 3"]:
        """The points of one line."""
        return self.points[self.ends[line] : self.ends[line + 1]]

    def length(self, line: int) -> int:
        return int(self.ends[line + 1] - self.ends[line])

    def of(self, splits: Sequence[int], shortest: int = 0, every: bool = False) -> list[int]:
        """The usable lines of these splits.

        Args:
            splits: their numbers.
            shortest: points that a line has at least.
            every: all lines that can be scored, not only those fit to learn from.

        Raises:
            UserError: if there are none.
        """
        long_enough = np.diff(self.ends) >= max(shortest, 2)  # of two points, one is foreseen
        fit = self.readable if every else self.usable
        found = np.flatnonzero(fit & long_enough & np.isin(self.split, splits)).tolist()
        if not found:
            long = f" with at least {shortest} points" if shortest else ""
            there = ", ".join(map(str, sorted(set(self.split.tolist()))))
            raise UserError(f"no usable line{long} in split {', '.join(map(str, splits))}; the file has split {there}")
        return found

    def writers_of(self, chosen: Sequence[int]) -> tuple[int, ...]:
        """The numbers of the known writers of these lines, each once."""
        return tuple(sorted({int(self.writer[line]) for line in chosen} - {UNKNOWN}))


def load_lines(path: Path) -> Lines:
    """Reads a file that `handwriting prepare` wrote, or a user's own lines (see `handwriting.own`).

    A line is usable if none of its `BAD` flags is set, its text has at least 5 characters, all of the alphabet, and its ink at
    most 1,200 points.

    Raises:
        UserError: if the file cannot be read or is of another kind.
    """
    from handwriting import own  # which needs this file

    if path.suffix.lower() in own.ENDINGS:
        return own.read_own(path)
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            data = {key: file[key] for key in KEYS}  # once: every access decompresses the whole array
    except (OSError, EOFError, BadZipFile, zlib.error, ValueError, KeyError, TypeError) as error:
        what = getattr(error, "strerror", None) or (
            f"it lacks {error}" if isinstance(error, KeyError) else "of another kind"
        )
        raise UserError(f"{path} is not a file of lines ({what}); `handwriting prepare` makes one") from error
    texts = data["text_norm"].tolist()
    characters = np.array([len(text) if all(c in alphabet.PRINTABLE for c in text) else 0 for text in texts])
    usable = (data["flags"] & BAD == 0) & (characters >= SHORTEST_TEXT) & (data["length"] <= LONGEST_INK)
    points = np.stack([data["dx"], data["dy"], data["pen_up"]], 1).astype(np.float32)
    return Lines(points, data["offset"], texts, data["split"], usable, characters > 0, data["writer"])


def statistics(lines: Lines, chosen: Sequence[int]) -> tuple[Float[np.ndarray, 2], Float[np.ndarray, 2]]:
    """Mean and standard deviation of the offsets of these lines."""
    offsets = np.concatenate([lines.strokes(line)[:, :2] for line in chosen]).astype(np.float64)
    return offsets.mean(0), offsets.std(0)


class Batch(NamedTuple):
    """Lines padded with zeros to the longest."""

    points: Float[Tensor, "B T 3"]
    lengths: Int[Tensor, " B"]
    text: Int[Tensor, "B U"]
    text_lengths: Int[Tensor, " B"]
    writer: Int[Tensor, " B"]
    """or `UNKNOWN`"""

    def to(self, device: torch.device) -> Batch:
        return Batch(*(tensor.to(device) for tensor in self))


def collate(lines: Lines, chosen: Sequence[int]) -> Batch:
    """The batch of these lines."""
    strokes = [torch.from_numpy(lines.strokes(line)) for line in chosen]
    text, text_lengths = pad_texts([lines.texts[line] for line in chosen])
    points = torch.nn.utils.rnn.pad_sequence(strokes, batch_first=True)
    writer = torch.tensor([int(lines.writer[line]) for line in chosen])
    return Batch(points, torch.tensor([len(s) for s in strokes]), text, text_lengths, writer)


def pad_texts(texts: Sequence[str]) -> tuple[Int[Tensor, "B U"], Int[Tensor, " B"]]:
    """The numbers of the characters, padded with 0, and how many there are."""
    numbers = [torch.tensor(alphabet.encode(text), dtype=torch.long) for text in texts]
    return torch.nn.utils.rnn.pad_sequence(numbers, batch_first=True), torch.tensor([len(n) for n in numbers])


def bucket(lengths: Sequence[int], size: int, random: np.random.Generator) -> list[list[int]]:
    """Positions in groups of `size` whose lengths are alike, the groups in random order and never twice the same."""
    noisy = np.asarray(lengths) * random.uniform(0.9, 1.1, len(lengths))
    groups = deal(np.argsort(noisy), size)
    return [groups[i] for i in random.permutation(len(groups))]


def deal(positions: Int[np.ndarray, " N"], size: int) -> list[list[int]]:
    """The positions, in their order, in groups of about `size`."""
    return [group.tolist() for group in np.array_split(positions, max(1, round(len(positions) / size)))]
