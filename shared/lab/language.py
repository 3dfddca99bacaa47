"""A character language model on any text: how well a cell foretells it, what it writes itself, and what its units respond to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shared.errors import UserError
from shared.lab.cells import check_cells
from shared.lab.learning import learn
from shared.lab.report import Results, new_figure
from shared.lab.text import Corpus, read_corpus, streams
from shared.lab.units import busiest, colour, find_followers, properties, wrap
from shared.rnn.choice import build
from shared.rnn.core import Core, State, map_state, unroll

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WATCHED = 6000
"""characters of the held-out text over which units are watched"""
COLUMNS, ROWS = 100, 5
"""characters of a row and rows of a panel, at most"""
PANELS = 5
"""units drawn, if none are asked for"""


def run(
    text: Path,
    cell: str,
    units: int,
    updates: int,
    batch: int,
    length: int,
    learning_rate: float,
    dropout: float,
    temperature: float,
    sample: int,
    watch: Sequence[int],
    seed: int,
) -> Results:
    """Trains on nine tenths of the text; scores, watches and samples on the last tenth."""
    check_cells([cell])
    if not temperature > 0:
        raise UserError(f"the temperature must be above 0, got {temperature}; 1 samples from the model as it is")
    corpus = read_corpus(text, least=4 * batch * length)
    model = LanguageModel(len(corpus.characters), build(cell, units, units), dropout)
    if not set(watch) <= set(range(model.core.output_size)):
        raise UserError(f"the units are numbered 0 to {model.core.output_size - 1}, got {list(watch)} to watch")
    losses = _train(model, corpus, updates, batch, length, learning_rate)
    model.eval()
    held_out = corpus.held_out[:WATCHED]
    watched, activations = corpus.decode(held_out), model.activations(held_out)
    known = properties(watched)
    followers = find_followers(activations, known)
    best = {f.unit: f.property for f in reversed(followers)}  # of each unit, what it follows best
    chosen = [(unit, "") for unit in watch] or list(reversed(best.items()))[:PANELS]
    return {
        "found": {
            "bits_per_character": model.bits(corpus.held_out),
            "bits_per_character_in_training": sum(losses[-50:]) / len(losses[-50:]) / math.log(2),
            "followers": [f._asdict() for f in followers],
        },
        "sample": corpus.decode(model.write(held_out[:200], sample, temperature)),
        "panels": [_panel(watched, activations[:, unit], known.get(name), unit, name) for unit, name in chosen],
        "losses": losses,
    }


class LanguageModel(nn.Module):
    """p(next character | all before) = softmax(head(core(embedding)))."""

    def __init__(self, vocabulary: int, core: Core, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, core.input_size)
        self.core = core
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(core.output_size, vocabulary)

    def loss(
        self, read: Int[Tensor, "B T"], said: Int[Tensor, "B T"], state: State = None
    ) -> tuple[Float[Tensor, ""], State]:
        """Nats a character, and the state after."""
        ys, state = unroll(self.core, self.embedding(read), state)
        return F.cross_entropy(self.head(self.dropout(ys)).flatten(0, 1), said.flatten()), state

    @torch.no_grad()
    def bits(self, ids: Int[Tensor, " N"]) -> float:
        """Bits a character over a text, read as streams of a thousand characters or more, side by side."""
        state, nats, characters = None, 0.0, 0
        for read, said in streams(ids, batch=max(1, len(ids) // 1000), length=200):
            loss, state = self.loss(read, said, state)
            nats, characters = nats + float(loss) * read.numel(), characters + read.numel()
        return nats / characters / math.log(2)

    @torch.no_grad()
    def activations(self, ids: Int[Tensor, " N"]) -> Float[Tensor, "N H"]:
        """Every unit after every character: tanh(c) of a cell that keeps a memory c of one number a unit, else its output."""
        state, seen = self.core.initial_state(1), []
        for x in self.embedding(ids).split(1):
            y, state = self.core(x, state)
            memory = getattr(state, "c", None)
            seen.append(torch.tanh(memory) if isinstance(memory, Tensor) else y)
        return torch.cat(seen)

    @torch.no_grad()
    def write(self, before: Int[Tensor, " N"], length: int, temperature: float) -> Int[Tensor, " {length}"]:
        """Goes on after a text: each character drawn from softmax(scores / temperature)."""
        ys, state = unroll(self.core, self.embedding(before)[None])
        y, written = ys[:, -1], []
        for _ in range(length):
            character = torch.softmax(self.head(y)[0] / temperature, -1).multinomial(1)
            written.append(character)
            y, state = self.core(self.embedding(character), state)
        return torch.cat([before[:0], *written])


def _train(
    model: LanguageModel, corpus: Corpus, updates: int, batch: int, length: int, learning_rate: float
) -> list[float]:
    """Truncated back-propagation through time: the state is carried from chunk to chunk, its gradient is not."""
    chunks, state = _passes(corpus.train, batch, length), None

    def loss(_: int) -> Tensor:
        nonlocal state
        fresh, (read, said) = next(chunks)
        value, after = model.loss(read, said, None if fresh else state)
        state = map_state(Tensor.detach, after)
        return value

    return learn(loss, model.parameters(), updates=updates, learning_rate=learning_rate, description="language")


def _passes(
    ids: Int[Tensor, " N"], batch: int, length: int
) -> Iterator[tuple[bool, tuple[Int[Tensor, "B T"], Int[Tensor, "B T"]]]]:
    """The chunks of one pass over the text after the other, and whether a new pass begins."""
    while True:
        # A pass begins anywhere in the first chunk, so that no two cut the text alike.
        start = int(torch.randint(length, ()))
        for number, chunk in enumerate(streams(ids[start:], batch, length)):
            yield number == 0, chunk


def _panel(text: str, activation: Tensor, values: Tensor | None, unit: int, name: str) -> dict[str, Any]:
    """What is drawn of a unit: the stretch of text that shows most of the property it follows, or most of the unit itself."""
    start = busiest(activation if values is None else values, COLUMNS * ROWS * 3 // 4)
    start = max(text.rfind("\n", max(0, start - COLUMNS), start + 1) + 1, start - COLUMNS)  # at a line's beginning
    end = start + wrap(text[start:], COLUMNS)[:ROWS][-1].stop
    return {"unit": unit, "follows": name, "text": text[start:end], "activation": activation[start:end].tolist()}


def tell(results: Results) -> str:
    """The answer as a person reads it."""
    found = results["found"]
    lines = [
        f"{found['bits_per_character']:.3f} bits a character held out,",
        f"{found['bits_per_character_in_training']:.3f} in training",
        "",
        *(f"unit {f['unit']:>4} {f['correlation']:+.2f}  {f['property']}" for f in found["followers"]),
    ]
    return "\n".join([" ".join(lines[:2]), *lines[2:], "", results["sample"]])


def draw(results: Results) -> Figure:
    """A panel for each unit: the text on the colours of its activation, red 1 and blue -1."""
    panels = results["panels"]
    strength = {f["property"]: f["correlation"] for f in results["found"]["followers"]}
    rows = [wrap(panel["text"], COLUMNS) for panel in panels]
    heights, columns = [len(row) for row in rows], max(len(places) for row in rows for places in row)
    figure = new_figure(height=0.2 * sum(heights) + 0.36 * len(heights) + 0.2)
    all_axes = figure.subplots(len(panels), height_ratios=heights, squeeze=False)[:, 0]
    for axes, panel in zip(all_axes, panels, strict=True):
        colour(axes, panel["text"], torch.tensor(panel["activation"]), columns)
        follows = f": {panel['follows']}, correlation {strength[panel['follows']]:+.2f}" if panel["follows"] else ""
        axes.set_title(f"unit {panel['unit']}{follows}", loc="left", size=10)
    return figure
