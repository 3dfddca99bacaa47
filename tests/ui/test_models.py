"""Networks are loaded once for all visitors; pages that break say so."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from streamlit.testing.v1 import AppTest

from shared.errors import UserError
from ui import models
from ui.models import Loan
from ui.settings import SCRIBE, SEPARATOR


def test_a_loan_that_failed_is_known_and_says_why() -> None:
    loading: Future[str] = Future()
    loan = Loan(loading)
    assert loan.worked
    loading.set_exception(UserError("no such model"))
    assert not loan.worked
    with pytest.raises(UserError, match="no such model"):
        loan.get()


def test_a_loan_calls_when_the_model_is_there() -> None:
    loading: Future[str] = Future()
    called = []
    Loan(loading).when_there(lambda: called.append(loading.result()))
    assert not called
    loading.set_result("network")
    assert called == ["network"]


def test_only_models_that_the_studio_was_told_of_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SCRIBE, SEPARATOR.join(["one", "other"]))
    assert models.scribe_names() == ["one", "other"]
    with pytest.raises(UserError, match="there is one, other"):
        models.scribe("/etc")


def test_weights_are_loaded_once_for_all_visitors(studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.run()
    lent = []
    both = threading.Event()
    get = Loan.get

    def note(loan: Loan) -> object:
        lent.append(loan)
        if len(lent) == 2:
            both.set()
        return get(loan)

    monkeypatch.setattr(Loan, "get", note)
    visitors = []  # work is begun for those alone who are still there
    for seed in ("101", "102"):
        visitors.append(AppTest.from_file(studio._script_path, default_timeout=60))
        visitors[-1].query_params["seed"] = seed
        visitors[-1].run()
        assert not visitors[-1].error
    assert both.wait(60)
    assert len(lent) == 2
    assert lent[0] is lent[1]
    assert threading.active_count() < 20


def test_a_page_that_breaks_says_so_and_shows_no_traceback(studio: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("ui.writing.Wish.start", breaks)
    studio.run()
    assert not studio.exception
    assert "our fault" in studio.error[0].value
    assert "secret" not in studio.error[0].value
