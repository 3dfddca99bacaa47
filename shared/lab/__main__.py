"""The commands of the lab. An experiment, and what it draws with, is imported when it is sure to run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.cells import CELLS
from shared.command import Command, run


def adding(
    cells: tuple[str, ...] = ("tanh", "lstm", "gru"),
    lengths: tuple[int, ...] = (100, 300),
    units: int = 32,
    batch: int = 32,
    updates: int = 1000,
    learning_rate: float = 0.02,
    seed: int = 0,
    out: Path = Path("lab/adding"),
) -> None:
    """Let cells add two numbers that stand hundreds of steps apart.

    Prints the mean squared error of each cell; one that remembers nothing has 0.167.

    Args:
        cells: which cells, as in --cells [tanh,lstm]
        lengths: steps of a sequence
        units: units of each cell
        batch: sequences in an update
        updates: updates of each cell, at each length
        learning_rate: Adam's, falling linearly to 0
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.lab.adding import draw, run
    from shared.lab.report import perform

    settings: dict[str, Any] = {"units": units, "batch": batch, "updates": updates, "learning_rate": learning_rate}
    perform(out, run, draw, cells=cells, lengths=lengths, **settings, seed=seed)


def align(
    units: int = 64,
    batch: int = 64,
    updates: int = 400,
    learning_rate: float = 0.005,
    seed: int = 0,
    out: Path = Path("lab/align"),
) -> None:
    """Translate dates into ISO 8601 by attention, and see what the decoder looks at.

    Prints the share of days, never seen in training, that come out right to the last character.

    Args:
        units: units of encoder, attention and decoder
        batch: dates in an update
        updates: how many
        learning_rate: Adam's, falling linearly to 0
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.lab.align import draw, run
    from shared.lab.report import perform

    settings: dict[str, Any] = {"units": units, "batch": batch, "updates": updates, "learning_rate": learning_rate}
    perform(out, run, draw, **settings, seed=seed)


def forecast(
    units: int = 1000,
    spectral_radius: float = 1.0,
    density: float = 0.1,
    leak: float = 1.0,
    ridge: float = 1e-10,
    steps: int = 3000,
    horizon: int = 1000,
    seed: int = 0,
    out: Path = Path("lab/forecast"),
) -> None:
    """Let an echo state network continue the Mackey-Glass series.

    Its recurrent weights stay as chance made them; only a linear readout is fitted.

    Args:
        units: units of the reservoir
        spectral_radius: largest absolute eigenvalue of its recurrent weights
        density: share of the units that each unit hears
        leak: how much of a unit is made anew at a step, from above 0 to 1
        ridge: price of large readout weights
        steps: steps of the series to fit the readout on
        horizon: steps to forecast after them
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.lab.forecast import draw, run
    from shared.lab.report import perform

    settings: dict[str, Any] = {
        "units": units,
        "spectral_radius": spectral_radius,
        "density": density,
        "leak": leak,
        "ridge": ridge,
    }
    perform(out, run, draw, **settings, steps=steps, horizon=horizon, seed=seed)


def benchmark(
    cells: tuple[str, ...] = tuple(CELLS),
    batch: int = 32,
    steps: int = 256,
    units: int = 400,
    rounds: int = 5,
    threads: int = 0,
    device: str = "auto",
    seed: int = 0,
    out: Path = Path("lab/benchmark"),
) -> None:
    """Time every cell: by this core, by torch's own layer, by a plain loop.

    Args:
        cells: which cells
        batch: sequences at a time
        steps: steps of each
        units: units of each cell, and features of its input
        rounds: how often everything is timed; medians are told
        threads: CPU threads; 0 leaves torch its own choice
        device: auto, cpu, cuda, cuda:1, …
        seed: where weights and inputs come from
        out: the folder for results.json and picture.png
    """
    from shared.lab.benchmark import draw, run, tell
    from shared.lab.report import perform

    sizes: dict[str, Any] = {"batch": batch, "steps": steps, "units": units, "rounds": rounds, "threads": threads}
    perform(out, run, draw, tell, cells=cells, **sizes, device=device, seed=seed)


def boundaries(
    text: Path,
    units: int = 64,
    levels: int = 3,
    updates: int = 1200,
    batch: int = 16,
    length: int = 48,
    learning_rate: float = 5e-3,
    seed: int = 0,
    out: Path = Path("lab/boundaries"),
) -> None:
    """See where a hierarchical multiscale LSTM that reads letters draws the boundaries of its levels.

    It learns to say the next character of a text, and so does a stack of LSTMs of as many weights.

    Args:
        text: a text file, of some hundred thousand characters if there are as many; the last tenth is held out
        units: units of each level
        levels: how many
        updates: updates of each network
        batch: pieces of text in an update
        length: characters in each
        learning_rate: the first one of Adam's, falling linearly to 0
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.lab.boundaries import draw, run
    from shared.lab.report import perform

    training: dict[str, Any] = {"updates": updates, "batch": batch, "length": length, "learning_rate": learning_rate}
    perform(out, run, draw, text=text, units=units, levels=levels, **training, seed=seed)


def copy(
    longest: int = 10,
    units: int = 64,
    slots: int = 32,
    width: int = 16,
    lstm_units: int = 96,
    updates: int = 2000,
    batch: int = 64,
    learning_rate: float = 4e-3,
    sequences: int = 500,
    seed: int = 0,
    out: Path = Path("lab/copy"),
) -> None:
    """Let a network with an external memory, and one without, copy sequences longer than any it was trained on.

    The Neural Turing Machine against an LSTM with more parameters, both on random vectors of 8 bits.

    Args:
        longest: vectors in the longest sequence of the training; tests go up to 2.5 times as many
        units: units of the NTM's controller
        slots: slots of its memory
        width: numbers in a slot
        lstm_units: units of the LSTM
        updates: updates of each network
        batch: sequences in an update, all of one length
        learning_rate: the first one of Adam's, falling linearly to 0
        sequences: sequences to test each length with
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.lab.copying import draw, run
    from shared.lab.report import perform

    settings: dict[str, Any] = {
        "longest": longest,
        "units": units,
        "slots": slots,
        "width": width,
        "lstm_units": lstm_units,
    }
    training: dict[str, Any] = {"updates": updates, "batch": batch, "learning_rate": learning_rate}
    perform(out, run, draw, **settings, **training, sequences=sequences, seed=seed)


def reach(
    units: int = 32,
    steps: int = 100,
    sequences: int = 4,
    input_scale: float = 0.1,
    seed: int = 0,
    out: Path = Path("lab/reach"),
) -> None:
    """Measure how far gradients reach back through cells that are not trained yet.

    Prints the factor by which each step multiplies what is left of a gradient.

    Args:
        units: units of each cell
        steps: how far back to look
        sequences: random sequences to average over
        input_scale: their standard deviation; the larger, the flatter is tanh
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.lab.reach import draw, run
    from shared.lab.report import perform

    perform(out, run, draw, units=units, steps=steps, sequences=sequences, input_scale=input_scale, seed=seed)


def language(
    text: Path,
    cell: str = "lstm",
    units: int = 128,
    updates: int = 2000,
    batch: int = 32,
    length: int = 64,
    learning_rate: float = 0.01,
    dropout: float = 0.1,
    temperature: float = 0.7,
    sample: int = 600,
    watch: tuple[int, ...] = (),
    seed: int = 0,
    out: Path = Path("lab/language"),
) -> None:
    """Learn to write like a text, and see what single units respond to.

    Prints bits per character, which unit best follows which property of the text (quotes, brackets, place in the line, …) and a
    sample. The picture is held-out text, coloured by single units.

    Args:
        text: a text file, of some hundred thousand characters if there are as many; the last tenth is held out
        cell: the recurrent cell
        units: units of the cell
        updates: how many
        batch: streams of text side by side
        length: characters that a gradient reaches back; the state is carried on
        learning_rate: Adam's, falling linearly to 0
        dropout: share of the cell's outputs that training hides
        temperature: below 1 the sample keeps to what is likely, above 1 it dares more
        sample: characters to write
        watch: units to draw, as in --watch [3,17]; without it those that follow a property best
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.lab.language import draw, run, tell
    from shared.lab.report import perform

    training: dict[str, Any] = {"updates": updates, "batch": batch, "length": length, "learning_rate": learning_rate}
    shown: dict[str, Any] = {"temperature": temperature, "sample": sample, "watch": watch, "seed": seed}
    perform(out, run, draw, tell, text=text, cell=cell, units=units, **training, dropout=dropout, **shown)


def main(arguments: Sequence[str] | None = None) -> int:
    return run(
        "python -m shared.lab",
        "Experiments with recurrent cells. Each writes results.json and picture.png, and prints what it found.",
        [
            Command(adding),
            Command(align),
            Command(benchmark),
            Command(boundaries, ("text",)),
            Command(copy),
            Command(forecast),
            Command(language, ("text",)),
            Command(reach),
        ],
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
