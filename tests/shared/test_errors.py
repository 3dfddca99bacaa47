"""How commands end."""

from __future__ import annotations

import pytest

from shared.errors import UserError, at_least, run_command


def fail(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (UserError("no such thing"), 2, "error: no such thing\n"),
        (OSError(28, "No space left on device", "out.csv"), 2, "error: out.csv: No space left on device\n"),
        (OSError(28, "No space left on device"), 2, "error: No space left on device\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_what_goes_wrong_by_no_fault_of_ours_is_a_line(error, status, said, capsys) -> None:
    assert run_command(lambda: fail(error)) == status
    assert capsys.readouterr().err == said


def test_what_goes_wrong_by_ours_keeps_its_traceback() -> None:
    with pytest.raises(ValueError, match="ours"):
        run_command(lambda: fail(ValueError("ours")))


def test_numbers_below_the_least_are_refused_with_their_option() -> None:
    at_least(1, beam=1, lengths=(1, 5))
    at_least(0.1, seconds=0.1)
    with pytest.raises(UserError, match=r"^--best-of must be at least 1, got 0$"):
        at_least(1, best_of=0)
    with pytest.raises(UserError, match=r"^--lengths must be at least 1, got -2$"):
        at_least(1, lengths=(3, -2))
    with pytest.raises(UserError, match="--seconds must be at least 0.1, got nan"):
        at_least(0.1, seconds=float("nan"))
