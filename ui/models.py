"""The networks behind the pages: loaded once, in the background, and lent to one visitor at a time.

This is the only file of the studio that loads weights. It is imported at once, torch only by the thread that loads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import streamlit as st
from PIL import ImageOps

from shared.errors import UserError
from ui.settings import CAPTIONER, DEVICE, SCRIBE

if TYPE_CHECKING:
    from PIL.Image import Image

    from captioning import Caption, Captioner
    from handwriting import Ink, Scribe

REMEMBERED = 64
"""answers that are kept, so that a click that changes no question costs no work"""
SHOWN_PIXELS = 1100
"""the longer side of a photo on the page, at most"""

Model = TypeVar("Model")

# The modules of torch import each other in circles, which two threads should not walk at once.
_one_at_a_time = Lock()


class Loan(Generic[Model]):
    """A network that is being loaded, for everybody; whoever borrows it waits for that, and then for their turn."""

    def __init__(self, loading: Future[Model]) -> None:
        self._loading = loading
        self._turn = Lock()

    @contextmanager
    def borrow(self) -> Iterator[Model]:
        """Raises whatever the loading raised: a UserError when there is no such model."""
        model = self._loading.result()
        with self._turn:
            yield model

    @property
    def worked(self) -> bool:
        """Whether it is loaded or still may be; one that failed is tried again: the model may be there by now."""
        return not self._loading.done() or self._loading.exception() is None


class Described(NamedTuple):
    """A photo and what was said of it."""

    photo: Image
    """upright, in RGB, as large as it is shown, and no more of it than the network saw"""
    captions: list[Caption]
    """the likeliest first"""


def warm() -> None:
    """Begins to load what is not loaded yet, and returns at once."""
    _scribe(*_asked(SCRIBE))
    _captioner(*_asked(CAPTIONER))


@st.cache_resource(show_spinner=False, max_entries=REMEMBERED)
def write(text: str, bias: float, seed: int) -> Ink:
    """The ink of a text; see `Scribe.write`.

    Raises:
        UserError: when there is no model, or nothing to write.
    """
    with _scribe(*_asked(SCRIBE)).borrow() as scribe:
        return scribe.write(text, bias=bias, seed=seed)


@st.cache_resource(show_spinner=False, max_entries=REMEMBERED)
def describe(photo: bytes, beam: int) -> Described:
    """The `beam` likeliest captions of a photo; see `Captioner.describe`.

    Raises:
        UserError: when there is no model, or the file is no photo that can be opened.
    """
    with _captioner(*_asked(CAPTIONER)).borrow() as captioner:
        from captioning.photos import PhotoError, open_photo

        try:
            captions = captioner.describe(photo, beam=beam, n_best=beam)
            shown = open_photo(photo, SHOWN_PIXELS // 2)
        except PhotoError as error:
            raise UserError(f"This photo cannot be used: {error}") from error
        if captioner.config.fit == "crop":
            shown = ImageOps.fit(shown, (min(shown.size),) * 2)
    shown.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    return Described(shown, captions)


@st.cache_resource(show_spinner=False, validate=lambda loan: loan.worked)
def _scribe(name: str, device: str) -> Loan[Scribe]:
    def load() -> Scribe:
        from handwriting import Scribe

        return Scribe.from_pretrained(name, device)

    return _lend(load)


@st.cache_resource(show_spinner=False, validate=lambda loan: loan.worked)
def _captioner(name: str, device: str) -> Loan[Captioner]:
    def load() -> Captioner:
        from captioning import Captioner

        return Captioner.from_pretrained(name, device)

    return _lend(load)


def _lend(load: Callable[[], Model]) -> Loan[Model]:
    loading: Future[Model] = Future()

    def work() -> None:
        with _one_at_a_time:
            try:
                loading.set_result(load())
            except Exception as error:
                loading.set_exception(error)

    # A daemon: whoever ends the studio while it loads need not wait for that.
    Thread(target=work, name="loader", daemon=True).start()
    return Loan(loading)


def _asked(model: str) -> tuple[str, str]:
    """The name of the model that should be shown, and the device it should run on."""
    return os.environ.get(model, "default"), os.environ.get(DEVICE, "auto")
