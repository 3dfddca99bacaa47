"""The settings of a search speak as the command line does."""

from __future__ import annotations

import dataclasses

from captioning.config import SearchConfig
from ui.search_controls import HELP, RANGES, USUAL, WAYS

FIELDS = {field.name: field.default for field in dataclasses.fields(SearchConfig)}


def test_every_option_of_the_command_line_has_its_control_and_its_help() -> None:
    assert {name for names in WAYS.values() for name in names} == set(FIELDS)
    assert all(HELP[name] for name in FIELDS)


def test_usual_values_lie_in_their_ranges_and_go_together() -> None:
    for name, (least, most, _) in RANGES.items():
        assert least <= USUAL.get(name, FIELDS[name]) <= most
    for way, names in WAYS.items():
        usual = {name: USUAL.get(name, FIELDS[name]) for name in names}
        SearchConfig(**({"beam": 1, "n_best": 1} if way == "greedy" else {}), **usual)
