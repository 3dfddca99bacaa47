"""The copy task: hear vectors of random bits, and when told, say them all again (Graves, Wayne & Danihelka 2014, section 4.1).

A network that has learnt the procedure, and not only the sequences of its training, copies longer ones too. Both networks here
hear lengths 1 to L in training, and are asked for up to 2.5 L.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from shared.errors import UserError
from shared.lab.learning import learn
from shared.lab.report import Results, new_figure, tidy
from shared.rnn.core import Core, unroll
from shared.rnn.lstm import LSTM
from shared.rnn.memory import NTM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BITS = 8
"""in a vector"""
STRETCHES = (1.0, 1.5, 2.0, 2.5)
"""how long the sequences asked for are, in longest sequences of training"""
SHOWN = 2.0
"""that of the picture"""


class Copier(nn.Module):
    """A core, and a readout to one number a bit, above 0 for a 1."""

    def __init__(self, core: Core) -> None:
        super().__init__()
        self.core = core
        self.readout = nn.Linear(core.output_size, BITS)

    def forward(self, bits: Float[Tensor, "B L bits"]) -> Float[Tensor, "B L bits"]:
        ys, _ = unroll(self.core, heard(bits))
        return self.readout(ys[:, -bits.shape[1] :])


def run(
    longest: int,
    units: int,
    slots: int,
    width: int,
    lstm_units: int,
    updates: int,
    batch: int,
    learning_rate: float,
    sequences: int,
    seed: int,
) -> Results:
    """Trains both networks on lengths up to `longest`, then counts their errors on `sequences` of each tested length."""
    lengths = [round(stretch * longest) for stretch in STRETCHES]
    if slots < lengths[-1]:
        raise UserError(
            f"{slots} slots cannot hold the {lengths[-1]} vectors asked for; take more --slots or a smaller --longest"
        )
    networks = {
        "ntm": Copier(NTM(BITS + 1, units, slots=slots, width=width)),
        "lstm": Copier(LSTM(BITS + 1, lstm_units)),
    }
    found: dict[str, Any] = {}
    losses: dict[str, list[float]] = {}
    for name, network in networks.items():
        torch.manual_seed(seed)  # the same sequences for both
        losses[name] = train(network, longest, updates, batch, learning_rate, name)
        found[name] = {"parameters": sum(p.numel() for p in network.parameters())}
        found[name] |= {f"length {length}": score(network, length, sequences) for length in lengths}
    bits = random_bits(1, round(SHOWN * longest))
    with torch.no_grad():
        said = {name: torch.sigmoid(network(bits))[0].tolist() for name, network in networks.items()}
    return {
        "found": found,
        "losses": losses,
        "bits": bits[0].tolist(),
        "said": said,
        "weights": look(networks["ntm"].core, bits),
    }


def random_bits(batch: int, length: int) -> Float[Tensor, "B L bits"]:
    return torch.randint(2, (batch, length, BITS)).float()


def heard(bits: Float[Tensor, "B L bits"]) -> Float[Tensor, "B T bits+1"]:
    """The sequence, a mark in a line of its own, and then silence for as long as the answer takes: T = 2 L + 1.

    Bits sound as -1 and 1, and silence is 0: a vector of eight zero bits is not to be mistaken for it.
    """
    length = bits.shape[1]
    steps = F.pad(2 * bits - 1, (0, 1, 0, length + 1))
    steps[:, length, BITS] = 1
    return steps


def train(network: Copier, longest: int, updates: int, batch: int, learning_rate: float, name: str) -> list[float]:
    """Every batch has a length of its own. Returns the mean loss, in nats a bit, of each hundredth part of the training."""

    def loss(_: int) -> Tensor:
        bits = random_bits(batch, int(torch.randint(1, longest + 1, ())))
        return F.binary_cross_entropy_with_logits(network(bits), bits)

    losses = learn(loss, network.parameters(), updates=updates, learning_rate=learning_rate, description=name)
    return [float(part.mean()) for part in torch.tensor(losses).tensor_split(min(100, updates))]


@torch.no_grad()
def score(network: Copier, length: int, sequences: int) -> dict[str, float]:
    """How many of so many new sequences come back whole, and how many bits of each are wrong."""
    bits = random_bits(sequences, length)
    wrong: Bool[Tensor, "B L bits"] = (network(bits) > 0) != bits.bool()
    count = wrong.flatten(1).sum(1)
    return {"without_error": int((count == 0).sum()) / sequences, "wrong_bits": int(count.sum()) / sequences}


@torch.no_grad()
def look(core: Core, bits: Float[Tensor, "1 L bits"]) -> dict[str, list[list[float]]]:
    """Where the heads are at every step: [T, N] for reading and for writing."""
    state, places = core.initial_state(1), []
    for x in heard(bits).unbind(1):
        _, state = core(x, state)
        places.append(state.weights[0])
    reading, writing = torch.stack(places, 1)
    return {"write": writing.tolist(), "read": reading.tolist()}


def draw(results: Results) -> Figure:
    """What was to be copied and what each network said, wrong bits marked; below, where the NTM's heads were meanwhile."""
    bits, length = torch.tensor(results["bits"]), len(results["bits"])
    figure = new_figure(height=6)
    panels = figure.subplot_mosaic("AABBCC;DDDEEE", height_ratios=[1, 1.6])
    pictures = {"to be copied": bits.tolist(), "NTM": results["said"]["ntm"], "LSTM": results["said"]["lstm"]}
    for panel, (name, said) in zip("ABC", pictures.items(), strict=True):
        axes = _grey(panels[panel], said)
        step, bit = ((torch.tensor(said) > 0.5) != bits.bool()).nonzero().unbind(1)
        axes.plot(step, bit, "x", color="C3", markersize=4)
        axes.set_yticks([])
        count = "" if panel == "A" else f": {len(bit)} of {bits.numel()} bits wrong"
        tidy(axes, title=name + count, xlabel="vector")
    for panel, (name, weights) in zip("DE", results["weights"].items(), strict=True):
        axes = _grey(panels[panel], weights)
        axes.axvline(length, color="C0", linewidth=0.8)
        tidy(axes, title=f"NTM, where it {name}s", xlabel="step; the mark comes at the line", ylabel="slot")
    return figure


def _grey(axes: Axes, columns: list[list[float]]) -> Axes:
    """A column a step, white 0 and black 1."""
    axes.imshow(torch.tensor(columns).T.numpy(), cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    return axes
