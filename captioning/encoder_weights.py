"""Where an encoder's first weights come from: a torchvision download, a file, or chance."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from urllib.error import URLError

import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from captioning.encoder import Encoder
from shared.errors import UserError

# DenseNet files older than PyTorch 1.0 write "norm.1" for what is now "norm1".
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.)")


def load_encoder_weights(encoder: Encoder, name: str, weights: str) -> None:
    """Fills an encoder.

    Args:
        encoder: the encoder to fill.
        name: its torchvision name.
        weights: a file of a torchvision state dict (.pth or .safetensors, any precision), "none" to keep those there,
            or the name of weights that torchvision offers, such as "DEFAULT" or "IMAGENET1K_V1", to be downloaded.

    Raises:
        UserError: when they cannot be had or do not fit.
    """
    if weights == "none":
        return
    path = Path(weights)
    tensors = _read(path) if path.suffix else _download(name, weights)
    tensors = {_OLD_DENSENET.sub(r"\1\2", key): tensor for key, tensor in tensors.items()}
    for stage_name, stage in zip(encoder.names, encoder.stages, strict=True):
        own = {
            key.removeprefix(stage_name + "."): t.float()
            for key, t in tensors.items()
            if key.startswith(stage_name + ".")
        }
        try:
            stage.load_state_dict(own)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:300]
            raise UserError(
                f"{weights} does not hold weights for {name}, at its stage {stage_name}: {reason}"
            ) from error


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise UserError(f"no encoder weights at {path}; give a .pth or .safetensors file of a torchvision state dict")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise UserError(
            f"cannot read encoder weights from {path} ({type(error).__name__}); give a .pth or .safetensors file of a "
            "torchvision state dict"
        ) from error
    if not isinstance(tensors, dict) or not all(isinstance(tensor, Tensor) for tensor in tensors.values()):
        raise UserError(f"{path} holds no state dict; save `model.state_dict()`, not the model")
    return tensors


def _download(name: str, weights: str) -> dict[str, Tensor]:
    choices = torchvision.models.get_model_weights(name)
    if weights not in choices.__members__:
        raise UserError(
            f"torchvision has no weights {weights!r} for {name}; give a file or one of {', '.join(choices.__members__)}"
        )
    try:
        return choices[weights].get_state_dict(progress=True, check_hash=True)
    except (URLError, OSError, RuntimeError) as error:
        raise UserError(
            f"the weights of {name} could not be downloaded from {choices[weights].url} ({error}); on a machine "
            "without internet, bring that file and give its path with --encoder-weights"
        ) from error
