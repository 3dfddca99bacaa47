"""The cells that an experiment was asked for."""

from __future__ import annotations

from collections.abc import Iterable

from shared.cells import check_cell
from shared.errors import UserError


def check_cells(names: Iterable[str]) -> None:
    """Refuses, before any time is spent, what is no cell's name.

    Raises:
        UserError: with the names that are near.
    """
    try:
        for name in names:
            check_cell(name)
    except ValueError as error:
        raise UserError(str(error)) from error
