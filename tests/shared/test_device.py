from __future__ import annotations

import pytest
import torch

from shared.config import ConfigError, TrainingConfig, from_dict
from shared.device import one_thread, pick_device, pick_precision, seed_everything
from shared.errors import UserError


def test_auto_is_a_gpu_where_there_is_one() -> None:
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["cuda:99", "abacus"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UserError, match=f"device '{name}' cannot be used here"):
        pick_device(name)


def test_precision_is_what_was_asked_or_what_the_hardware_has() -> None:
    cpu = torch.device("cpu")
    assert pick_precision("bf16", cpu) == "bf16"
    assert pick_precision("no", cpu) == "no"
    assert pick_precision("auto", cpu) in ("bf16", "no")


def test_seed_decides_chance() -> None:
    draws = []
    for _ in range(2):
        seed_everything(2**40)
        draws.append(torch.rand(3))
    assert torch.equal(*draws)


def test_settings_are_read_strictly() -> None:
    assert from_dict(TrainingConfig, {"epochs": 3}).epochs == 3
    with pytest.raises(ConfigError, match="no setting 'epoch'; 'epochs'"):
        from_dict(TrainingConfig, {"epoch": 3})
    for wrong in ({"epochs": 0}, {"learning_rate": -1.0}, {"ema": 1.0}, {"precision": "fp8"}):
        with pytest.raises(ConfigError):
            TrainingConfig(**wrong)


def test_one_thread_meanwhile_and_the_others_after_an_error_too() -> None:
    seen = []

    @one_thread()
    def breaks() -> None:
        seen.append(torch.get_num_threads())
        raise ZeroDivisionError

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(ZeroDivisionError):
            breaks()
        assert [*seen, torch.get_num_threads()] == [1, 2]
    finally:
        torch.set_num_threads(before)
