"""The controls of writing, on a page of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ui import inks
from ui.controls import SEEDS


def all_controls() -> None:
    import dataclasses
    import json

    import streamlit as st

    from shared.errors import UserError
    from ui import controls

    prefix = "card-"
    try:
        found = {
            "bias": controls.neatness(prefix),
            "seed": controls.seed(prefix),
            "best_of": controls.best_of(prefix),
            "ink": controls.ink(prefix),
        }
        sheet = controls.finer(prefix, controls.paper(prefix))
        st.text(json.dumps(found | {"sheet": sheet and dataclasses.asdict(sheet)}))
    except UserError as error:
        st.error(str(error))


def opened(**link: str) -> AppTest:
    page = AppTest.from_function(all_controls, default_timeout=60)
    page.query_params.update({f"card-{name}": value for name, value in link.items()})
    return page.run()


def chosen(page: AppTest) -> dict[str, Any]:
    assert not page.exception
    return json.loads(page.text[0].value)


def test_without_a_link_all_is_as_the_command_has_it() -> None:
    found = chosen(opened())
    assert (found["bias"], found["best_of"], found["sheet"]) == (0.75, 1, None)
    assert found["ink"] == ["#1c2b57", "#b5c6ee", 0.45]


def test_a_link_sets_everything() -> None:
    page = opened(
        bias="1.3", seed="123456789", best_of="4", ink="Own colour", colour="#a0522d", line="0.7", page="a6",
        ruling="Squared", orientation="Landscape", align="Justify", margin="12", x_height="2", spacing="9", indent="3",
        drift="0.4", slant="2.5", hyphenate="true",
    )  # fmt: skip
    found = chosen(page)
    assert (found["bias"], found["seed"], found["best_of"]) == (1.3, 123456789, 4)
    assert (found["ink"][0], found["ink"][2]) == ("#a0522d", 0.7)
    assert found["sheet"] == {
        "paper": "a6", "orientation": "landscape", "ruling": "squared", "margin": 12.0, "align": "justify", "spacing": 9.0,
        "x_height": 2.0, "drift": 0.4, "slant": 2.5, "indent": 3.0, "hyphenate": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", ["-1", "1e400", "-inf", "nan", "99999999999999999999", "", "<script>", "0x10", "many"]
)
def test_nonsense_in_a_link_is_the_usual_value(value: str) -> None:
    names = (
        "bias",
        "seed",
        "best_of",
        "ink",
        "line",
        "ruling",
        "orientation",
        "align",
        "margin",
        "spacing",
        "drift",
        "slant",
    )
    page = opened(page="a5", **dict.fromkeys(names, value))
    found, usual = chosen(page), chosen(opened(page="a5"))
    assert {**found, "seed": 0} == {**usual, "seed": 0}
    assert 0 <= found["seed"] < 2**53


def test_a_paper_that_somebody_types() -> None:
    assert chosen(opened(page="120x80"))["sheet"]["paper"] == "120x80"


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ({"page": "a55"}, "no paper 'a55'; did you mean a5?"),
        ({"page": "5x5"}, "sides must be 10 to 10000 mm"),
        ({"page": "a6", "margin": "80"}, "must leave 10 mm for text"),
    ],
)
def test_paper_that_cannot_be_is_told(link: dict[str, str], sentence: str) -> None:
    page = opened(**link)
    assert not page.exception
    assert sentence in page.error[0].value


def test_another_take_draws_a_short_seed() -> None:
    page = opened(seed="77777")
    page.button(key="card-another").click().run()
    assert chosen(page)["seed"] < SEEDS


@pytest.mark.parametrize(
    ("typed", "colour"), [("#ABC", "#aabbcc"), ("#a0522d", "#a0522d"), ("red;x", "#1c2b57"), ("", "#1c2b57")]
)
def test_a_chosen_colour_is_readable_in_the_dark(typed: str, colour: str) -> None:
    ink = inks.mixed(typed)
    assert ink.colour == colour
    channels = [int(ink.on_dark[at : at + 2], 16) for at in (1, 3, 5)]
    assert (max(channels) + min(channels)) / 510 >= inks.DARKEST_ON_DARK - 0.01
