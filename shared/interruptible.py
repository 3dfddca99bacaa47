"""A run that may be asked to stop, and stops where it suits it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType


class interruptible:  # noqa: N801 - reads as the verb it stands for: `with interruptible() as interrupted`
    """Turns the first Ctrl-C (or SIGTERM) into a question that the loop asks; the second one works as ever."""

    def __enter__(self) -> Callable[[], bool]:
        self.hit = False
        self.before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def note(number: int, frame: FrameType | None) -> None:
            self.hit = True
            print("stopping after this batch, with the state saved; once more to stop at once", file=sys.stderr)
            self._restore()

        for number in self.before:
            signal.signal(number, note)
        return lambda: self.hit

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _restore(self) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
