"""Model folders in the Hugging Face convention: `config.json`, `model.safetensors`, and whatever else the model speaks.

A model is asked for by the name of one that travels with the package, by a folder, or by the id of a repository on the
Hugging Face hub. Nothing in a model folder is ever unpickled.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from shared.config import ConfigError, from_dict
from shared.errors import UserError


class Pretrained(nn.Module):
    """A module built from one config dataclass, which it can be saved with and rebuilt from.

    Subclasses name their `config_class` and say `what` they are, take a configuration as their only argument, and keep it as
    `config`.
    """

    config_class: ClassVar[type]
    what: ClassVar[str] = "model"
    """what it is, to who asks for one"""
    shipped: ClassVar[Path]
    """the folder of the models that travel with the package"""
    config: Any

    def save_pretrained(self, folder: Path | str, half: bool = False) -> None:
        """Writes the model into `folder`; `half` stores float16, which is how models travel in the repository."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        if half:
            tensors = {name: t.half() if t.is_floating_point() else t for name, t in tensors.items()}
        # Not by save_file, whose files nobody but their owner can read.
        (folder / "model.safetensors").write_bytes(save(tensors, metadata={"format": "pt"}))
        (folder / "config.json").write_text(json.dumps(dataclasses.asdict(self.config), indent=2) + "\n")
        self.save_extra(folder)

    @classmethod
    def from_pretrained(cls, name: str | Path = "default") -> Self:
        """The model of that name, folder or hub id, in float32, in evaluation mode, on the CPU.

        Raises:
            UserError: if there is none, or the folder does not hold this kind of model.
        """
        folder = find_model(str(name), cls.shipped)
        try:
            config: Any = from_dict(cls.config_class, json.loads((folder / "config.json").read_text()))
            model = cls.from_config(config, folder)
            tensors = load_file(folder / "model.safetensors")
            model.load_state_dict({key: t.float() if t.is_floating_point() else t for key, t in tensors.items()})
        except (OSError, ValueError, ConfigError, RuntimeError, SafetensorError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(f"{folder} holds no {cls.what} that can be loaded: {reason}") from error
        return model.eval()

    @classmethod
    def from_config(cls, config: Any, folder: Path) -> Self:
        """The untrained model; overridden by those that keep more than tensors and numbers in their folder."""
        return cls(config)

    def save_extra(self, folder: Path) -> None:
        """Writes what the model keeps beside its tensors, a tokenizer for instance."""

    def kin(self) -> dict[str, Any]:
        """What two models must have in common for their weights to have a mean, each under its name in the plural."""
        return {"networks": {name: tensor.shape for name, tensor in self.state_dict().items()}}


def find_model(name: str, shipped: Path) -> Path:
    """The folder of a model: a folder of that path, else a shipped model of that name, else a download from the hub.

    Raises:
        UserError: if there is no such model, or it cannot be downloaded.
    """
    if (Path(name) / "config.json").is_file():
        return Path(name)
    if (shipped / name / "config.json").is_file():
        return shipped / name
    if Path(name).is_dir():
        raise UserError(f"the folder {name} holds no model: there is no config.json in it")
    names = sorted(path.parent.name for path in shipped.glob("*/config.json"))
    known = f"shipped models: {', '.join(names) or 'none'}"
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise UserError(f"no model {name!r}; give a folder, a hub id such as owner/name, or one of the {known}")
    return _download(name, known)


def _download(repository: str, known: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, allow_patterns=["*.json", "*.safetensors", "*.txt", "*.md"]))
    except Exception as error:  # the hub raises many kinds, and all of them mean the same to whoever asked
        raise UserError(
            f"no folder {repository!r}, and it could not be downloaded from the Hugging Face hub "
            f"({type(error).__name__}); without a network, give a folder or a shipped model ({known})"
        ) from error


def count_parameters(module: nn.Module) -> int:
    """How many numbers a module learns."""
    return sum(parameter.numel() for parameter in module.parameters())


def device_of(module: nn.Module) -> torch.device:
    """Where a module's parameters lie."""
    return next(module.parameters()).device
