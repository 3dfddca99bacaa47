"""A torchvision CNN as a reader of photos: a grid of L locations with D features each (Xu et al. 2015, section 3.1.1).

A classification network is taken apart into an ordered chain of stages, up to the pooling before its classifier. The
chain has a frozen prefix, whose maps can be computed once and kept, and a suffix, which training may change: with the
maps kept, neither training on frozen features nor fine-tuning the last stages ever opens a photo twice.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator

import torch
import torchvision
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse

from captioning.config import ModelConfig
from shared.errors import UserError

# What torchvision's classifiers call the parts that come after the grid, or (GoogLeNet, Inception) hang beside it.
_BEYOND_THE_GRID = {"avgpool", "classifier", "fc", "dropout", "flatten", "head", "aux1", "aux2", "AuxLogits"}
# Containers that hold several stages; the children of any other module belong together.
_CONTAINERS = {"features", "layers", "trunk_output"}


class Encoder(nn.Module):
    """The chain of stages, with the normalisation of pixels before it.

    Batch normalisation keeps its ImageNet statistics and dropout stays off, in training too: the module never leaves
    evaluation mode.

    Args:
        config: names the network, the size and colours of what it sees, and the stage from which it is trainable.

    Raises:
        UserError: for a network torchvision does not have, one without a grid, or a stage it does not have.
    """

    mean: Float[Tensor, "3 1 1"]
    std: Float[Tensor, "3 1 1"]

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        stages = dict(_stages(_build(config.encoder)))
        self.names = list(stages)
        if config.grid_stage:
            self.names = self.names[: self._find(config.grid_stage) + 1]
        self.stages = nn.ModuleList(stages[name] for name in self.names)
        self.split = self._find(config.trainable_from)
        for stage in self.stages[: self.split]:
            stage.requires_grad_(False)
        self.register_buffer("mean", torch.tensor(config.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(3, 1, 1), persistent=False)
        self.image_size = config.image_size
        self.channels, self.rows, self.columns = self._shape()
        self.train(False)

    def forward(self, pixels: UInt8[Tensor, "B 3 S S"]) -> Float[Tensor, "B L D"]:
        """The grid of each photo, its locations in reading order."""
        return self.suffix(self.prefix(pixels))

    def prefix(self, pixels: UInt8[Tensor, "B 3 S S"]) -> Float[Tensor, "B C X Y"]:
        """The maps that come out of the frozen stages."""
        maps = (pixels / 255 - self.mean) / self.std
        maps = maps.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            for stage in self.stages[: self.split]:
                maps = stage(maps)
        return maps

    def suffix(self, maps: Float[Tensor, "B C X Y"]) -> Float[Tensor, "B L D"]:
        """The grid, from the maps of the frozen stages through the trainable ones."""
        for stage in self.stages[self.split :]:
            maps = stage(maps)
        return maps.flatten(2).transpose(1, 2)

    def train(self, mode: bool = True) -> Encoder:
        return super().train(False)

    def folded(self) -> Encoder:
        """A copy for inference alone: batch normalisations folded into the convolutions they follow, channels last.

        The same captions, about a fifth faster; a network that cannot be traced stays as it is.
        """
        encoder = copy.deepcopy(self)
        parts = encoder.stages[: self.split], encoder.stages[self.split :]
        encoder.names, encoder.split = ["prefix", "suffix"], 1
        encoder.stages = nn.ModuleList(_fold(nn.Sequential(*part)) for part in parts)
        encoder.requires_grad_(False)
        return encoder.to(memory_format=torch.channels_last)

    def prefix_digest(self) -> str:
        """A fingerprint of what `prefix` computes: of the frozen stages' names and numbers."""
        digest = hashlib.sha256(" ".join(self.names[: self.split]).encode())
        for tensor in (*self.stages[: self.split].state_dict().values(), self.mean, self.std):
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def _find(self, stage: str) -> int:
        if not stage:
            return len(self.names)
        if stage not in self.names:
            raise UserError(f"the encoder has no stage {stage!r}; its stages are {', '.join(self.names)}")
        return self.names.index(stage)

    def _shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns of the grid, found by a run without numbers."""
        try:
            maps = torch.empty(1, 3, self.image_size, self.image_size, device="meta")
            for stage in self.stages:
                maps = copy.deepcopy(stage).to("meta").eval()(maps)
            _, channels, rows, columns = maps.shape
        except (RuntimeError, ValueError, AssertionError) as error:
            raise UserError(f"this encoder makes no grid out of {self.image_size} pixels: {error}") from error
        return channels, rows, columns


def _build(name: str) -> nn.Module:
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        raise UserError(f"torchvision has no classification network {name!r}; it has {', '.join(known)}")
    # Inception and GoogLeNet would spend seconds on drawing their initial weights from a truncated normal distribution.
    extra = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    return torchvision.models.get_model(name, weights=None, **extra)


def _stages(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The parts of a classifier up to its grid, named by their path in it."""
    for name, part in network.named_children():
        if name in _BEYOND_THE_GRID:
            continue
        if name in _CONTAINERS:
            yield from ((f"{name}.{inner}", stage) for inner, stage in part.named_children())
        else:
            yield name, part
    if isinstance(network, torchvision.models.DenseNet):
        yield "relu", nn.ReLU()  # which torchvision applies between `features` and the pooling, out of any module


def _fold(network: nn.Module) -> nn.Module:
    try:
        return fuse(network)
    except Exception:  # torch.fx raises many kinds for code that it cannot trace
        return network
