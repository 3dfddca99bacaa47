"""Functions as commands: the signature gives the options, the docstring the help, the return value the exit status.

Options are spelled with dashes (`--encoder-weights`); those of a dataclass with a dot (`--training.learning_rate`), and such a
group may come from a YAML file (`--training run.yaml`, or `--config all.yaml` for everything). Nothing here imports torch.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_type_hints

from docstring_parser import parse as parse_docstring
from jsonargparse import ArgumentError, ArgumentParser, Namespace, set_parsing_settings

from shared.errors import run_command
from shared.mistakes import in_words


@dataclass(frozen=True)
class Command:
    """A function that is a command of the same name."""

    function: Callable[..., int | None]
    positional: tuple[str, ...] = ()
    """parameters given by their place; one typed as a list takes one argument or more, one with a default may be left out"""
    short: Mapping[str, str] = field(default_factory=dict)
    """one-letter spellings, by parameter"""
    stands_for: Mapping[str, str] = field(default_factory=dict)
    """plain options that are a group's: {"beam": "search.beam"} takes `--beam 5` for `--search.beam 5`, and {"wide":
    "search.beam=20"} takes `--wide` for that"""
    presets: Path | None = None
    """a folder of YAML files: `--preset NAME` takes the options in NAME.yaml, which those on the command line override"""
    called: str = ""
    """its name, where that is not the function's; one of two words ("style add") belongs to a group"""

    @property
    def name(self) -> str:
        return self.called or self.function.__name__


def run(program: str, description: str, commands: Sequence[Command], arguments: Sequence[str] | None = None) -> int:
    """Parses the command line and runs the command it names.

    Returns:
        the exit status: 0 done, 1 some inputs failed, 2 a mistake in what was asked, 130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    by_name = {command.name: command for command in commands}
    words = [word for word in given if not word.startswith("-")]
    # Only the parser of the command that was asked for is built: the others would cost time at every start.
    chosen = by_name.get(" ".join(words[:2])) or by_name.get(" ".join(words[:1]))
    if chosen is None:
        group = [command for command in commands if command.name.split()[:-1] == words[:1]]
        return _overview(program, description, group or commands, given)
    parser = _parser(f"{program} {chosen.name}", chosen)
    rest = list(given)
    for word in chosen.name.split():
        rest.remove(word)
    try:
        words = [_spell(word, chosen) for word in _unfold_preset(rest, chosen)]
        values = parser.instantiate(parser.parse_args(words))
    except (ArgumentError, ValueError, TypeError) as error:
        options = [option for action in parser._actions for option in action.option_strings]
        said = in_words(
            error, chosen.function, [*options, *(f"--{name}" for name in chosen.stands_for)], chosen.stands_for
        )
        print(f"error: {said}\n`{program} {chosen.name} --help` shows what there is.", file=sys.stderr)
        return 2
    return run_command(lambda: chosen.function(**_keywords(values)))


def _overview(program: str, description: str, commands: Sequence[Command], given: Sequence[str]) -> int:
    """The list of commands: as help when asked, as an error when no known command was named."""
    asked = not set(given).isdisjoint({"-h", "--help"})
    width = max(len(command.name) for command in commands)
    lines = [f"usage: {program} COMMAND ...", "", description, "", "commands:"]
    lines += [f"  {c.name:<{width}}  {_summary(c.function)}" for c in commands]
    lines += ["", f"`{program} COMMAND --help` shows the options of a command."]
    unknown = [word for word in given if not word.startswith("-")]
    if not asked and given:
        # Of a group's command the second word was wrong, or there was none.
        wrong = " ".join(unknown[: len(commands[0].name.split())]) or given[0]
        lines.insert(0, f"error: there is no command {wrong!r}")
    print("\n".join(lines), file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def _parser(program: str, command: Command) -> ArgumentParser:
    function, document = command.function, parse_docstring(command.function.__doc__ or "")
    description = "\n\n".join(filter(None, (document.short_description, document.long_description)))
    parameters = inspect.signature(function).parameters
    places = [f"[{n.upper()}]" if _may_be_left_out(parameters[n]) else n.upper() for n in command.positional]
    helps = {p.arg_name: " ".join((p.description or "").split()) for p in document.params}
    set_parsing_settings(docstring_parse_attribute_docstrings=True)
    parser = ArgumentParser(
        prog=program,
        usage=" ".join([program, "[OPTIONS]", *places]),
        description=description,
        formatter_class=_HelpFormatter,
        exit_on_error=False,
        allow_abbrev=False,
    )
    parser.add_argument("--config", action="config", help="a YAML file with any of these options")
    if command.presets:
        # For the help alone: it becomes a --config before anything is parsed.
        parser.add_argument("--preset", help=f"options that belong together: {', '.join(_names_of_presets(command))}")
    hints = get_type_hints(function)
    for name, parameter in parameters.items():
        hint, default = hints[name], parameter.default
        if dataclasses.is_dataclass(hint):
            parser.add_class_arguments(hint, name, default=default, help=helps.get(name))
            continue
        options: dict[str, Any] = {"help": helps.get(name)}
        if hint is bool:
            options |= {"action": "store_true"}
        elif not _may_be_left_out(parameter):
            options |= {"type": hint}
        else:
            options |= {"type": hint, "default": default}
        if name in command.positional:
            several = {"type": str, "nargs": "+"} if hint == list[str] else {}
            optional = {"nargs": "?"} if _may_be_left_out(parameter) else {}
            parser.add_argument(name, **options | several | optional)
        else:
            required = {} if _may_be_left_out(parameter) else {"required": True}
            parser.add_argument(*_spellings(name, command), **options | required)
    return parser


def _may_be_left_out(parameter: inspect.Parameter) -> bool:
    return parameter.default is not inspect.Parameter.empty


def _names_of_presets(command: Command) -> list[str]:
    return sorted(file.stem for file in command.presets.glob("*.yaml")) if command.presets else []


def _unfold_preset(words: Sequence[str], command: Command) -> list[str]:
    """The preset's file in front of all other options, so that they win."""
    rest, named = [], []
    arguments = iter(words)
    for word in arguments:
        if command.presets and word.partition("=")[0] == "--preset":
            named.append(word.partition("=")[2] or next(arguments, ""))
        else:
            rest.append(word)
    known = _names_of_presets(command)
    for name in named:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise ValueError(f"there is no preset {name!r}; {hint}")
    return [word for name in named for word in ("--config", str(command.presets / f"{name}.yaml"))] + rest  # type: ignore[operator]


class _HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Plain help with defaults, but without `(default: None)` and `(default: )`, which say nothing."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=110)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.required:
            return f"{action.help} (required)"
        silent = action.default is None or action.default is False or action.default in ("", argparse.SUPPRESS)
        return action.help if silent else super()._get_help_string(action)


def _spellings(name: str, command: Command) -> list[str]:
    return [*([command.short[name]] if name in command.short else []), "--" + name.replace("_", "-")]


def _spell(word: str, command: Command) -> str:
    """Options of a group may be written with dashes too, and some without the group."""
    option, equals, value = word.partition("=")
    if not option.startswith("--"):
        return word
    name = command.stands_for.get(option[2:], option[2:])
    return "--" + (name.replace("-", "_") if "." in name else name) + equals + value


def _keywords(values: Namespace) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(values).items()
        if name not in ("config", "preset") and not name.startswith("__")
    }


def _summary(function: Callable[..., Any]) -> str:
    return (parse_docstring(function.__doc__ or "").short_description or "").rstrip(".")
