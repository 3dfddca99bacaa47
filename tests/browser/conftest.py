"""A studio that serves on a free port of this machine, and a real Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.tiny_models import save_tiny_models
from ui.settings import CAPTIONER, SCRIBE

ROOT = Path(__file__).resolve().parents[2]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_SECONDS = 90
expect.set_options(timeout=1000 * PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield chromium
        chromium.close()


class Studio(NamedTuple):
    """The command `studio`, serving."""

    address: str
    process: subprocess.Popen
    scribe: str
    captioner: str
    """the models it was told of"""

    def mebibytes(self) -> float:
        """Memory that it has in use."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20


@pytest.fixture(scope="session")
def studio(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio of the models that travel with the package, or of untrained ones."""
    folder = tmp_path_factory.mktemp("studio")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [Path(sys.executable).with_name("studio"), "--no-browser", "--port", str(port)]
    told = _models(folder)
    with open(folder / "log", "w") as log:
        server = subprocess.Popen(command, env=os.environ | told, stdout=log, stderr=log, cwd=folder)
    try:
        _wait(server, f"http://127.0.0.1:{port}/_stcore/health", folder / "log")
        names = told.get(SCRIBE, "default"), told.get(CAPTIONER, "default")
        yield Studio(f"http://127.0.0.1:{port}", server, *names)
    finally:
        server.terminate()
        assert server.wait(30) != -signal.SIGABRT, "a process must not end while a thread is inside torch"


@pytest.fixture(scope="session")
def address(studio: Studio) -> str:
    """Where the studio is."""
    return studio.address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window. The test fails if its console shows an error, or if anything is asked of another machine."""
    context = browser.new_context(accept_downloads=True)
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    window = context.new_page()
    complaints: list[str] = []
    window.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    window.on("console", lambda said: complaints.append(f"console: {said.text}") if _is_error(said) else None)
    window.on("request", lambda asked: complaints.append(f"asked {asked.url}") if _is_elsewhere(asked.url) else None)
    yield window
    context.close()
    assert not complaints


def _is_error(said: ConsoleMessage) -> bool:
    # On a link to a page, Streamlit's own script first asks below that page's path how the server is, and is told 404.
    return said.type == "error" and "/_stcore/" not in said.location.get("url", "")


def _is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def _models(folder: Path) -> dict[str, str]:
    shipped = all((ROOT / room / "weights/default/config.json").is_file() for room in ("captioning", "handwriting"))
    return {} if shipped else save_tiny_models(folder)


def _wait(server: subprocess.Popen, url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(log.read_text())
