"""Networks are loaded once and lent to one visitor at a time; pages that break say so."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from shared.errors import UserError
from ui import models
from ui.models import Loan


def test_visitors_take_turns() -> None:
    loading: Future[str] = Future()
    loan = Loan(loading)
    inside, most = 0, 0

    def visit() -> None:
        nonlocal inside, most
        with loan.borrow() as model:
            assert model == "network"
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    with ThreadPoolExecutor(4) as visitors:
        visits = [visitors.submit(visit) for _ in range(8)]
        assert not any(visit.done() for visit in visits)
        loading.set_result("network")
        for done in visits:
            done.result(10)
    assert most == 1


def test_a_visitor_who_fails_leaves_the_network_to_the_next() -> None:
    loading: Future[str] = Future()
    loading.set_result("network")
    loan = Loan(loading)
    with pytest.raises(UserError), loan.borrow():
        raise UserError("no photo")
    with loan.borrow() as model:
        assert model == "network"


def test_a_loan_that_failed_is_known_and_says_why() -> None:
    loading: Future[str] = Future()
    loan = Loan(loading)
    assert loan.worked
    loading.set_exception(UserError("no such model"))
    assert not loan.worked
    with pytest.raises(UserError, match="no such model"), loan.borrow():
        pass


def test_weights_are_loaded_once_for_all_visitors(studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.run()
    lent = []
    borrow = Loan.borrow
    monkeypatch.setattr(Loan, "borrow", lambda loan: lent.append(loan) or borrow(loan))
    for seed in ("101", "102"):
        visitor = AppTest.from_file(studio._script_path, default_timeout=60)
        visitor.query_params["seed"] = seed
        visitor.run()
        assert not visitor.error
    assert len(lent) == 2
    assert lent[0] is lent[1]
    assert threading.active_count() < 20


def test_a_page_that_breaks_says_so_and_shows_no_traceback(studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(models, "write", breaks)
    studio.run()
    assert not studio.exception
    assert "our fault" in studio.error[0].value
    assert "secret" not in studio.error[0].value
