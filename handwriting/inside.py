"""What goes on in a network along finished ink: where its window stood, what it expected, what each of its cells did.

The network reads the ink point by point, with the text that it says (teacher forcing), just as it was when it wrote it: what it
then shows is what it showed while writing. A network that reads no text foresees ink, and can be watched on any.

Letters: S steps, one fewer than points (step s reads point s and foresees point s + 1), U characters, K components, H cells of a
layer, L levels.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from handwriting import mixture
from handwriting.data import pad_texts
from handwriting.drawing import Drawing
from handwriting.manuscript import Manuscript
from handwriting.model import Network, NetworkCore, SynthesisState
from handwriting.prime import MadeUp
from handwriting.scribe import Scribe
from handwriting.strokes import Strokes
from shared.errors import UserError
from shared.pretrained import device_of
from shared.rnn import State
from shared.rnn.multiscale import HMLSTMState

BLOCK = 64
"""steps between two moments at which whoever watches may look up"""


class Inside(NamedTuple):
    """What was seen along one line of ink."""

    text: str
    """what the network read; "" for one that reads none"""
    strokes: Float[np.ndarray, "S+1 3"]
    """the ink, in tablet units"""
    phi: Float[np.ndarray, "S U+1"] | None
    """the window's weight of each character, the last column that of the place after the text; None without a window"""
    kappa: Float[np.ndarray, "S K"] | None
    """where each of the window's components stood, in characters"""
    cells: dict[str, Float[np.ndarray, "S H"]]
    """the output of each cell, by the layer's name: "layer 1", …; of a hierarchy, "level 1", …"""
    boundaries: Bool[np.ndarray, "S L-1"] | None
    """which levels of a hierarchical network (HM-LSTM) ended a segment; None in any other network"""
    expected: mixture.Mixture
    """the density of the next point after each step, in sd of the training data, on the CPU"""

    @property
    def steps(self) -> int:
        return len(self.strokes) - 1

    @property
    def reading(self) -> Int[np.ndarray, " S"]:
        """The character that the window weighed most at each step; zeros without a window."""
        return np.zeros(self.steps, dtype=np.int64) if self.phi is None else self.phi.argmax(1)


class _Note(NamedTuple):
    """What one step leaves."""

    raw: Float[Tensor, " N"]
    phi: Tensor | None
    kappa: Tensor | None
    cells: tuple[Float[Tensor, " H"], ...]
    boundaries: Float[Tensor, " L-1"] | None


class Written(NamedTuple):
    """A line straight from the network."""

    strokes: Strokes
    """in tablet units"""
    text: str
    """in characters of the alphabet"""
    traits: Float[Tensor, "1 K"] | None
    """what the network was told of the hand"""


def write_line(scribe: Scribe, text: str, bias: float, seed: int) -> Written:
    """The first line of a text as the scribe writes it, but straight from the network: not turned level, without signs and accents.

    Raises:
        UserError: for a text without anything to write, or a bias out of range.
    """
    row = next((row for row in Manuscript.of(text, bias).rows if row.text), None)
    if not row:
        raise UserError(
            "there is nothing to look into: these signs are drawn, and none of them is written by the network"
        )
    drawing = Drawing(scribe.network, [row], seed, best_of=1, reader=scribe.reader)
    for _ in drawing.run(None):
        pass
    return Written(drawing.best[0].line.strokes, row.text, MadeUp(seed).opening(scribe.network).traits)


def watch(
    network: Network, strokes: Strokes, text: str = "", traits: Float[Tensor, "1 K"] | None = None
) -> Generator[float, None, Inside]:
    """Has a network read ink, and notes what it does; yields the share that is done, now and then.

    Args:
        network: any; one that reads no text takes no notice of it.
        strokes: of one line, in tablet units.
        text: what the ink says, in characters of the alphabet.
        traits: what it is told of the hand.

    Raises:
        ValueError: for ink of fewer than two points, or, for a network that reads text, without one.
    """
    if len(strokes) < 2:
        raise ValueError(f"to foresee a point takes the one before it: got ink of {len(strokes)} points")
    if network.window is not None and not text:
        raise ValueError("this network reads the text that it writes, and was given none")
    device = device_of(network)
    characters, lengths = pad_texts([text])
    core = network.read(characters.to(device), lengths.to(device), traits=traits)
    points = network.normalise(torch.as_tensor(strokes, dtype=torch.float32, device=device))
    # Every line that the network has seen began where the pen came down.
    points[0, :2] = network.normalise(torch.zeros(3, device=device))[:2]
    state, notes = core.initial_state(1), list[_Note]()
    for start in range(0, len(points) - 1, BLOCK):
        state = _read(core, points[start : min(start + BLOCK, len(points) - 1)], state, notes)
        yield len(notes) / (len(points) - 1)
    return _gathered(network, strokes, text, notes)


def look_inside(
    network: Network, strokes: Strokes, text: str = "", traits: Float[Tensor, "1 K"] | None = None
) -> Inside:
    """`watch`, at one go."""
    watching = watch(network, strokes, text, traits)
    while True:
        try:
            next(watching)
        except StopIteration as end:
            return end.value


@torch.inference_mode()
def _read(core: NetworkCore, points: Float[Tensor, "B 3"], state: SynthesisState, notes: list[_Note]) -> SynthesisState:
    for point in points:
        raw, state = core(point[None], state)
        window, cores = state.window, [*([state.window.core] if state.window else []), *state.above]
        cells = tuple(cell for own in cores for cell in _cells(own))
        seen = (window.phi[0], window.kappa[0]) if window else (None, None)
        notes.append(_Note(raw[0], *seen, cells, _boundaries(cores)))
    return state


def _cells(state: State) -> list[Float[Tensor, " H"]]:
    """The outputs of a layer's cells; of a hierarchy, those of each level."""
    if isinstance(state, HMLSTMState):
        return [level.h[0] for level in state.levels]
    return [state.h[0]]


def _boundaries(states: list[State]) -> Float[Tensor, " L-1"] | None:
    return next((state.boundaries[0] for state in states if isinstance(state, HMLSTMState)), None)


@torch.inference_mode()
def _gathered(network: Network, strokes: Strokes, text: str, notes: list[_Note]) -> Inside:
    raws, phis, kappas, cells, boundaries = zip(*notes, strict=True)
    word = "level" if network.config.is_hierarchical and network.window is None else "layer"
    layers = {f"{word} {n}": _together(layer) for n, layer in enumerate(zip(*cells, strict=True), start=1)}
    return Inside(
        text if network.window is not None else "",
        np.asarray(strokes),
        None if phis[0] is None else _together(phis),
        None if kappas[0] is None else _together(kappas),
        layers,
        None if boundaries[0] is None else _together(boundaries) > 0,
        mixture.parse(torch.stack(raws).cpu(), network.config.sigma_floor),
    )


def _together(parts: tuple[Tensor, ...]) -> Float[np.ndarray, "S _"]:
    return torch.stack(parts).float().cpu().numpy()
