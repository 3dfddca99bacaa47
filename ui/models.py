"""The networks behind the pages: loaded once, in the background, for everybody.

This is the only file of the studio that loads weights. It is imported at once, torch only by the thread that loads.
"""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st

from shared.errors import UserError
from ui.settings import CAPTIONER, DEVICE, SCRIBE, SEPARATOR

if TYPE_CHECKING:
    from captioning import Captioner
    from handwriting import Scribe
    from handwriting.model import Network

Model = TypeVar("Model")

PATIENCE = 20.0
"""seconds that the end of the studio waits for what is being loaded or computed"""

# The modules of torch import each other in circles, which two threads should not walk at once.
_one_at_a_time = Lock()
still = Lock()
"""held while any network is at work, and while one is traced (`torch.fx` changes all modules of the process meanwhile)"""


class Loan(Generic[Model]):
    """A network that is being loaded, for everybody."""

    def __init__(self, loading: Future[Model]) -> None:
        self._loading = loading

    def get(self) -> Model:
        """Waits until it is there. Raises whatever the loading raised: a UserError when there is no such model."""
        return self._loading.result()

    def when_there(self, call: Callable[[], None]) -> None:
        """Calls it, from any thread, as soon as `get` need not wait any more."""
        self._loading.add_done_callback(lambda _: call())

    @property
    def worked(self) -> bool:
        """Whether it is loaded or still may be; one that failed is tried again: the model may be there by now."""
        return not self._loading.done() or self._loading.exception() is None


def warm() -> None:
    """Begins to load what is not loaded yet, and returns at once."""
    scribe()
    captioner()


def scribe_names() -> list[str]:
    """What writes, by name; the first is the usual one."""
    return _names(SCRIBE)


def captioner_names() -> list[str]:
    """What describes photos, by name; the first is the usual one."""
    return _names(CAPTIONER)


def scribe(name: str = "") -> Loan[Scribe]:
    """What writes: of that name, which is one of `scribe_names`, else the usual one."""
    return _scribe(_known(name, scribe_names()), _device())


def hierarchy_names() -> list[str]:
    """Those of the scribes whose cells find parts, and parts of parts, in ink by themselves (HM-LSTM)."""
    return [name for name in scribe_names() if _cell_of(name) == "hm-lstm"]


def network(name: str) -> Loan[Network]:
    """The network of a scribe; also of one that foresees ink and cannot be told what to write."""
    return _network(_known(name, scribe_names()), _device())


@st.cache_resource(show_spinner=False)
def laboratory() -> Loan[None]:
    """No network, only what experiments with cells need: loaded in its turn, as the networks are."""

    def load() -> None:
        import shared.lab.reach  # noqa: F401

    return _lend(load)


def captioner(name: str = "") -> Loan[Captioner]:
    """What describes photos: of that name, which is one of `captioner_names`, else the usual one."""
    return _captioner(_known(name, captioner_names()), _device())


@st.cache_resource(show_spinner=False, validate=lambda loan: loan.worked)
def _scribe(name: str, device: str) -> Loan[Scribe]:
    def load() -> Scribe:
        from handwriting import Scribe

        return Scribe.from_pretrained(name, device)

    return _lend(load)


@st.cache_resource(show_spinner=False, validate=lambda loan: loan.worked)
def _network(name: str, device: str) -> Loan[Network]:
    def load() -> Network:
        from handwriting.model import Network
        from shared.device import pick_device

        return Network.from_pretrained(name).to(pick_device(device))

    return _lend(load)


@st.cache_data(show_spinner=False)
def _cell_of(name: str) -> str:
    """What the layers of a scribe in a folder are made of; "" for one from elsewhere."""
    try:
        return str(json.loads((Path(name) / "config.json").read_text(encoding="utf-8")).get("cell", ""))
    except (OSError, ValueError, AttributeError):
        return ""


@st.cache_resource(show_spinner=False, validate=lambda loan: loan.worked)
def _captioner(name: str, device: str) -> Loan[Captioner]:
    def load() -> Captioner:
        from captioning import Captioner
        from captioning.model import CaptionModel

        # As `Captioner.from_pretrained`, which would trace the encoders while others write.
        parts = [CaptionModel.from_pretrained(part.strip()) for part in name.split(",")]
        with still:
            return Captioner(parts, device)

    return _lend(load)


def _lend(load: Callable[[], Model]) -> Loan[Model]:
    loading: Future[Model] = Future()

    def work() -> None:
        with _one_at_a_time:
            try:
                loading.set_result(load())
            except Exception as error:
                loading.set_exception(error)

    loader = Thread(target=work, name="loader", daemon=True)
    loader.start()
    # A process that ends while a thread is inside torch is aborted.
    atexit.register(loader.join, PATIENCE)
    return Loan(loading)


def _names(variable: str) -> list[str]:
    """The models that the studio was told of, the first one to be taken where none is named."""
    return os.environ.get(variable, "default").split(SEPARATOR)


def _known(name: str, names: list[str]) -> str:
    """Only what the studio was told of is loaded: no name from a visitor is a path here."""
    if name and name not in names:
        raise UserError(f"there is no model {name[:60]!r} here; there is {', '.join(names)}")
    return name or names[0]


def _device() -> str:
    return os.environ.get(DEVICE, "auto")
