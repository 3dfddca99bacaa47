"""The names of the recurrent cells that a network may be made of. Free of torch, so that `--help` is quick."""

from __future__ import annotations

from difflib import get_close_matches

CELLS = {
    "tanh": "one tanh and no gates (Elman 1990)",
    "residual": "a step adds to what was there",
    "leaky": "every unit forgets at a learned pace of its own",
    "multi-timescale": "reads 1, 4 and 16 steps back",
    "lstm": "long short-term memory",
    "peephole-lstm": "its gates see the cell they guard, as in Graves 2013",
    "layer-norm-lstm": "its sums are normalised",
    "gru": "gated recurrent unit, the reset gate after the product (cuDNN)",
    "gru-reset-before": "gated recurrent unit as first published",
    "hm-lstm": "hierarchical multiscale LSTM: learns where its levels end a unit",
    "ntm": "LSTM with the external memory of the Neural Turing Machine",
}
"""every cell that is trained by gradient descent, step by step"""

UNFIT = {
    "echo-state": "its weights stay as they were drawn and its readout is fitted in closed form: there is nothing to train",
    "bidirectional": "it reads what is yet to come, so it cannot be run step by step",
}


def check_cell(name: str) -> None:
    """Refuses a name that is no trainable cell's.

    Raises:
        ValueError: with the reason, or with the names that are near.
    """
    if name in CELLS:
        return
    if name in UNFIT:
        raise ValueError(f"cell {name!r} does not fit here: {UNFIT[name]}; there are {', '.join(CELLS)}")
    near = get_close_matches(name.lower().replace("_", "-"), [*CELLS, *UNFIT], n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(CELLS)}"
    raise ValueError(f"there is no cell {name!r}; {hint}")
