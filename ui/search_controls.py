"""How captions are looked for, as controls: the options `--search.*` of the command line, by their names, with their help."""

from __future__ import annotations

from typing import Any

import streamlit as st
from docstring_parser import parse as parse_docstring

from captioning.config import SearchConfig
from shared.errors import UserError

PLAIN = SearchConfig()
USUAL: dict[str, Any] = {"n_best": 3, "temperature": 0.8}
"""where the page begins with another value than the command"""
HELP = {
    parameter.arg_name: parameter.description or "" for parameter in parse_docstring(SearchConfig.__doc__ or "").params
}

RANGES: dict[str, tuple[float, float, float]] = {
    "beam": (1, 12, 1),
    "n_best": (1, 12, 1),
    "temperature": (0.1, 2.0, 0.1),
    "top_k": (0, 100, 1),
    "nucleus": (0.05, 1.0, 0.05),
    "length_power": (0.0, 2.0, 0.1),
    "groups": (1, 6, 1),
    "diversity": (0.0, 2.0, 0.1),
    "maximum_words": (1, 50, 1),
    "minimum_words": (1, 50, 1),
    "no_repeat": (0, 5, 1),
}
"""least, most, step"""
FOR_ALL = ("maximum_words", "minimum_words", "no_repeat", "banned", "mirrored")
WAYS = {
    "greedy": ("required", *FOR_ALL),
    "beam": (
        *("beam", "n_best", "length_power", "groups", "diversity", "required", *FOR_ALL),
        *("consensus", "thorough"),
    ),
    "sampling": ("temperature", "n_best", "top_k", "nucleus", "seed", *FOR_ALL),
}
"""what can be chosen about each way to find captions"""
LONGEST_LIST = 60
"""characters of banned or required words: each required word is one more beam"""
LARGEST_SEED = 2**53 - 1
"""beyond, browsers count in steps of two"""


def ask_for_search() -> SearchConfig:
    """Raises:
    UserError: for settings that contradict each other.
    """
    way = st.segmented_control(
        "Search", list(WAYS), default="beam", required=True, key="search.way", bind="query-params",
        help="greedy takes the likeliest word each time; beam tries several captions side by side; sampling draws words by chance.",
    )  # fmt: skip
    asked: dict[str, Any] = {"beam": 1, "n_best": 1} if way == "greedy" else {}
    for start in range(0, len(WAYS[way]), 3):  # row by row, so that a telephone shows them in their order
        for column, name in zip(st.columns(3, gap="medium"), WAYS[way][start : start + 3], strict=False):
            with column:
                asked[name] = _ask(name)
    try:
        return SearchConfig(**asked)
    except ValueError as error:
        raise UserError(f"These settings cannot be together: {error}") from error


def _ask(name: str) -> Any:
    """One setting, by the control that its values want."""
    usual = USUAL.get(name, getattr(PLAIN, name))
    told: dict[str, Any] = {
        "key": f"search.{name}", "bind": "query-params", "help": f"{_sentence(HELP[name])} On the command line: `--search.{name}`.",
    }  # fmt: skip
    label = name.replace("_", " ").capitalize()
    if name in RANGES:
        least, most, step = RANGES[name]
        return st.slider(label, least, most, type(least)(usual), step, **told)
    if isinstance(usual, bool):
        return st.toggle(label, usual, **told)
    if isinstance(usual, tuple):
        return st.text_input(f"{label} words", max_chars=LONGEST_LIST, placeholder="dog, red ball", **told)[
            :LONGEST_LIST
        ]
    # A number without end in a link would break a box of whole numbers; this one takes it for the usual value.
    return int(st.number_input(label, 0.0, float(LARGEST_SEED), float(usual), 1.0, "%.0f", **told))


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
