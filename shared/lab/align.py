"""Attention learns to align: an encoder reads a date as people write it, and a decoder writes it as ISO 8601, looking back.

    "wednesday, 12 march 2031"  ->  "2031-03-12"

The network is that of Bahdanau et al. 2014 with LSTMs for its gated units (appendix A.2): a bidirectional encoder, additive
attention asked by the decoder's state before the step, and a decoder that begins with tanh(W ←h_1). Which letters the decoder
looked at for each of its own is the alignment (their figure 3); nobody has told it.
"""

from __future__ import annotations

from calendar import day_name, month_abbr, month_name
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shared.lab.learning import learn
from shared.lab.report import Results, new_figure
from shared.rnn.attention import AdditiveAttention
from shared.rnn.bidirectional import Bidirectional
from shared.rnn.core import Core, unroll
from shared.rnn.lstm import LSTM, LSTMState

if TYPE_CHECKING:
    from matplotlib.figure import Figure

READ = " ,.0123456789abcdefghijklmnopqrstuvwxyz"
WRITTEN = "-0123456789"
LENGTH = len("2031-03-12")
FIRST, LAST = date(1900, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
HELD_OUT = 0.1
"""share of all days that are never trained on"""
TESTED = 200
"""held-out days, each in every form, that the accuracy is taken on"""


def run(units: int, batch: int, updates: int, learning_rate: float, seed: int) -> Results:
    """Trains the translator, and tests it on days that it has not seen in any form."""
    days = (FIRST + torch.randperm(LAST - FIRST + 1)).tolist()
    cut = round(len(days) * HELD_OUT)
    held_out, known = days[:cut], torch.tensor(days[cut:])
    translator = Translator(units)

    def loss(_: int) -> Tensor:
        chosen = known[torch.randint(len(known), (batch,))].tolist()
        kinds = torch.randint(len(forms(date.max)), (batch,)).tolist()
        dates = [date.fromordinal(day) for day in chosen]
        return translator.loss([forms(day)[kind] for day, kind in zip(dates, kinds, strict=True)], dates)

    losses = learn(loss, translator.parameters(), updates=updates, learning_rate=learning_rate, description="dates")
    tested = [date.fromordinal(day) for day in held_out[:TESTED]]
    right, examples = [], []
    for kind in range(len(forms(date.max))):
        sources = [forms(day)[kind] for day in tested]
        written, alignments = translator.translate(sources)
        right.append(sum(day.isoformat() == said for day, said in zip(tested, written, strict=True)) / len(tested))
        looked = alignments[kind, :, : len(sources[kind])].tolist()  # another day in every form
        examples.append(
            {"read": sources[kind], "written": written[kind], "alignment": looked, "share_right": right[-1]}
        )
    return {"found": {"share_right": sum(right) / len(right)}, "examples": examples, "losses": losses}


def forms(day: date) -> list[str]:
    """A date as people write it."""
    month, weekday = month_name[day.month].lower(), day_name[day.weekday()].lower()
    ending = "th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return [
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{weekday}, {day.day} {month} {day.year}",
        f"the {day.day}{ending} of {month} {day.year}",
        f"{month_abbr[day.month].lower()} {day.day:02} {day.year}",
        f"{day.day}.{day.month}.{day.year}",
    ]


class Step(NamedTuple):
    """What the decoder gives at a step; any leading dimensions. L is the length of what is read."""

    h: Float[Tensor, "... H"]
    context: Float[Tensor, "... D"]
    weights: Float[Tensor, "... L"]


class Translator(nn.Module):
    """The parameters of encoder and decoder, `units` wide everywhere."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.read = nn.Embedding(len(READ), units)
        self.written = nn.Embedding(len(WRITTEN) + 1, units)  # the last one stands before the first character
        self.encoder = Bidirectional(LSTM(units, units), LSTM(units, units))
        self.begin = nn.Linear(units, units)
        self.attention = AdditiveAttention(2 * units, units, units)
        self.decoder = LSTM(units + 2 * units, units)
        self.head = nn.Linear(units + 2 * units, len(WRITTEN))

    def look(self, sources: Sequence[str]) -> LookingDecoder:
        """The decoder in front of the texts it is to translate."""
        ids = [torch.tensor([READ.index(character) for character in source]) for source in sources]
        lengths = torch.tensor([len(source) for source in sources])
        annotations, (_, at_start) = self.encoder(self.read(nn.utils.rnn.pad_sequence(ids, batch_first=True)), lengths)
        return LookingDecoder(self, annotations, lengths, torch.tanh(self.begin(at_start.h)))

    def loss(self, sources: Sequence[str], days: Sequence[date]) -> Float[Tensor, ""]:
        """Nats a character, each said after the true ones before it."""
        targets = torch.tensor([[WRITTEN.index(character) for character in day.isoformat()] for day in days])
        before = F.pad(targets[:, :-1], (1, 0), value=len(WRITTEN))
        decoder = self.look(sources)
        outputs, _ = unroll(decoder, self.written(before))
        return F.cross_entropy(self.logits(decoder.parts(outputs)).flatten(0, 1), targets.flatten())

    @torch.no_grad()
    def translate(self, sources: Sequence[str]) -> tuple[list[str], Float[Tensor, "B T L"]]:
        """The likeliest character at each step, and where the decoder looked."""
        decoder = self.look(sources)
        state, said, looked = decoder.initial_state(len(sources)), [], []
        last = torch.full((len(sources),), len(WRITTEN))
        for _ in range(LENGTH):
            output, state = decoder(self.written(last), state)
            step = decoder.parts(output)
            last = self.logits(step).argmax(-1)
            said.append(last)
            looked.append(step.weights)
        rows = torch.stack(said, 1).tolist()
        return ["".join(WRITTEN[i] for i in row) for row in rows], torch.stack(looked, 1)

    def logits(self, step: Step) -> Float[Tensor, "... W"]:
        return self.head(torch.cat([step.h, step.context], -1))


class LookingDecoder(Core):
    """The decoder bound to annotations: a Core over embedded characters. Its output is a `Step` laid side by side."""

    def __init__(
        self,
        translator: Translator,
        annotations: Float[Tensor, "B L D"],
        lengths: Int[Tensor, " B"],
        start: Float[Tensor, "B H"],
    ) -> None:
        self.cell, self.start = translator.decoder, start
        self.gaze = translator.attention.look(annotations, lengths)
        self.sizes = [self.cell.hidden_size, annotations.shape[2], annotations.shape[1]]
        self.input_size, self.output_size = translator.written.embedding_dim, sum(self.sizes)

    def initial_state(self, batch: int) -> LSTMState:
        return LSTMState(self.start, torch.zeros_like(self.start))

    def forward(self, x: Float[Tensor, "B E"], state: LSTMState) -> tuple[Float[Tensor, "B O"], LSTMState]:
        context, weights = self.gaze(state.h)
        h, state = self.cell(torch.cat([x, context], -1), state)
        return torch.cat([h, context, weights], -1), state

    def parts(self, outputs: Float[Tensor, "... O"]) -> Step:
        return Step(*outputs.split(self.sizes, -1))


def draw(results: Results) -> Figure:
    """A panel for each form: what was read along the top, what was written down the side, and where it looked, in grey."""
    examples = results["examples"]
    figure = new_figure(height=2.45 * ((len(examples) + 1) // 2))
    panels = figure.subplots((len(examples) + 1) // 2, 2).flatten()
    for axes, example in zip(panels, examples, strict=False):
        axes.imshow(example["alignment"], cmap="Greys", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(example["read"])), example["read"], family="monospace")
        axes.set_yticks(range(LENGTH), example["written"], family="monospace")
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines[:].set_color("0.8")
        axes.set_xlabel(f"{example['share_right']:.1%} of this form right")
    for axes in panels[len(examples) :]:
        axes.remove()
    return figure
