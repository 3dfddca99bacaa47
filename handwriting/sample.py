"""Ink out of a network: one point after the other, until the text is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from handwriting import mixture
from handwriting.coverage import Coverage, coverage
from handwriting.data import pad_texts
from handwriting.model import SynthesisNetwork, SynthesisState
from handwriting.prime import MadeUp, Opening
from handwriting.strokes import Strokes
from shared.device import one_thread
from shared.pretrained import device_of
from shared.rnn import fused
from shared.rnn.core import map_state, zip_states

MOST_POINTS_A_CHARACTER, MOST_POINTS_BESIDE = 40, 120
"""when a line that does not end is given up: twice the points that people spend, and then some"""
LINGER = 30
"""points that a pen may still draw when the window has left the text. On 160 lines that people wrote (IAM-OnDB, split 2) it drew 0
to 31, 6 in the middle, and in every fifth line the last stroke, a dot or a bar, was all drawn by then."""
BLOCK = 64
"""steps made, and their noise drawn, at a time"""
COMPANY = 64
"""lines written in one batch"""
LOOK = 16
"""steps between two looks at whether all lines are done: a look makes a GPU wait"""


class Begun(NamedTuple):
    """The beginning of a line, to be gone on from. What a network carries is kept once in `BLOCK` points: it makes the points since
    then once more, as they were, before any of its own."""

    opening: Opening
    """where the network stands"""
    points: Float[Tensor, "T 3"]
    """of the line so far, normalised"""
    characters: Int[Tensor, " T"]
    """which one the window read most, counted from the start of what the opening has behind it"""
    made: int
    """how many of the points the network has made where the opening is"""
    spent: Float[Tensor, " U"]
    """points spent on each character by then"""


@dataclass(frozen=True)
class Request:
    """A line to be written."""

    text: str
    """in characters of the alphabet, not empty"""
    bias: float | Sequence[float] = 0.75
    """0 (wild) to about 2 (neat); one number, or one for each character"""
    seed: int = 0
    """the line's own chance"""
    opening: Opening | None = None
    """where it begins: after a prime, in its hand, or in a known writer's; None begins afresh, in a hand that the seed makes up"""
    begun: Begun | None = None
    """what there is of it already, instead of an opening"""


@dataclass(frozen=True)
class Line:
    """One sampled line."""

    strokes: Strokes
    """in tablet units"""
    characters: Int[np.ndarray, " T"]
    """which character of the text the window read most as each point was made; len(text) once it was past the end"""
    coverage: Coverage
    """whether every character was written, once"""


def sample(network: SynthesisNetwork, requests: Sequence[Request]) -> list[Line]:
    """Writes each line, `COMPANY` at a time; see `Sampler`."""
    lines: list[Line] = []
    for start in range(0, len(requests), COMPANY):
        sampler = Sampler(network, requests[start : start + COMPANY])
        while not sampler.done:
            sampler.advance()
        lines += [sampler.line(row) for row in range(len(sampler.requests))]
    return lines


class Sampler:
    """Lines in the making, in one batch. All that changes is here: any number of samplers may share a network.

    A line's chance comes from its own seed alone, so it is the same line in any company. It ends with the first point that lifts
    the pen after the window came to rest past the text: φ(t, U+1) > φ(t, u) for all u ≤ U (Graves 2013, sec. 5.3), where t is the
    step that made this very point. The window runs ahead of the pen a little, so the pen may finish what it is at.

    A line that went wrong somewhere can be gone on from before that (`begun`), by another sampler and with other chance.
    """

    @torch.inference_mode()
    def __init__(self, network: SynthesisNetwork, requests: Sequence[Request]) -> None:
        self.network, self.requests = network, requests
        self.device = device_of(network)
        self.openings = [_opening(network, request) for request in requests]
        openings = self.openings
        self.begins = [len(opening.text) for opening in openings]
        told = [opening.text + request.text for opening, request in zip(openings, requests, strict=True)]
        text, lengths = pad_texts(told)
        self.lengths = lengths.to(self.device)
        writers = torch.tensor([opening.writer for opening in openings], device=self.device)
        nobodys = torch.zeros(1, network.config.traits, device=self.device)
        traits = torch.cat([nobodys if opening.traits is None else opening.traits for opening in openings])
        self.core = network.read(text.to(self.device), self.lengths, writers, traits, fused)
        self.bias = self._biases(text.shape[1] + 1)
        self.one_bias = bool((self.bias == self.bias[:, :1]).all())
        most = [MOST_POINTS_A_CHARACTER * len(request.text) + MOST_POINTS_BESIDE for request in requests]
        self.most = torch.tensor(most, device=self.device)
        self.state = self._stack([opening.state for opening in openings])
        self.point = torch.cat([opening.point for opening in openings])
        self.noise = draw_noise([request.seed for request in requests], network.config.mixtures, self.device)
        self.steps = 0
        self.past = torch.zeros_like(self.lengths)
        self.finished = torch.zeros_like(self.lengths, dtype=torch.bool)
        self.over = torch.zeros_like(self.lengths, dtype=torch.bool)
        # Points spent on each character: the sum of the shares φ(t, u) / Σ φ(t, ·) that the window gives it.
        self.spent = torch.zeros(len(requests), text.shape[1] + 1, device=self.device)
        # A fresh line's first point is where the pen comes down, which the network was always given.
        fresh = [not (opening.text or request.begun) for opening, request in zip(openings, requests, strict=True)]
        given = torch.tensor(fresh, device=self.device)
        self._retrace()
        self.blocks: list[tuple[SynthesisState, Tensor, Tensor]] = []
        self.points = [self.point[:, None]]
        self.characters = [torch.zeros_like(self.lengths)[:, None]]
        self.kept = [given[:, None]]
        self.lines: dict[int, Line] = {}
        self.done = False

    @torch.inference_mode()
    @one_thread()
    def advance(self) -> None:
        """Makes the next `BLOCK` points of every line, or fewer if all lines are done by then."""
        self.blocks.append((self.state, self.point, self.spent.clone()))
        made, phis = list[Tensor](), list[Tensor]()
        for noise in next(self.noise):
            point, phi = self._step(noise)
            made.append(point)
            phis.append(phi)
            if len(made) == LOOK:
                self._judge(torch.stack(made, 1), torch.stack(phis, 1))
                made, phis = [], []
                if self.over.all():
                    self.done = True
                    break

    def _step(self, noise: mixture.Noise) -> tuple[Float[Tensor, "B 3"], Float[Tensor, "B U+1"]]:
        """Makes one point of every line, and says where the window was."""
        raw, self.state = self.core(self.point, self.state)
        phi = self.state.window.phi
        bias = self.bias[:, :1] if self.one_bias else self.bias.gather(1, phi.argmax(1, keepdim=True))
        self.point = mixture.draw(raw, bias, noise, self.network.config.sigma_floor)
        if self.steps < self.trace.shape[1]:
            self.point = torch.where((self.steps < self.traced)[:, None], self.trace[:, self.steps], self.point)
        self.steps += 1
        return self.point, phi

    @torch.inference_mode()
    def drop(self, row: int) -> None:
        """Makes no more of a line."""
        self.over[row] = True

    def _judge(self, points: Float[Tensor, "B T 3"], phi: Float[Tensor, "B T U+1"]) -> None:
        """Which lines are over with which of the points that were just made. What was made of a line since is no part of it."""
        reading = phi.argmax(-1)
        out = reading == self.lengths[:, None]
        ended = out & (points[..., 2] > 0.5)
        past = self.past[:, None] + out.cumsum(1)
        steps = torch.arange(self.steps - points.shape[1] + 1, self.steps + 1, device=self.device)
        over = ended | (past > LINGER) | (steps >= self.most[:, None])
        before = torch.cat([self.over[:, None], over[:, :-1]], 1).cumsum(1) > 0
        share = phi / phi.sum(-1, keepdim=True).clamp_min(1e-20)
        self.spent += (share * ~before[..., None]).sum(1)
        self.past = past[:, -1]
        self.finished |= (ended & ~before).any(1)
        self.over |= over.any(1)
        self.points.append(points)
        self.characters.append(reading)
        self.kept.append(~before)

    def line(self, row: int) -> Line:
        """A line as far as it has come; all of it once `done`."""
        if row in self.lines:
            return self.lines[row]
        line = self._line(row)
        if self.over[row]:
            self.lines[row] = line
        return line

    def _line(self, row: int) -> Line:
        points, read = self._made(row)
        strokes = self.network.denormalise(points).double().cpu().numpy()
        begin, end = self.begins[row], int(self.lengths[row])
        characters = (read.cpu().numpy() - begin).clip(0)
        if len(strokes):
            strokes[0, :2] = 0.0
            strokes[-1, 2] = 1.0 if self.over[row] else strokes[-1, 2]
        spent = self.spent[row, begin:end].cpu().numpy()
        covered = coverage(self.requests[row].text, characters, spent, bool(self.finished[row]))
        return Line(strokes, characters, covered)

    @torch.inference_mode()
    def begun(self, row: int, points: int) -> Begun:
        """The first points of a line, to be gone on from.

        Raises:
            ValueError: for fewer than there were at first.
        """
        before = self.requests[row].begun
        own = points - (before.made if before else int(self.kept[0][row]))
        if own < 0:
            raise ValueError(f"the line began with more than {points} points")
        block = min(own // BLOCK, len(self.blocks) - 1)
        state, point, spent = self.blocks[block]
        only = slice(row, row + 1)
        opening = self.openings[row]._replace(state=map_state(lambda own: own[only], state), point=point[only])
        made, read = self._made(row)
        return Begun(opening, made[:points], read[:points], points - own + block * BLOCK, spent[row])

    def _made(self, row: int) -> tuple[Float[Tensor, "T 3"], Int[Tensor, " T"]]:
        """The points of a line, normalised, and which character the window read most at each."""
        kept = torch.cat([part[row] for part in self.kept])
        points = torch.cat([part[row] for part in self.points])[kept]
        characters = torch.cat([part[row] for part in self.characters])[kept]
        if begun := self.requests[row].begun:
            points = torch.cat([begun.points[: begun.made], points])
            characters = torch.cat([begun.characters[: begun.made], characters])
        return points, characters

    def _retrace(self) -> None:
        """Lays out what has been made of the lines already, if anything has."""
        begun = [request.begun for request in self.requests]
        again = [one.points[one.made :] if one else self.point.new_zeros(0, 3) for one in begun]
        self.trace = torch.nn.utils.rnn.pad_sequence(again, batch_first=True)
        self.traced = torch.tensor([len(points) for points in again], device=self.device)
        for row, one in enumerate(begun):
            if one:
                own = min(len(one.spent), self.spent.shape[1])
                self.spent[row, :own] = one.spent[:own]

    def _biases(self, places: int) -> Float[Tensor, "B U+1"]:
        """The bias at each place that the window may read most; before and after the text, that of its ends."""
        rows = []
        for begin, request in zip(self.begins, self.requests, strict=True):
            own = np.broadcast_to(np.asarray(request.bias, dtype=np.float32), len(request.text))
            rows.append(np.pad(own, (begin, places - begin - len(own)), mode="edge"))
        return torch.from_numpy(np.stack(rows)).to(self.device)

    def _stack(self, states: Sequence[SynthesisState]) -> SynthesisState:
        """Rows of one state. φ is as wide as the texts are now; no step reads the one before it."""
        blank = self.core.initial_state(1).window.phi
        rows = [state._replace(window=state.window._replace(phi=blank)) for state in states]
        return zip_states(lambda *tensors: torch.cat(tensors), *rows)


def _opening(network: SynthesisNetwork, request: Request) -> Opening:
    if request.begun:
        return request.begun.opening
    return request.opening or MadeUp(request.seed).opening(network)


def draw_noise(seeds: Sequence[int], mixtures: int, device: torch.device) -> Iterator[list[mixture.Noise]]:
    """For `BLOCK` steps at a time, what `mixture.draw` needs. Each line's numbers come from its own generator, on the CPU, in
    blocks of fixed size: neither the company nor the device nor the length changes them."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    while True:
        uniform = torch.stack([torch.rand(BLOCK, mixtures + 1, generator=g) for g in generators], 1)
        normal = torch.stack([torch.randn(BLOCK, 2, generator=g) for g in generators], 1)
        # rand may give 0, whose logarithm the Gumbel numbers take twice.
        uniform = uniform.clamp_min(1e-12)
        gumbel = -torch.log(-torch.log(uniform[..., :mixtures]))
        parts = (part.to(device).unbind(0) for part in (gumbel, uniform[..., mixtures:], normal))
        yield [mixture.Noise(*step) for step in zip(*parts, strict=True)]
