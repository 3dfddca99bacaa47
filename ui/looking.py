"""What the page "Look inside" asks of the networks: work for `ui.jobs`, in short pieces, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from captioning import Caption, Captioner
    from captioning.inside import CaptionInside
    from handwriting import Scribe
    from handwriting.expectation import Plane
    from handwriting.followers import Cell
    from handwriting.inside import Inside
    from handwriting.model import Network
    from ui.photos import Photo

SHOWN_PIXELS = 600
"""the longer side of a photo on the page, at most"""
UNITS, STEPS, SEQUENCES, INPUT_SCALE = 32, 60, 2, 0.1
"""of the cells whose gradients are measured"""
CELLS_MEASURED = 9

Curves = dict[str, list[float]]
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def in_one_thread(
    work: Callable[Arguments, Generator[float, None, Result]],
) -> Callable[Arguments, Generator[float, None, Result]]:
    """Has each piece of some work done in one thread; see `shared.device.one_thread`."""

    @wraps(work)
    def pieces(*arguments: Arguments.args, **options: Arguments.kwargs) -> Generator[float, None, Result]:
        from shared.device import one_thread

        going = work(*arguments, **options)
        while True:
            try:
                with one_thread():
                    share = next(going)
            except StopIteration as end:
                return end.value
            yield share

    return pieces


class Watched(NamedTuple):
    """A line as it was written, and what went on inside."""

    inside: Inside
    plane: Plane
    cells: list[Cell]


class Told(NamedTuple):
    """A photo, what was said of it, and what went on inside."""

    photo: Image
    caption: Caption
    inside: CaptionInside
    cells: list[int]


@in_one_thread
def write_and_watch(scribe: Scribe, text: str, bias: float, seed: int) -> Generator[float, None, Watched]:
    """Writes the first line of a text, and watches the network along it; yields how far it is, 0 to 1.

    Raises:
        UserError: for a text without anything to write.
    """
    from handwriting.expectation import expectation
    from handwriting.followers import interesting_cells
    from handwriting.inside import watch, write_line

    yield 0.0
    line = write_line(scribe, text, bias, seed)
    yield 0.4
    for share in (watching := Returning(watch(scribe.network, *line))):
        yield 0.4 + 0.4 * share
    inside = watching.result
    mean, scale = (number.cpu().double().numpy() for number in (scribe.network.mean, scribe.network.scale))
    plane = expectation(inside, mean, scale)
    yield 0.9
    return Watched(inside, plane, interesting_cells(inside))


@in_one_thread
def read_and_watch(network: Network, strokes: np.ndarray, text: str) -> Generator[float, None, Inside]:
    """Has a network read ink that another one wrote."""
    from handwriting.inside import watch

    return (yield from watch(network, strokes, text))


def describe_and_watch(captioner: Captioner, photo: Photo) -> Generator[float, None, Told]:
    """Describes a photo, and has the network say its caption again while it is watched.

    Raises:
        UserError: for a photo that cannot be used.
    """
    from captioning.inside import lively_cells, look_inside

    yield 0.0
    shown = photo.open(SHOWN_PIXELS)
    grid = captioner.encode([shown])
    yield 0.6
    caption = captioner.describe_all(grid, beam=3)[0][0]
    yield 0.8
    inside = look_inside(captioner, grid, caption.text)
    shown.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    return Told(shown, caption, inside, lively_cells(inside))


@in_one_thread
def measure_reach(_: None) -> Generator[float, None, Curves]:
    """How far gradients reach back through each kind of cell, as in the lab's `reach`."""
    import torch

    from shared.lab.reach import measure

    torch.manual_seed(0)
    curves: Curves = {}
    for name, curve in measure(UNITS, STEPS, SEQUENCES, INPUT_SCALE):
        curves[name] = curve
        yield len(curves) / CELLS_MEASURED
    return curves


class Returning:
    """A generator that keeps what it returned."""

    def __init__(self, generator: Generator[float, None, Inside]) -> None:
        self._generator = generator
        self.result: Inside

    def __iter__(self) -> Generator[float, None, None]:
        self.result = yield from self._generator
