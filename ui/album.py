"""Many photos at a glance: each small, with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ui.component import component

_album = component("album")


class Shown(NamedTuple):
    """A photo as the album shows it; one that still waits has neither sentence nor problem."""

    key: str
    name: str
    sentence: str = ""
    problem: str = ""
    picture: str = ""
    """a data: URL"""


def show(cards: Sequence[Shown], chosen: str) -> str | None:
    """Shows photos, one of which is chosen, and returns the key of another that was just clicked."""
    data = {"cards": [card._asdict() for card in cards], "chosen": chosen}
    return _album(data=data, key="album", on_chosen_change=lambda: None).chosen
