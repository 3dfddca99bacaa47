"""What goes wrong by a user's hand is said in one line; what goes wrong by ours keeps its traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence


class UserError(Exception):
    """A mistake that the person at the keyboard can mend. The message says what, what was got, what was expected, what to do."""


def at_least(least: float, **options: float | Sequence[float]) -> None:
    """Refuses options that are below the least that they, or any of their numbers, can be.

    Raises:
        UserError: at the first.
    """
    for name, value in options.items():
        for number in value if isinstance(value, Sequence) else (value,):
            if not number >= least:
                raise UserError(f"--{name.replace('_', '-')} must be at least {least}, got {number}")


def run_command(command: Callable[[], int | None]) -> int:
    """Runs a command and turns its end into an exit status.

    0 done, 1 done but some inputs failed (the command says so by returning 1), 2 a mistake in what was asked, or something that the
    machine refused (a full disk, a folder that cannot be read), 130 interrupted from the keyboard.
    """
    try:
        return command() or 0
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`… | head`): nobody is left to tell. Keep the interpreter's last flush quiet.
        sys.stdout = None
        return 0
    except OSError as error:
        # The disk is full, a name is too long, …: nothing of ours.
        where = f" {error.filename}:" if error.filename else ""
        print(f"error:{where} {error.strerror or error}", file=sys.stderr)
        return 2
