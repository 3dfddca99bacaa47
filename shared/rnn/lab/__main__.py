"""The commands of the lab. An experiment, and what it draws with, is imported when it is sure to run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from shared.command import Command, run


def forecast(
    units: int = 500,
    spectral_radius: float = 0.9,
    steps: int = 4000,
    seed: int = 0,
    out: Path = Path("lab/forecast"),
) -> None:
    """Let an echo state network foretell the Mackey-Glass series.

    Args:
        units: units of the reservoir
        spectral_radius: largest absolute eigenvalue of its recurrent weights
        steps: steps of the series to fit the readout on
        seed: where chance comes from
        out: the folder for results.json and picture.png
    """
    from shared.rnn.lab.forecast import draw, run
    from shared.rnn.lab.report import perform

    perform(out, run, draw, units=units, spectral_radius=spectral_radius, steps=steps, seed=seed)


def main(arguments: Sequence[str] | None = None) -> int:
    return run(
        "python -m shared.rnn.lab",
        "Experiments with recurrent cells. Each writes results.json and picture.png, and prints what it found.",
        [
            Command(forecast),
        ],
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
