"""What is wrong with a command line, said of its options and not of the parser's insides."""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

KEY = re.compile(r'^Parser key "(?P<key>[\w.]+)": ')
WRONG_VALUE = re.compile(KEY.pattern + r".*\b(?:Got|Given) value: (?P<value>.*)")
UNKNOWN = re.compile(r"unrecognized arguments: (?P<words>.*)")
NAMES = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
NUMBERS = {int: "whole numbers", float: "numbers", str: "texts"}


def in_words(error: Exception, function: Callable[..., Any], options: Iterable[str], plain: Mapping[str, str]) -> str:
    """A parser's complaint as a sentence.

    Args:
        error: the complaint.
        function: the command, whose hints say what an option takes.
        options: all that there are, with their dashes.
        plain: options that stand for those of a group, as `Command.stands_for` has them.
    """
    said = " ".join(str(error).split())
    if (found := WRONG_VALUE.fullmatch(said)) and (wanted := _described(_hint(function, found["key"]))):
        return f"{_option(found['key'], plain)} must be {wanted}, got {found['value']!r}"
    if found := UNKNOWN.fullmatch(said):
        return _unknown(found["words"].split(), options)
    return KEY.sub(lambda found: f"{_option(found['key'], plain)}: ", said)


def _unknown(words: list[str], options: Iterable[str]) -> str:
    wrong = next((word.partition("=")[0] for word in words if word.startswith("-")), "")
    if not wrong:
        return f"there is one argument too many: {words[0]!r}" if words else "there is one argument too many"
    near = get_close_matches(wrong.replace("_", "-"), {option.replace("_", "-"): None for option in options}, 1)
    return f"there is no option {wrong}" + (f"; did you mean {near[0]}?" if near else "")


def _option(key: str, plain: Mapping[str, str]) -> str:
    short = next((name for name, name_in_group in plain.items() if name_in_group == key), None)
    return "--" + (short or key).replace("_", "-")


def _hint(function: Callable[..., Any], key: str) -> Any:
    """The type of an option: of a parameter, or of a field of its dataclass; None where that is not known."""
    name, *fields = key.split(".")
    hint = get_type_hints(function).get(name)
    for field in fields:
        if not dataclasses.is_dataclass(hint):
            return None
        hint = get_type_hints(hint).get(field)
    return hint


def _described(hint: Any) -> str:
    """What is of that type; "" where there are no words for it."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return f"one of {', '.join(map(str, inside))}"
    if origin in (Union, types.UnionType):
        parts = [_described(part) for part in inside if part is not types.NoneType]
        return " or ".join(parts) if all(parts) else ""
    if origin is tuple and Ellipsis not in inside and len(set(inside)) == 1 and inside[0] in NUMBERS:
        return f"{len(inside)} {NUMBERS[inside[0]]}"
    if origin in (tuple, list) and inside and inside[0] in NUMBERS:
        return f"a list of {NUMBERS[inside[0]]}"
    return NAMES.get(hint, "")
