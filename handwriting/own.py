"""A user's own lines of ink, to fine-tune a network on: pages of ink and what they say, or a row of JSON for each line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from handwriting.data import UNKNOWN, Lines
from handwriting.formats import LARGEST_FILE, READ, decode, read_ink
from handwriting.prime import Prime
from handwriting.styles.normal import normal
from handwriting.transcript import text_beside, transcribe
from shared.errors import UserError
from shared.files import read_at_most

ROWS = ".jsonl"
ENDINGS = (ROWS, *READ)
ROWS_A_HELD_OUT = 10
"""every tenth line is split 1, to validate on; at least one is"""
_log = logging.getLogger(__name__)


def read_own(path: Path) -> Lines:
    """Reads a file of ink, or one of rows (.jsonl).

    What ink says stands in itself, or else in a text file of the same name beside it, line by line as it is written. Of its lines
    those that are too short or too long to learn from are left out, and told.

    A row is `{"text": "what it says", "strokes": [[[x, y], …], …]}` in any unit, y downward, or all that a .json file of ink holds
    which this program wrote.

    The ink is made level and of the size that the network knows; its points stay where they are about as close as a tablet's, or
    else are set so. Slant and width stay.

    Raises:
        UserError: if the file or a row cannot be read, nobody knows what the ink says, or there are fewer than two lines.
    """
    primes = list(_of_rows(path) if path.suffix.lower() == ROWS else _of_pages(path))
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


def _of_rows(path: Path) -> Iterator[Prime]:
    content = read_at_most(path, LARGEST_FILE)
    if len(content) > LARGEST_FILE:
        raise UserError(f"{path} is larger than {LARGEST_FILE // 2**20} MiB; a fine-tune needs far less")
    for number, row in enumerate(content.splitlines(), start=1):
        if not row.strip():
            continue
        name = f"{path}, row {number},"
        for line in (line for page in decode(row, ".json", name) for line in page.lines):
            try:
                yield normal(line.strokes, line.text, timed=True)
            except UserError as error:
                raise UserError(f"{name} is no line to learn from: {error}") from error


def _of_pages(path: Path) -> Iterator[Prime]:
    pages = read_ink(path)
    ask = f"write it into {path.with_suffix('.txt').name} beside it, line by line and letter for letter"
    for number, line in enumerate(transcribe(pages, text_beside(path, pages), str(path), ask), start=1):
        try:
            yield normal(line.strokes, line.text, timed=True)
        except UserError as error:
            _log.warning("line %d of %s is left out: %s", number, path, error)
