"""A hierarchical multiscale LSTM reads a text letter by letter. Nobody tells it of words: where does it draw its boundaries?

After Chung, Ahn & Bengio 2016, section 4.1, who find the first level's boundaries at the ends of words, and the second's now and
then, at longer pieces. They trained on millions of characters; what minutes bring depends on the text and on the seed, so the
answer stands beside what chance would give, and beside what the same network drew before it had learnt anything.

Letters: B batch, T characters, L levels.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from shared.lab.language import LanguageModel
from shared.lab.learning import learn
from shared.lab.report import Results, new_figure
from shared.lab.text import random_chunks, read_corpus, streams
from shared.rnn.lstm import LSTM
from shared.rnn.multiscale import HMLSTM, set_slope, text_slope
from shared.rnn.stack import Stack

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EPOCHS = 100
"""the epochs in which the slope for text rises to its end; a run here, however long, counts as so many"""
STREAMS = 8
"""pieces of the held-out text that are read side by side"""
LINES, COLUMNS = 5, 84
"""characters that are drawn"""
BREAK = "↵"


def run(
    text: Path, units: int, levels: int, updates: int, batch: int, length: int, learning_rate: float, seed: int
) -> Results:
    """Trains a hierarchical multiscale LSTM and a stack of as many LSTMs and weights, and reads the held-out text with both."""
    corpus = read_corpus(text, least=20 * max(length, STREAMS))
    multiscale = HMLSTM(units, units, levels)
    models = {
        "HM-LSTM": LanguageModel(len(corpus.characters), multiscale),
        "LSTM": LanguageModel(len(corpus.characters), lstm_as_large_as(multiscale)),
    }
    read, said = next(streams(corpus.held_out, STREAMS, len(corpus.held_out)))
    before = watch(models["HM-LSTM"], read)

    def loss(model: LanguageModel, update: int) -> Tensor:
        set_slope(model, text_slope(EPOCHS * update / updates))
        return model.loss(*random_chunks(corpus.train, batch, length))[0]

    for name, model in models.items():
        learn(partial(loss, model), model.parameters(), updates=updates, learning_rate=learning_rate, description=name)
    after = watch(models["HM-LSTM"], read)
    texts = [corpus.decode(row) for row in read]
    with torch.no_grad():
        bits = {name: float(model.loss(read, said)[0]) / math.log(2) for name, model in models.items()}
    shown = slice(-min(LINES * COLUMNS, read.shape[1]), None)
    return {
        "found": {
            "bits_per_character": bits,
            "weights": {name: size(model) for name, model in models.items()},
            "marks_per_character": after.float().mean((0, 1)).tolist(),
            "moves_per_character": moves(after).float().mean((0, 1)).tolist(),
            "level_1_at_words": agreement(after[..., 0], texts),
            "level_1_at_words_untrained": agreement(before[..., 0], texts),
        },
        "text": texts[0][shown],
        "marks": after[0, shown].t().int().tolist(),
    }


def size(module: nn.Module) -> int:
    """How many weights there are."""
    return sum(parameter.numel() for parameter in module.parameters())


def lstm_as_large_as(core: HMLSTM) -> Stack:
    """A stack of as many LSTMs as the core has levels, just wide enough to have no fewer weights."""
    stacks = (
        Stack(core.input_size, [partial(LSTM, hidden_size=units)] * len(core.levels), skips=False)
        for units in count(core.hidden_size)
    )
    return next(stack for stack in stacks if size(stack) >= size(core))


@torch.no_grad()
def watch(model: LanguageModel, read: Int[Tensor, "B T"]) -> Bool[Tensor, "B T L-1"]:
    """Where each level but the topmost draws a boundary, as the model reads."""
    state = model.core.initial_state(len(read))
    marks = []
    for x in model.embedding(read).unbind(1):
        _, state = model.core(x, state)
        marks.append(state.boundaries > 0)
    return torch.stack(marks, 1)


def moves(marks: Bool[Tensor, "B T L-1"]) -> Bool[Tensor, "B T L"]:
    """At which steps each level did anything but COPY: where the level below drew a boundary now, or itself one before."""
    always = torch.ones_like(marks[..., :1])
    never = torch.zeros_like(always)
    own = torch.cat([marks, never], -1)
    a_step_ago = torch.cat([torch.zeros_like(own[:, :1]), own[:, :-1]], 1)
    return torch.cat([always, marks], -1) | a_step_ago


def agreement(marks: Bool[Tensor, "B T"], texts: list[str]) -> dict[str, dict[str, float]]:
    """How well marks fall on words: on a word's last letter, on the character after it, on a word's first letter.

    Precision is the share of marks that fall there, and would by chance be `share`, that of such places in the text; recall is
    the share of places that have a mark, and would by chance be the share of characters with one.
    """
    letters = torch.tensor([[character.isalnum() for character in text] for text in texts])
    inside, then = letters[:, :-1], letters[:, 1:]
    marks, later = marks[:, :-1], marks[:, 1:]
    places = {
        "last letter": (inside & ~then, marks),
        "character after": (inside & ~then, later),
        "first letter": (~inside & then, later),
    }
    return {
        name: {
            "precision": int((place & marked).sum()) / max(int(marked.sum()), 1),
            "recall": int((place & marked).sum()) / max(int(place.sum()), 1),
            "share": float(place.float().mean()),
        }
        for name, (place, marked) in places.items()
    }


def draw(results: Results) -> Figure:
    """The end of the held-out text as it was read, and under it a row for each level, with a bar where a boundary was drawn."""
    text, marks = results["text"].replace("\n", BREAK), results["marks"]
    lines = [range(start, min(start + COLUMNS, len(text))) for start in range(0, len(text), COLUMNS)]
    rows = len(marks) + 2  # the text, its levels, and a blank
    figure = new_figure(height=0.6 + 0.2 * rows * len(lines))
    axes = figure.subplots()
    for number, line in enumerate(lines):
        top = number * rows
        for column, place in enumerate(line):
            axes.text(column, top, text[place], family="monospace", fontsize=9, ha="center", va="center")
        for level, marked in enumerate(marks):
            columns = [column for column, place in enumerate(line) if marked[place]]
            axes.vlines(columns, top + level + 0.65, top + level + 1.35, colors=f"C{level}", linewidth=3)
    axes.set(xlim=(-1, COLUMNS), ylim=(rows * len(lines) - 1, -1), xticks=[])
    ticks = {
        number * rows + level + 1: f"level {level + 1}" for number in range(len(lines)) for level in range(len(marks))
    }
    axes.set_yticks(list(ticks), list(ticks.values()), fontsize=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(_title(results["found"]), fontsize=10, loc="left")
    return figure


def _title(found: Results) -> str:
    bits = ", ".join(f"{name} {value:.2f}" for name, value in found["bits_per_character"].items())
    marks = ", ".join(f"level {level} {share:.2f}" for level, share in enumerate(found["marks_per_character"], 1))
    return f"bits per character: {bits}      boundaries per character: {marks}"
