"""What all tests share. They run on the CPU, with one thread each: small tensors gain nothing from two."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _reproducible() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real photos and ink beside the repository; tests that want it are skipped where it is not."""
    if not DATA.is_dir():
        pytest.skip("there is no folder shared/data beside the repository")
    return DATA
