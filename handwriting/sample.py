"""Ink out of a network: one point after the other, until the text is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from handwriting import mixture
from handwriting.data import pad_texts
from handwriting.model import SynthesisNetwork
from handwriting.strokes import Strokes
from shared.pretrained import device_of

MOST_POINTS_A_CHARACTER, MOST_POINTS_BESIDE = 40, 120
"""when a line that does not end is given up: twice the points that people spend, and then some"""
LINGER = 30
"""points that a pen may still draw after the window has left the text, waiting to be lifted"""
BLOCK = 64
"""steps of noise drawn, and looks at whether all lines are done, at a time"""


@dataclass(frozen=True)
class Line:
    """One sampled line."""

    strokes: Strokes
    """in tablet units"""
    characters: np.ndarray
    """[T] which character of the text the window read most as each point was made; len(text) once it was past the end"""
    finished: bool
    """whether the window reached the end of the text"""


@torch.inference_mode()
def sample(
    network: SynthesisNetwork, texts: Sequence[str], biases: Sequence[float], seeds: Sequence[int]
) -> list[Line]:
    """Writes each text, all of them in one batch.

    A line's chance comes from its own seed alone, so it is the same line in any company. It ends with the first point that lifts
    the pen after the window came to rest past the text: φ(t, U+1) > φ(t, u) for all u ≤ U (Graves 2013, sec. 5.3), where t is the
    step that made this very point. A stroke that was begun when there was nothing left to write is taken off again.

    Args:
        texts: in characters of the alphabet, none empty.
        biases: of each line, 0 (wild) to about 2 (neat).
        seeds: of each line.
    """
    device = device_of(network)
    text, lengths = (tensor.to(device) for tensor in pad_texts(texts))
    core = network.read(text, lengths)
    bias = torch.tensor(biases, dtype=torch.float32, device=device)
    most = MOST_POINTS_A_CHARACTER * lengths + MOST_POINTS_BESIDE
    state = core.initial_state(len(texts))
    # The first point of every line is where the pen comes down; the network was always given it.
    point = network.normalise(torch.zeros(len(texts), 3, device=device))
    past = torch.zeros_like(lengths)
    done = torch.zeros_like(lengths, dtype=torch.bool)
    made, read, alive = [point], [torch.zeros_like(lengths)], [~done]
    for step, noise in enumerate(_noise(seeds, network.config.mixtures)):
        raw, state = core(point, state)
        density = mixture.sharpen(mixture.parse(raw, network.config.sigma_floor), bias)
        point = mixture.draw(density, noise.to(device))
        made.append(point)
        alive.append(~done)
        read.append(state.window.phi.argmax(1))
        past = past + (read[-1] == lengths)
        lifted = (point[:, 2] > 0.5) & (read[-1] == lengths)
        done = done | lifted | (past > LINGER) | (step + 2 >= most)
        if step % BLOCK == BLOCK - 1 and bool(done.all()):
            break
    strokes = network.denormalise(torch.stack(made, 1)).cpu().numpy().astype(np.float64)
    kept = torch.stack(alive, 1).sum(1).tolist()
    characters, reached = torch.stack(read, 1).cpu().numpy(), (past > 0).tolist()
    rows = zip(strokes, characters, kept, reached, map(len, texts), strict=True)
    return [_finish(*row) for row in rows]


def _finish(strokes: Strokes, characters: np.ndarray, kept: int, reached: bool, end: int) -> Line:
    if reached:
        kept = without_what_comes_after(strokes[:kept], characters[:kept], end)
    strokes, characters = strokes[:kept].copy(), characters[:kept]
    strokes[0, :2] = 0.0
    strokes[-1, 2] = 1.0
    return Line(strokes, characters, reached)


def without_what_comes_after(strokes: Strokes, characters: np.ndarray, end: int) -> int:
    """How many points a finished line keeps: all but a last stroke most of which was made when the window had left the text.

    What follows a line was never learnt: every line that the network has seen ends with its last stroke.
    """
    lifts = np.flatnonzero(strokes[:-1, 2] > 0.5)
    begin = int(lifts[-1]) + 1 if len(lifts) else 0
    return begin if begin and (characters[begin:] == end).mean() > 0.5 else len(strokes)


def _noise(seeds: Sequence[int], mixtures: int) -> Iterator[Float[Tensor, "B K+3"]]:
    """For every step, what `mixture.draw` needs. Each line's numbers come from its own generator, on the CPU, in blocks of fixed
    size: neither the company nor the device nor the length changes them."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    while True:
        uniform = torch.stack([torch.rand(BLOCK, mixtures + 1, generator=g) for g in generators], 1)
        normal = torch.stack([torch.randn(BLOCK, 2, generator=g) for g in generators], 1)
        # rand may give 0, whose logarithm draw would take twice.
        yield from torch.cat([uniform.clamp_min(1e-12), normal], -1).unbind(0)
