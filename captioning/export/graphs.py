"""A captioner as three functions from tensors to tensors, which is all that other engines can run.

    encoder   pixels -> grid                                                          once for each photo
    look      grid -> locations, keys, state                                          once for each photo
    step      words, locations, keys, state -> log_probs, attention, next state       once for each word

Captions that go on from one photo, such as those of a beam, have a dimension K of their own: B photos have words [B, K] and a
state [B, K, ...], and the K captions of a photo share its locations and keys. `look` gives a state of K = 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from captioning.decoder import Decoder, LookingDecoder
from captioning.eyes import Eyes, Hard, Shut, Soft
from captioning.model import CaptionModel
from shared.rnn import State, map_state

Known = tuple[Tensor, ...]
"""of B photos their locations [B, L, D] and keys [B, L, A]; nothing for a decoder that looks but once"""


class Graph(NamedTuple):
    """A function, and the names of the tensors that it takes and gives. The first dimension of each is B."""

    name: str
    module: nn.Module
    inputs: list[str]
    outputs: list[str]
    by_rows: frozenset[str]
    """those inputs whose second dimension is K"""


class Look(nn.Module):
    """What captions begin with."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, grid: Float[Tensor, "B L channels"]) -> tuple[Known, State]:
        """What is known of the photos, and the state before the first word."""
        looking = self.decoder.look(grid)
        eyes = looking.eyes
        known = (eyes.locations, eyes.gaze.keys[:, 0]) if isinstance(eyes, Soft) else ()
        # Some cells begin with one tensor in several parts; a graph wants one for each.
        return known, map_state(lambda part: part.unsqueeze(1).clone(), looking.initial_state(grid.shape[0]))


class Step(nn.Module):
    """One word.

    Args:
        decoder: in evaluation mode.
        places: locations L of a grid.
    """

    def __init__(self, decoder: Decoder, places: int) -> None:
        super().__init__()
        self.decoder, self.places = decoder, places

    def forward(
        self, words: Int[Tensor, "B K"], known: Known, state: State
    ) -> tuple[Float[Tensor, "B K V"], Float[Tensor, "B K L"], State]:
        """Log-probabilities of the next words, where it looked for them, and the state after."""
        looking = LookingDecoder(self.decoder, self._eyes(known, words.shape[0]))
        after = looking.predict(words.flatten(), map_state(lambda part: part.flatten(0, 1), state))
        return map_state(lambda part: part.unflatten(0, words.shape).clone(), after)

    def _eyes(self, known: Known, photos: int) -> Eyes:
        if not known:
            return Shut(torch.zeros(photos, self.places, 0))
        (locations, keys), attention = known, self.decoder.attention
        hard = self.decoder.way_to_look == "hard"
        eyes = Hard(attention, locations, learning=False) if hard else Soft(attention, locations)
        eyes.gaze.keys = keys.unsqueeze(1)  # instead of the same ones computed again
        return eyes


def graphs(model: CaptionModel) -> tuple[Graph, Graph, Graph]:
    """The three of a captioner in evaluation mode."""
    encoder, decoder = model.encoder, model.decoder
    state = _names(decoder.core.initial_state(1))
    known = [] if decoder.way_to_look == "none" else ["locations", "keys"]
    following = [f"next_{name}" for name in state]
    step = Step(decoder, encoder.rows * encoder.columns)
    return (
        Graph("encoder", encoder.folded(), ["pixels"], ["grid"], frozenset()),
        Graph("look", Look(decoder), ["grid"], [*known, *state], frozenset()),
        Graph(
            "step",
            step,
            ["words", *known, *state],
            ["log_probs", "attention", *following],
            frozenset({"words", *state}),
        ),
    )


def examples(model: CaptionModel, three: tuple[Graph, Graph, Graph], photos: int, rows: int) -> list[tuple[Any, ...]]:
    """Inputs of noise for each of the three, where each begins with what the one before gives."""
    encoder, look = (graph.module for graph in three[:2])
    chance, size = torch.Generator().manual_seed(0), model.config.image_size
    pixels = torch.randint(256, (photos, 3, size, size), dtype=torch.uint8, generator=chance)
    grid = encoder(pixels)
    known, state = look(grid)
    words = torch.randint(len(model.vocabulary), (photos, rows), generator=chance)
    return [
        (pixels,),
        (grid,),
        (words, known, map_state(lambda part: part.repeat_interleave(rows, 1), state)),
    ]


def _names(state: State, name: str = "") -> list[str]:
    """A name for each tensor of a state: its path, such as h, c or levels_0_z."""
    if not isinstance(state, tuple):
        return [name]
    fields = getattr(state, "_fields", range(len(state)))
    return [
        inner
        for field, part in zip(fields, state, strict=True)
        for inner in _names(part, f"{name}_{field}" if name else str(field))
    ]
