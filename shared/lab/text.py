"""A user's text file as character ids: read, split, and cut into batches.

Letters: N characters of a text, B batch, T characters of a chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor

from shared.errors import UserError

HELD_OUT = 0.1
"""share of a text, at its end, that is not trained on"""


@dataclass(frozen=True)
class Corpus:
    """A text as ids of its own characters."""

    characters: str
    """the vocabulary: every character of the text once, in the order of their ids"""
    train: Int[Tensor, " N"]
    held_out: Int[Tensor, " M"]

    def encode(self, text: str) -> Int[Tensor, " N"]:
        """Ids of a text.

        Raises:
            UserError: for a character that the corpus does not have.
        """
        strange = sorted(set(text) - set(self.characters))
        if strange:
            raise UserError(f"the text that was learnt from has no {' '.join(map(repr, strange))}; leave them out")
        return torch.tensor([self.characters.index(character) for character in text], dtype=torch.long)

    def decode(self, ids: Int[Tensor, " N"]) -> str:
        return "".join(self.characters[i] for i in ids.tolist())


def read_corpus(file: Path, least: int = 1000) -> Corpus:
    """The text in a file (UTF-8), the last tenth of it held out.

    Args:
        least: the fewest characters that will do, of the whole text.

    Raises:
        UserError: for a file that is missing, binary, empty or too short.
    """
    text = _read(file)
    if len(text) < least:
        raise UserError(f"{file} has {len(text)} characters, and at least {least} are needed; give a longer text")
    codes = torch.frombuffer(bytearray(text.encode("utf-32-le")), dtype=torch.int32)
    characters, ids = codes.unique(return_inverse=True)
    cut = round(len(ids) * (1 - HELD_OUT))
    return Corpus("".join(map(chr, characters.tolist())), ids[:cut], ids[cut:])


def random_chunks(
    ids: Int[Tensor, " N"], batch: int, length: int
) -> tuple[Int[Tensor, "{batch} {length}"], Int[Tensor, "{batch} {length}"]]:
    """Chunks from anywhere in a text, and the same one character later: what is read, and what is to be said."""
    starts = torch.randint(len(ids) - length, (batch, 1))
    places = starts + torch.arange(length)
    return ids[places], ids[places + 1]


def streams(ids: Int[Tensor, " N"], batch: int, length: int) -> Iterator[tuple[Int[Tensor, "B T"], Int[Tensor, "B T"]]]:
    """The whole text once, as `batch` streams side by side, chunk after chunk: row b of a chunk goes on where row b of the
    chunk before it ended, so that a state may be carried over. The last chunk may be shorter; a rest of less than a
    character a stream is left out."""
    steps = (len(ids) - 1) // batch
    read = ids[: steps * batch].view(batch, steps)
    said = ids[1 : steps * batch + 1].view(batch, steps)
    yield from zip(read.split(length, 1), said.split(length, 1), strict=True)


def _read(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}; give a text file") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UserError(f"{file} is not plain text in UTF-8; give a text file")
    if not text.strip():
        raise UserError(f"{file} is empty; give a text of a few thousand characters or more")
    return text.replace("\r\n", "\n")
