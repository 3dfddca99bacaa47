"""Work behind the pages: taken in turns, remembered, cancelled, given up when nobody waits for it any more."""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from concurrent.futures import Future

import pytest
from streamlit.testing.v1 import AppTest

from shared.errors import UserError
from ui.jobs import Job
from ui.models import Loan
from ui.worker import REMEMBERED, Answers, CancelledError, Task, Worker


def loaded(model: str = "network") -> Loan[str]:
    loading: Future[str] = Future()
    loading.set_result(model)
    return Loan(loading)


def begin(work, loan: Loan[str] | None = None, worker: Worker | None = None) -> Job:
    task = Task(loan or loaded(), work, Future())
    (worker or Worker()).add(task)
    return Job("question", task)


class Gate:
    """Work of several pieces, each of which waits until the test lets it be made."""

    def __init__(self) -> None:
        self.reached, self.open, self.closed = threading.Semaphore(0), threading.Semaphore(0), threading.Event()

    def work(self, model: str) -> Generator[int, None, str]:
        try:
            for piece in range(100):
                self.reached.release()
                assert self.open.acquire(timeout=30)
                yield piece
        finally:
            self.closed.set()
        return model


def count(upto: int):
    def work(model: str) -> Generator[int, None, str]:
        yield from range(upto)
        return f"{model} {upto}"

    return work


def test_a_job_gathers_its_pieces_and_ends_with_its_result() -> None:
    job = begin(count(3))
    job.wait(10)
    assert (job.state, job.pieces, job.result) == ("done", [0, 1, 2], "network 3")


def test_jobs_of_several_visitors_take_turns() -> None:
    made: list[str] = []
    gate = Gate()

    def work(name: str):
        def pieces(_: str) -> Generator[None, None, None]:
            for _ in range(3):
                made.append(name)
                yield

        return pieces

    worker = Worker()
    first = begin(gate.work, worker=worker)  # the worker waits in it until all have come
    jobs = [begin(work(name), worker=worker) for name in "abc"]
    gate.open.release(100)
    for job in [*jobs, first]:
        job.wait(10)
    assert "".join(made) == "abcabcabc"


def test_work_waits_for_its_model_and_holds_up_nobody_meanwhile() -> None:
    loading: Future[str] = Future()
    worker = Worker()
    waits = begin(count(1), Loan(loading), worker)
    other = begin(count(1), worker=worker)
    other.wait(10)
    assert (waits.state, other.state) == ("waiting", "done")
    loading.set_result("late")
    waits.wait(10)
    assert waits.result == "late 1"


def test_a_model_that_is_not_there_fails_the_job_with_its_reason() -> None:
    loading: Future[str] = Future()
    loading.set_exception(UserError("no such model"))
    job = begin(count(1), Loan(loading))
    job.wait(10)
    assert job.state == "failed"
    with pytest.raises(UserError, match="no such model"):
        _ = job.result


def test_a_cancelled_job_ends_after_its_piece() -> None:
    gate = Gate()
    job = begin(gate.work)
    gate.open.release()
    for _ in range(2):
        assert gate.reached.acquire(timeout=10)
    job.cancel()
    gate.open.release()
    job.wait(10)
    assert job.state == "cancelled"
    assert job.pieces == [0, 1]
    assert gate.closed.wait(10)
    with pytest.raises(CancelledError):
        _ = job.result


def test_a_job_that_has_not_begun_is_cancelled_at_once() -> None:
    job = begin(count(1), Loan(Future()))
    job.cancel()
    assert job.state == "cancelled"
    assert job.over


def test_work_ends_when_its_visitor_is_gone() -> None:
    gate = Gate()
    job = begin(gate.work)
    assert gate.reached.acquire(timeout=10)
    del job
    gc.collect()
    gate.open.release()
    assert gate.closed.wait(10)


def test_the_worker_outlives_work_that_breaks(caplog: pytest.LogCaptureFixture) -> None:
    def breaks(_: str) -> Generator[int, None, str]:
        yield 1
        raise ZeroDivisionError

    worker = Worker()
    broken = begin(breaks, worker=worker)
    broken.wait(10)
    assert broken.state == "failed"
    assert "a job broke" in caplog.text
    job = begin(count(2), worker=worker)
    job.wait(10)
    assert job.state == "done"


def test_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.worker.MOST_WAITING", 3)
    gate, worker = Gate(), Worker()
    jobs = [begin(gate.work, worker=worker)]
    assert gate.reached.acquire(timeout=10)
    jobs += [begin(count(1), worker=worker) for _ in range(3)]
    with pytest.raises(UserError, match="try again"):
        begin(count(1), worker=worker)
    gate.open.release(100)
    for job in jobs:
        job.wait(10)
    assert begin(count(1), worker=worker) is not None


def test_the_last_answers_are_remembered_and_no_failure() -> None:
    answers = Answers()
    for number in range(REMEMBERED + 1):
        outcome: Future[int] = Future()
        outcome.set_result(number)
        answers.keep(number, outcome)
    assert answers.find(0) is None
    known = answers.find(1)
    assert known is not None
    assert known.result() == 1
    failed: Future[int] = Future()
    failed.set_exception(UserError("no"))
    answers.keep("failed", failed)
    assert answers.find("failed") is None


def page() -> None:
    """A page of which the tests see every state."""
    import streamlit as st

    from tests.ui import test_jobs
    from ui import jobs

    question = st.text_input("Question", "one", key="question")
    job = jobs.start("slot", question, test_jobs.loaded(question), test_jobs.work_on(question))
    shown = "Pieces" if job.state != "done" else "Result"
    jobs.watch(job, lambda job: st.write(f"{shown} {job.result if job.state == 'done' else len(job.pieces)}"))


gates: dict[str, Gate] = {}


def work_on(question: str):
    return refuses if question == "wrong" else gates.setdefault(question, Gate()).work


def refuses(_: str) -> Generator[int, None, str]:
    raise UserError("there is *nothing* to do")
    yield 1


@pytest.fixture
def watched() -> AppTest:
    gates.clear()
    import streamlit as st

    st.cache_resource.clear()
    return AppTest.from_function(page, default_timeout=20)


def test_a_page_shows_what_there_is_and_then_the_result(watched: AppTest) -> None:
    watched.run()
    assert "Cancel" in [button.label for button in watched.button]
    gates["one"].open.release(100)
    assert gates["one"].closed.wait(10)
    watched.run()
    assert watched.markdown[0].value == "Result one"
    assert not watched.button
    # Another question and back again: what was answered is not worked on anew.
    del gates["one"]
    watched.text_input(key="question").set_value("two").run()
    gates["two"].open.release(100)
    watched.text_input(key="question").set_value("one").run()
    assert watched.markdown[0].value == "Result one"
    assert not gates["one"].closed.is_set()


def test_a_page_lets_its_visitor_cancel_and_begin_again(watched: AppTest) -> None:
    watched.run()
    watched.button[0].click().run()
    gates["one"].open.release()
    assert gates["one"].closed.wait(10)
    watched.run()
    assert "cancelled" in watched.info[0].value
    gates["one"] = Gate()
    gates["one"].open.release(100)
    watched.button[0].click().run()
    assert gates["one"].closed.wait(10)
    watched.run()
    assert watched.markdown[0].value == "Result one"


def test_another_question_cancels_the_one_before(watched: AppTest) -> None:
    watched.run()
    watched.text_input(key="question").set_value("two").run()
    gates["one"].open.release(2)
    gates["two"].open.release(100)
    assert gates["one"].closed.wait(10)


def test_a_refusal_is_a_sentence(watched: AppTest) -> None:
    watched.run()
    gates["one"].open.release(100)
    watched.text_input(key="question").set_value("wrong").run()
    watched.run()
    assert "there is \\*nothing\\* to do\\." in watched.error[0].value
    assert not watched.exception
