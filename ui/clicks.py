"""Downloads that are found though their button was drawn anew while somebody clicked it.

Streamlit gives a file that is made on demand another name at each run of the script, and forgets the name before when the run ends.
The browser learns the new one a moment later: a click in between was lost. One during the run was answered with the file as it had
been before the change that caused the run, as when a text is changed and the click that leaves its box is the download's.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any, NamedTuple

from streamlit import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

PAUSE_SECONDS = 0.2
"""within which a run begins that the same click caused, by leaving a text box"""
PATIENCE_SECONDS = 20.0
"""for a button to be drawn anew, on a busy machine; one that is gone keeps the file that it had, if Streamlit does"""
MOST_NAMES = 10_000
_installing = threading.Lock()


class Button(NamedTuple):
    session: str
    element: str


class Drawn(NamedTuple):
    """A button as it was drawn last."""

    run: int
    name: str
    """of its file"""


class Clicks:
    """Stands before Streamlit's store of files, and answers every click with the file of the newest run."""

    def __init__(self, files: MediaFileManager) -> None:
        self._add, self._execute, self._clear = files.add_deferred, files.execute_deferred, files.clear_session_refs
        self._runs: dict[str, int] = {}
        self._drawn: dict[Button, Drawn] = {}
        self._buttons: OrderedDict[str, Button] = OrderedDict()  # by the names that their files have or had
        self._news = threading.Condition()

    def add_deferred(self, make: Any, kind: Any, coordinates: str, *given: Any, **named: Any) -> str:
        """A button is drawn."""
        name = self._add(make, kind, coordinates, *given, **named)
        button = Button(_session(), named.get("element_id") or coordinates)
        with self._news:
            self._drawn[button] = Drawn(self._runs.get(button.session, 0), name)
            self._buttons[name] = button
            if len(self._buttons) > MOST_NAMES:
                self._buttons.popitem(last=False)
            self._news.notify_all()
        return name

    def clear_session_refs(self, session_id: str | None = None) -> None:
        """A run begins; or a session ends, which is then named."""
        self._clear(session_id)
        with self._news:
            if session_id is None:
                self._runs[_session()] = self._runs.get(_session(), 0) + 1
            else:
                self._runs.pop(session_id, None)
                for button in [button for button in self._drawn if button.session == session_id]:
                    del self._drawn[button]
                self._news.notify_all()

    def execute_deferred(self, name: str) -> str:
        """A button was clicked. Returns the address of its file."""
        time.sleep(PAUSE_SECONDS)
        with self._news:
            button = self._buttons.get(name)
            self._news.wait_for(lambda: not button or self._is_new(button), PATIENCE_SECONDS)
            drawn = self._drawn.get(button) if button else None
        return self._execute(drawn.name if drawn else name)

    def _is_new(self, button: Button) -> bool:
        drawn = self._drawn.get(button)
        return drawn is None or drawn.run == self._runs.get(button.session, 0)


def install() -> None:
    """From now on no click is lost. Calls after the first do nothing, as do those where nothing serves."""
    if not runtime.exists():
        return
    with _installing:
        files = runtime.get_instance().media_file_mgr
        if not isinstance(getattr(files.execute_deferred, "__self__", None), Clicks):
            clicks = Clicks(files)
            for name in ("add_deferred", "clear_session_refs", "execute_deferred"):
                setattr(files, name, getattr(clicks, name))


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""
