"""A user's own lines of ink, to fine-tune a network on: a file with a row of JSON for each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from handwriting.data import UNKNOWN, Lines
from handwriting.formats import LARGEST_FILE, decode
from handwriting.styles.normal import normal
from shared.errors import UserError
from shared.files import read_at_most

ROWS_A_HELD_OUT = 10
"""every tenth row is split 1, to validate on; at least one is"""


def read_own(path: Path) -> Lines:
    """Reads a .jsonl file. A row is `{"text": "what it says", "strokes": [[[x, y], …], …]}` in any unit, y downward, or all that a
    .json file of ink holds which this program wrote.

    The ink is made level and of the size that the network knows; its points stay where they are about as close as a tablet's, or
    else are set so. Slant and width stay.

    Raises:
        UserError: if a row cannot be read, or there are fewer than two lines.
    """
    content = read_at_most(path, LARGEST_FILE)
    if len(content) > LARGEST_FILE:
        raise UserError(f"{path} is larger than {LARGEST_FILE // 2**20} MiB; a fine-tune needs far less")
    primes = []
    for number, row in enumerate(content.splitlines(), start=1):
        if not row.strip():
            continue
        name = f"{path}, row {number},"
        for line in (line for page in decode(row, ".json", name) for line in page.lines):
            try:
                primes.append(normal(line.strokes, line.text, timed=True))
            except UserError as error:
                raise UserError(f"{name} is no line to learn from: {error}") from error
    if len(primes) < 2:
        found = f"{len(primes)} line{'s' * (len(primes) != 1)}"
        raise UserError(f"{path} has {found}; to learn from one and validate on another takes two")
    held_out = np.arange(len(primes)) % ROWS_A_HELD_OUT == min(ROWS_A_HELD_OUT, len(primes)) - 1
    every = np.ones(len(primes), dtype=bool)
    return Lines(
        np.concatenate([prime.strokes for prime in primes]).astype(np.float32),
        np.cumsum([0, *(len(prime.strokes) for prime in primes)]),
        [prime.text for prime in primes],
        held_out.astype(np.int8),
        every,
        every,
        np.full(len(primes), UNKNOWN),
    )
