"""Reader: give it lines of ink, get their texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from jaxtyping import Float
from torch.nn import functional as F

from handwriting import alphabet
from handwriting.data import pad_texts
from handwriting.recogniser import ctc
from handwriting.recogniser.batches import collate
from handwriting.recogniser.network import BLANK, Recogniser
from handwriting.strokes import Strokes
from shared.device import pick_device
from shared.pretrained import device_of

BATCH = 32
"""lines read at a time"""


class Candidate(NamedTuple):
    """A text that a line may say."""

    text: str
    log_probability: float
    """nats"""


class Reader:
    """A recogniser and the manners of reading with it. It keeps no state between calls: threads may share it.

    Ink may be in any unit and lie anywhere; each line is read by itself, and reads the same alone and among others.
    """

    def __init__(self, network: Recogniser) -> None:
        self.network = network.eval()

    @classmethod
    def from_pretrained(cls, name: str | Path = "reader", device: str = "auto") -> Self:
        """The reader of that name, folder or hub id.

        Raises:
            UserError: if there is none, or no such device.
        """
        return cls(Recogniser.from_pretrained(name).to(pick_device(device)))

    def read(self, ink: Sequence[Strokes], beam: int = 1) -> list[str]:
        """The text of each line: of its most probable path, or with a `beam` above 1 the most probable of so many texts.

        Raises:
            ValueError: for ink without a point, or with one that is no number.
        """
        if beam > 1:
            return [candidates[0].text for candidates in self.candidates(ink, beam)]
        return [alphabet.decode(ctc.greedy(line)) for line in self.log_probabilities(ink)]

    def candidates(self, ink: Sequence[Strokes], beam: int = 16) -> list[list[Candidate]]:
        """What each line may say, the most probable text first.

        Raises:
            ValueError: as `read` does, and for a beam below 1.
        """
        return [
            [Candidate(alphabet.decode(found.symbols), found.log_probability) for found in ctc.beam_search(line, beam)]
            for line in self.log_probabilities(ink)
        ]

    def log_probability(self, ink: Sequence[Strokes], texts: Sequence[str]) -> list[float]:
        """How probable it is, in nats, that each line says its text: minus infinity where it has fewer frames than characters.

        Raises:
            ValueError: as `read` does, and for a character outside the alphabet, or not as many lines as texts.
        """
        if len(ink) != len(texts):
            raise ValueError(f"each line needs its text, got {len(ink)} lines and {len(texts)} texts")
        if not ink:
            return []
        lines = self.log_probabilities(ink)
        scores = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(line).double() for line in lines])
        text, text_lengths = pad_texts(texts)
        lengths = torch.tensor([len(line) for line in lines])
        return (-F.ctc_loss(scores, text, lengths, text_lengths, BLANK, reduction="none")).tolist()

    @torch.no_grad()
    def log_probabilities(self, ink: Sequence[Strokes]) -> list[Float[np.ndarray, "F S"]]:
        """What the network says of each frame of each line."""
        order = sorted(range(len(ink)), key=lambda line: len(ink[line]))
        found: dict[int, np.ndarray] = {}
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = collate([ink[line] for line in chosen], self.network.config.features)
            device = device_of(self.network)
            scores = self.network(batch.frames.to(device), batch.lengths.to(device)).cpu().numpy()
            found |= {line: scores[row, : batch.lengths[row]] for row, line in enumerate(chosen)}
        return [found[line] for line in range(len(ink))]
