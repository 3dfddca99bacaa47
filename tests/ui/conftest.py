"""Streamlit's own test driver, which runs the pages without a browser or a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui.settings
from tests.tiny_models import save_tiny_models

APP = Path(ui.settings.__file__).with_name("app.py")


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which the studio shows untrained models."""
    return save_tiny_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def studio(tiny_models: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio, not yet opened."""
    for variable, value in tiny_models.items():
        monkeypatch.setenv(variable, value)
    return AppTest.from_file(APP, default_timeout=60)
