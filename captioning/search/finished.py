"""Finished captions: the list of the best, and how they are read back from the steps of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from captioning.search.paths import Choice, Paths
from captioning.search.predictor import NEVER, Found
from captioning.tokens import END
from shared.rnn import select_rows


class Finished(NamedTuple):
    """The N best finished captions at each place."""

    scores: Float[Tensor, "P N"]
    ends: Int[Tensor, "P N"]
    """step * K + row: where in the search each of them ended"""

    @classmethod
    def none(cls, places: int, best: int, device: torch.device) -> Finished:
        never = torch.full((places, best), NEVER, device=device)
        return cls(never, torch.zeros_like(never, dtype=torch.long))

    def add(
        self, paths: Paths, end: Float[Tensor, "P K"], norm: float, closed: Bool[Tensor, " P"], step: int
    ) -> Finished:
        """The best among these and those that could end at this step; a closed list stays as it is."""
        scores = ((paths.log_probs + end) / norm).masked_fill(closed[:, None], NEVER)
        rows = end.shape[1]
        ends = torch.arange(step * rows, (step + 1) * rows, device=end.device).expand(end.shape)
        best, order = torch.cat([self.scores, scores], 1).topk(self.scores.shape[1])
        return Finished(best, torch.cat([self.ends, ends], 1).gather(1, order))


class Step(NamedTuple):
    """One step of a search: where the network looked before a word, and which words were chosen."""

    places: Int[Tensor, " P"]
    """the numbers of those that were still searched"""
    attention: Float[Tensor, "P K L"]
    end_log_probs: Float[Tensor, "P K"]
    choice: Choice


def read_back(finished: Finished, steps: Sequence[Step]) -> Found:
    """The words of the finished captions of all places, from their ends to their beginnings."""
    width = steps[-1].attention.shape[1]
    last, rows = finished.ends // width, finished.ends % width
    columns = []
    for number in reversed(range(len(steps))):
        _, attention, end, choice = _at_all_places(steps[number], len(rows))
        goes_on, over = last > number, last < number
        words = torch.where(goes_on, choice.words.gather(1, rows), END)
        said = choice.word_log_probs.gather(1, rows)
        rows = torch.where(goes_on, choice.parents.gather(1, rows), rows)
        noted = torch.where(goes_on, said, end.gather(1, rows)).masked_fill(over, 0)
        seen = attention.gather(1, rows[..., None].expand(-1, -1, attention.shape[2]))
        columns.append((words, noted, seen.masked_fill(over[..., None], 0)))
    words, noted, seen = (torch.stack(column, 2) for column in zip(*reversed(columns), strict=True))
    return Found(words, noted, seen, noted.sum(-1).masked_fill(finished.scores == NEVER, NEVER), finished.scores)


def _at_all_places(step: Step, places: int) -> Step:
    """The step with a row for each place; what stands at those that had left means nothing."""
    rows = torch.zeros(places, dtype=torch.long, device=step.places.device)
    return select_rows(step, rows.index_copy(0, step.places, torch.arange(len(step.places), device=rows.device)))
