"""The one thread through which all work on the networks goes, and what it remembers."""

from __future__ import annotations

import atexit
import logging
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

from shared.errors import UserError
from ui.models import PATIENCE, Loan, still

Model = TypeVar("Model")
Piece = TypeVar("Piece")
Result = TypeVar("Result")
Work = Callable[[Model], Generator[Piece, None, Result]]

REMEMBERED = 64
"""answers that are kept, so that a click that changes no question costs no work"""
MOST_WAITING = 100
"""jobs that are under way at once, all visitors together"""


class CancelledError(UserError):
    """The visitor wanted no more of it."""

    def __init__(self) -> None:
        super().__init__("this was cancelled")


class Task(Generic[Model, Piece, Result]):
    """What the worker knows of a job."""

    def __init__(self, loan: Loan[Model], work: Work[Model, Piece, Result], outcome: Future[Result]) -> None:
        self.loan, self.work, self.outcome = loan, work, outcome
        self.pieces: list[Piece] = []
        self.unwanted = False
        """whether nobody waits for it any more"""
        self._generator: Generator[Piece, None, Result] | None = None

    def step(self) -> bool:
        """Does the next piece; whether there are more."""
        if self._generator is None and not self.outcome.set_running_or_notify_cancel():
            return False
        if self.unwanted:
            self.outcome.set_exception(CancelledError())
        try:
            if self.outcome.done():
                if self._generator:
                    self._generator.close()
                return False
            self._generator = self._generator or self.work(self.loan.get())
            with still:
                self.pieces.append(next(self._generator))
            return True
        except StopIteration as end:
            self.outcome.set_result(end.value)
        except Exception as error:
            if not isinstance(error, UserError):
                logging.getLogger(__name__).exception("a job broke")
            self.outcome.set_exception(error)
        return False


class Worker:
    """The thread through which all work on the networks goes. Tasks that are ready take turns."""

    def __init__(self) -> None:
        self._over = False
        self._ready: SimpleQueue[Task | None] = SimpleQueue()
        thread = Thread(target=self._work, name="worker", daemon=True)
        thread.start()
        atexit.register(self._end, thread)

    def add(self, task: Task) -> None:
        """Begins a task as soon as its model is there.

        Raises:
            UserError: when too many wait already.
        """
        if self._ready.qsize() >= MOST_WAITING:
            raise UserError("very many people are here just now; try again in a minute")
        task.loan.when_there(lambda: self._ready.put(task))

    def _end(self, thread: Thread) -> None:
        """Ends the thread after its piece: a process that ends while a thread is inside torch is aborted."""
        self._over = True
        self._ready.put(None)
        thread.join(PATIENCE)

    def _work(self) -> None:
        while (task := self._ready.get()) and not self._over:
            if task.step():
                self._ready.put(task)
            # A visitor may be gone before the next task comes.
            del task


class Answers:
    """What was answered last, to which questions."""

    def __init__(self) -> None:
        self._outcomes: OrderedDict[Hashable, Future] = OrderedDict()
        self._lock = Lock()

    def find(self, question: Hashable) -> Future | None:
        with self._lock:
            if question in self._outcomes:
                self._outcomes.move_to_end(question)
            return self._outcomes.get(question)

    def keep(self, question: Hashable, outcome: Future) -> None:
        """Remembers an outcome if it is an answer."""
        if outcome.cancelled() or outcome.exception():
            return
        with self._lock:
            self._outcomes[question] = outcome
            while len(self._outcomes) > REMEMBERED:
                self._outcomes.popitem(last=False)
