"""Work behind a page: one thread does everybody's, a piece of each in turn, while the pages stay alive.

A long job is many short pieces, so it holds nobody up for long, and can be cancelled between two of them.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from typing import Any, Generic, Literal

import streamlit as st

from shared.errors import UserError
from ui.models import Loan
from ui.sentences import plain
from ui.worker import Answers, CancelledError, Model, Piece, Result, Task, Work, Worker

State = Literal["waiting", "working", "done", "cancelled", "failed"]

AT_ONCE = 0.2
"""seconds that a page waits for an answer before it shows that it waits"""


class Job(Generic[Piece, Result]):
    """One visitor's question and what has come of it. When nobody holds it any more, the work on it ends."""

    def __init__(self, question: Hashable, task: Task[Any, Piece, Result]) -> None:
        self.question, self._task = question, task
        weakref.finalize(self, _unwanted, task)

    @property
    def pieces(self) -> list[Piece]:
        """What has been made so far; it only grows. Empty when the answer was remembered."""
        return self._task.pieces

    @property
    def state(self) -> State:
        outcome = self._task.outcome
        if not outcome.done():
            return "working" if outcome.running() else "waiting"
        if outcome.cancelled() or isinstance(outcome.exception(), CancelledError):
            return "cancelled"
        return "failed" if outcome.exception() else "done"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._task.outcome.done()

    @property
    def result(self) -> Result:
        """The answer, once the job is over.

        Raises:
            UserError: and whatever else went wrong.
        """
        if self.state == "cancelled":
            raise CancelledError
        return self._task.outcome.result(timeout=0)

    def cancel(self) -> None:
        """Ends it after the piece that is being made."""
        self._task.outcome.cancel()  # in case it has not begun
        self._task.unwanted = True

    def wait(self, seconds: float | None = None) -> None:
        """Waits until it is over, or so many seconds."""
        wait([self._task.outcome], seconds)


def start(
    slot: str,
    question: Hashable,
    loan: Loan[Model],
    work: Work[Model, Piece, Result],
) -> Job[Piece, Result]:
    """The visitor's job on that question: begun now, or still going on, or remembered.

    Args:
        slot: a visitor has one job in each; another question there cancels the one before.
        question: what kind of answer is wanted, and all that it depends on.
        loan: the model to wait for.
        work: makes the answer; each `next` is a turn, so a piece should take less than half a second. Runs in the worker's thread,
            where nothing of Streamlit may be called.

    Raises:
        UserError: when too many people wait.
    """
    key = f"job {slot}"
    job: Job[Piece, Result] | None = st.session_state.get(key)
    if job is not None and job.question == question:
        return job
    if job is not None:
        job.cancel()
    job = Job(question, _task(question, loan, work))
    st.session_state[key] = job
    return job


def forget(slot: str) -> None:
    """Has the visitor's next question in that slot answered anew."""
    st.session_state.pop(f"job {slot}", None)


def watch(
    job: Job[Piece, Result],
    show: Callable[[Job[Piece, Result]], None],
    *,
    every: float = 0.3,
    label: str = "Working…",
    progress: Callable[[Job[Piece, Result]], float] | None = None,
) -> None:
    """Shows a job: as it goes on, with its progress and a button that cancels it; in the end, as it is.

    Args:
        show: shows the pieces, or the result of a job that is done. It is not called for one that failed, which is a sentence.
        every: seconds between two looks at the pieces.
        label: what is being done.
        progress: how far it is, 0 to 1.
    """
    job.wait(AT_ONCE)
    if job.over:
        _show_end(job, show)
        return

    @st.fragment(run_every=every)
    def live() -> None:
        if job.over:
            st.rerun()
        show(job)
        with st.container(horizontal=True, vertical_alignment="center"):
            if progress:
                st.progress(min(max(progress(job), 0.0), 1.0), label)
            else:
                st.caption(label)
            st.button("Cancel", key=f"cancel {id(job)}", on_click=job.cancel, icon=":material/close:")

    live()


def share(job: Job[float, Any]) -> float:
    """How far a job is, if its pieces tell that: the `progress` for `watch`."""
    return job.pieces[-1] if job.pieces else 0.0


def _show_end(job: Job[Piece, Result], show: Callable[[Job[Piece, Result]], None]) -> None:
    if job.state == "done" or (job.state == "cancelled" and job.pieces):
        show(job)
    if job.state == "cancelled":
        st.info("This was cancelled.", icon=":material/info:")
        st.button("Begin again", key=f"again {id(job)}", on_click=_forget, args=(job,))
    elif job.state == "failed":
        try:
            _ = job.result
        except UserError as error:
            st.error(plain(f"{error}."), icon=":material/error:")


def _forget(job: Job) -> None:
    for key in [key for key, value in st.session_state.items() if value is job]:
        del st.session_state[key]


def _unwanted(task: Task) -> None:
    task.unwanted = True


@st.cache_resource(show_spinner=False)
def _worker() -> Worker:
    return Worker()


@st.cache_resource(show_spinner=False)
def _answers() -> Answers:
    return Answers()


def _task(question: Hashable, loan: Loan[Model], work: Work[Model, Piece, Result]) -> Task[Model, Piece, Result]:
    answers = _answers()
    if known := answers.find(question):
        return Task(loan, work, known)
    task = Task(loan, work, Future())
    task.outcome.add_done_callback(lambda outcome: answers.keep(question, outcome))
    _worker().add(task)
    return task
