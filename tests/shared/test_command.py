"""Functions as commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.command import Command, run
from shared.errors import UserError


@dataclass(frozen=True)
class Shape:
    """A shape."""

    wide_side: int = 3
    """how wide"""

    def __post_init__(self) -> None:
        if self.wide_side < 1:
            raise ValueError(f"wide_side must be at least 1, got {self.wide_side}")


def draw(text: str, output_file: Path | None = None, bold: bool = False, shape: Shape = Shape()) -> int | None:
    """Draw a text.

    Args:
        text: what to draw
        output_file: where to
        bold: thickly
        shape: its shape
    """
    if text == "mistake":
        raise UserError("that is one")
    if text == "stop":
        raise KeyboardInterrupt
    print(text, output_file, bold, shape.wide_side)
    return 1 if text == "partly" else None


def wipe(text: str = "everything") -> None:
    """Wipe a text off.

    Args:
        text: which
    """
    print(text)


SHORT = {"wide-side": "shape.wide_side", "wide": "shape.wide_side=9"}


def call(*arguments: str) -> int:
    commands = [
        Command(draw, positional=("text",), short={"output_file": "-o"}, stands_for=SHORT),
        Command(wipe, positional=("text",)),
    ]
    return run("artist", "Draws.", commands, arguments)


def test_options_reach_the_function(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert call("draw", "hi", "-o", "a.svg", "--bold", "--shape.wide-side", "5") == 0
    assert call("draw", "hi", "--output-file=a.svg") == 0
    (tmp_path / "run.yaml").write_text("shape:\n  wide_side: 7\n")
    assert call("draw", "hi", "--config", str(tmp_path / "run.yaml")) == 0
    assert capsys.readouterr().out.splitlines() == ["hi a.svg True 5", "hi a.svg False 3", "hi None False 7"]


def test_a_plain_option_may_stand_for_one_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--wide-side", "5"], ["--wide-side=5"]):
        assert call("draw", "hi", *words) == 0
        assert capsys.readouterr().out == "hi None False 5\n"
    assert call("draw", "hi", "--wide") == 0
    assert capsys.readouterr().out == "hi None False 9\n"
    assert call("draw", "hi", "--wide-side", "0") == 2
    assert "wide_side must be at least 1" in capsys.readouterr().err


def test_what_has_a_default_may_be_left_out_of_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("wipe") == 0
    assert call("wipe", "this") == 0
    assert capsys.readouterr().out == "everything\nthis\n"
    with pytest.raises(SystemExit):
        call("wipe", "--help")
    assert "usage: artist wipe [OPTIONS] [TEXT]" in capsys.readouterr().out


@pytest.mark.parametrize(("word", "status"), [("fine", 0), ("partly", 1), ("mistake", 2), ("stop", 130)])
def test_exit_status(word: str, status: int) -> None:
    assert call("draw", word) == status


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["draw"], "required: text"),
        (["draw", "hi", "--bolt"], "--bolt"),
        (["draw", "hi", "--shape.wide_side=x"], "--wide-side must be a whole number"),
        (["draw", "hi", "--shape.wide_side=0"], "must be at least 1, got 0"),
        (["drwa", "hi"], "there is no command 'drwa'"),
        ([], "usage: artist COMMAND"),
    ],
)
def test_usage_errors_say_what_and_end_with_2(arguments, message, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*arguments) == 2
    assert message in capsys.readouterr().err


def test_help_lists_commands_and_describes_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--help") == 0
    assert "draw  Draw a text" in capsys.readouterr().out
    with pytest.raises(SystemExit) as end:
        call("draw", "--help")
    assert end.value.code == 0
    text = capsys.readouterr().out
    for part in (
        "usage: artist draw [OPTIONS] TEXT",
        "-o OUTPUT_FILE, --output-file",
        "where to",
        "how wide (default: 3)",
    ):
        assert part in text


def test_a_preset_gives_what_the_command_line_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "grand.yaml").write_text("bold: true\nshape:\n  wide_side: 7\n")

    def call(*arguments: str) -> int:
        return run("artist", "Draws.", [Command(draw, positional=("text",), presets=tmp_path)], arguments)

    assert call("draw", "hi", "--preset", "grand") == 0
    assert call("draw", "hi", "--shape.wide-side=9", "--preset=grand") == 0
    assert capsys.readouterr().out.splitlines() == ["hi None True 7", "hi None True 9"]
    assert call("draw", "hi", "--preset", "grant") == 2
    assert call("draw", "hi", "--preset", "xyz") == 2
    assert call("draw", "hi", "--preset") == 2
    errors = capsys.readouterr().err
    assert "there is no preset 'grant'; did you mean grand?" in errors
    assert "there is no preset 'xyz'; there are grand" in errors
    with pytest.raises(SystemExit):
        call("draw", "--help")
    assert "options that belong together: grand" in " ".join(capsys.readouterr().out.split())


def test_commands_may_form_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [Command(draw, positional=("text",)), Command(draw, positional=("text",), called="line draw")]
    assert run("artist", "Draws.", commands, ["line", "draw", "draw", "--bold"]) == 0
    assert capsys.readouterr().out == "draw None True 3\n"
    assert run("artist", "Draws.", commands, ["line", "--help"]) == 0
    listed = capsys.readouterr().out
    assert "  line draw  Draw a text" in listed
    assert "\n  draw" not in listed
    for words, wrong in ((["line"], "line"), (["line", "rub"], "line rub"), (["rub", "line"], "rub")):
        assert run("artist", "Draws.", commands, words) == 2
        assert capsys.readouterr().err.startswith(f"error: there is no command {wrong!r}\n")
