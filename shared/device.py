"""Where and how precisely to compute, and where chance comes from."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from shared.errors import UserError


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is a GPU where there is one, else the CPU.

    Raises:
        UserError: for a device that this machine does not have.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise UserError(f"device {name!r} cannot be used here; try --device auto or --device cpu") from error
    return device


def pick_precision(name: str, device: torch.device) -> str:
    """ "no" or "bf16", for accelerate; "auto" takes bf16 only where the hardware multiplies it natively.

    Without native support bf16 products are emulated: about 80 times slower than float32 on a CPU with AVX2 alone, where
    `nn.LSTM` refuses them altogether.
    """
    if name != "auto":
        return name
    return "bf16" if _multiplies_bf16(device) else "no"


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()


@contextmanager
def one_thread() -> Iterator[None]:
    """Has torch compute in one thread of the CPU meanwhile: best for single steps of a recurrent network.

    Several wait for each other after each of its small products. Of 256 units and one line two took 1.5 times as long as one, of 30
    lines as long; where other programs ran too, ten times.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def seed_everything(seed: int) -> None:
    """Seeds python, numpy and torch on all devices."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
