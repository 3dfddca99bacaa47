"""What is said of wrong options."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pytest

from shared.command import Command, run


@dataclass
class Sheet:
    """Paper."""

    margin: float | tuple[float, float, float, float] | None = None
    ruling: Literal["blank", "ruled"] = "blank"
    splits: list[int] = field(default_factory=list)


def draw(text: str, sheet: Sheet = Sheet(), best_of: int = 1, seed: int | None = None) -> int:  # noqa: B008
    """Draws.

    Args:
        text: what.
    """
    return 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "abc"], "--seed must be a whole number, got 'abc'"),
        (["--best-of", "1.5"], "--best-of must be a whole number, got '1.5'"),
        (["--margin", "wide"], "--margin must be a number or 4 numbers, got 'wide'"),
        (["--sheet.ruling", "squiggly"], "--sheet.ruling must be one of blank, ruled, got 'squiggly'"),
        (["--sheet.splits", "[a]"], "--sheet.splits must be a list of whole numbers, got"),
        (["--sheet.margn", "3"], "there is no option --sheet.margn; did you mean --sheet.margin?"),
        (["--margn=3"], "there is no option --margn; did you mean --margin?"),
        (["--best_of", "3"], "there is no option --best_of; did you mean --best-of?"),
        (["--zzzzzz"], "there is no option --zzzzzz"),
        (["another"], "there is one argument too many: 'another'"),
        (["--config", "nowhere.yaml"], "--config: File does not exist"),
        (["--seed"], "argument --seed: expected one argument"),
    ],
)
def test_a_wrong_option_is_named_with_what_it_takes(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = Command(draw, ("text",), stands_for={"margin": "sheet.margin"})
    assert run("pen", "Draws.", [command], ["draw", "hello", *words]) == 2
    message, hint = capsys.readouterr().err.splitlines()
    assert message.startswith(f"error: {said}")
    assert "class" not in message
    assert hint == "`pen draw --help` shows what there is."
