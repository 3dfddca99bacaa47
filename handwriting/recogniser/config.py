"""What can be chosen about a recogniser and its lessons. Free of torch, so that `--help` is quick."""

from __future__ import annotations

from dataclasses import dataclass

from shared.config import check_least

FEATURES = ("curve", "pen")


@dataclass(frozen=True)
class RecogniserConfig:
    """Bidirectional LSTM layers over frames of ink, and a symbol or nothing at each frame."""

    features: str = "curve"
    """curve: the ink upright, of one size, as points at equal distances along it; pen: the points as the tablet gave them."""
    hidden_size: int = 96
    """Units of each direction of each layer."""
    layers: int = 3
    """Bidirectional layers."""
    dropout: float = 0.12
    """Share of each layer's outputs that is dropped in training."""

    def __post_init__(self) -> None:
        if self.features not in FEATURES:
            raise ValueError(f"features must be {' or '.join(FEATURES)}, got {self.features!r}")
        check_least(self, 1, "hidden_size", "layers")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be from 0 to below 1, got {self.dropout}")


@dataclass(frozen=True)
class ReadingConfig:
    """Which lines a recogniser learns from, and how they are varied."""

    train: tuple[int, ...] = (0, 2)
    """splits to train on (0 trainset, 1 testset_v, 2 testset_t, 3 testset_f)"""
    validate: int = 1
    """the split by which the best weights are chosen"""
    lines: int = 16
    """lines in a batch"""
    distortion: float = 1.0
    """how much each line is stretched, slanted, turned and shaken anew each time it is read; 0 leaves it as it is"""


@dataclass(frozen=True)
class WritingConfig:
    """Ink that a network writes, for a recogniser to read."""

    model: str = ""
    """the network that writes the lines' texts: a shipped model's name, a model folder, or a hub id; none reads the real ink"""
    bias: float = 0.75
    """0 writes as wildly as people do, 2 very neatly"""
    seed: int = 0
    """where the ink's chance comes from"""
    best_of: int = 0
    """0 takes the first draw of each line, whatever came out; 1 draws a line again that is not whole, as `handwriting write`
    does; more lets the chooser take the best of so many"""
    signs: bool = False
    """whether numbers and rare signs are drawn, as `handwriting write` does; otherwise the network writes them as it can"""
    chooser: str = "reader"
    """the recogniser that chooses; the one that reads should be another"""

    def __post_init__(self) -> None:
        check_least(self, 0, "bias", "seed", "best_of")
