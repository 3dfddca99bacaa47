"""How commands end."""

from __future__ import annotations

import pytest

from shared.errors import UserError, run_command


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
