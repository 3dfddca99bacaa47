"""Clicks on downloads while their page changes, with the real store of files."""

from __future__ import annotations

import threading

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from ui import clicks
from ui.clicks import Clicks

MEDIA = "/media"
NOBODY = "dontcare"
"""the visit, as Streamlit names it where there is none"""


class Store:
    """Files that are made on demand, for one visitor."""

    def __init__(self) -> None:
        self.storage = MemoryMediaFileStorage(MEDIA)
        self.files = MediaFileManager(self.storage)
        self.clicks = Clicks(self.files)

    def draw(self, content: str, button: str = "csv") -> str:
        return self.clicks.add_deferred(content.encode, "text/csv", f"0.{button}", "a.csv", element_id=button)

    def run(self, *buttons: tuple[str, str]) -> list[str]:
        """The script from its beginning to its end."""
        self.clicks.clear_session_refs()
        names = [self.draw(*button) for button in buttons]
        self.files.remove_orphaned_files()
        return names

    def click(self, name: str) -> str:
        url = self.clicks.execute_deferred(name)
        return self.storage.get_file(url.removeprefix(f"{MEDIA}/")).content.decode()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(clicks, "PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(clicks, "_session", lambda: NOBODY)
    return Store()


def test_a_button_gives_its_own_file(store: Store) -> None:
    csv, text = store.run(("a,b", "csv"), ("a b", "text"))
    assert store.click(csv) == "a,b"
    assert store.click(text) == "a b"
    assert store.click(csv) == "a,b"


def test_streamlit_itself_would_lose_the_click(store: Store) -> None:
    (old,) = store.run(("old", "csv"))
    store.run(("new", "csv"))
    with pytest.raises(MediaFileStorageError):
        MediaFileManager.execute_deferred(store.files, old)


def test_a_click_on_a_button_that_was_drawn_anew_gives_the_new_file(store: Store) -> None:
    (old,) = store.run(("old", "csv"))
    for content in ("newer", "newest"):
        store.run((content, "csv"))
    assert store.click(old) == "newest"


def test_a_click_while_the_script_runs_waits_for_the_new_button(store: Store) -> None:
    (old,) = store.run(("old", "csv"))
    store.clicks.clear_session_refs()
    later = threading.Timer(0.3, store.draw, ["new"])
    later.start()
    assert store.click(old) == "new"
    later.join()


def test_a_run_that_the_click_itself_causes_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks, "PAUSE_SECONDS", 0.3)
    (old,) = store.run(("old", "csv"))
    later = threading.Timer(0.05, store.run, [("new", "csv")])
    later.start()
    assert store.click(old) == "new"
    later.join()


def test_a_button_that_is_gone_keeps_its_file_while_it_is_known(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks, "PATIENCE_SECONDS", 0.1)
    (old,) = store.run(("old", "csv"))
    store.clicks.clear_session_refs()
    assert store.click(old) == "old"
    store.files.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        store.click(old)


def test_nothing_is_kept_of_a_visit_that_is_over(store: Store) -> None:
    (name,) = store.run(("old", "csv"))
    store.clicks.clear_session_refs(NOBODY)
    assert store.click(name) == "old"
    store.files.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        store.click(name)


def test_only_so_many_names_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks, "MOST_NAMES", 2)
    first, *_ = (store.run((str(number), "csv"))[0] for number in range(4))
    with pytest.raises(MediaFileStorageError):
        store.click(first)
