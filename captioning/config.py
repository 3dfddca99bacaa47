"""What can be chosen about a captioner, as plain data, free of torch: the command line reads it for its help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.cells import check_cell

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ModelConfig:
    """The network and the way a photo is laid before it. Saved with the weights, so that a model folder is complete.

    Args:
        encoder: a torchvision classification CNN, by its torchvision name.
        image_size: side in pixels of the square that the encoder sees.
        fit: how a photo becomes that square: squash both sides to it, or scale the short side and crop the middle.
        mean: of red, green and blue in 0..1, subtracted from a photo.
        std: of red, green and blue in 0..1, by which a photo is divided.
        trainable_from: the encoder stage from which training may change weights, such as "features.denseblock4" or
            "layer4"; everything before it is computed once and kept on disk. Empty: the whole encoder stays as it is.
        word_size: features E of a word.
        cell: what the decoder is made of: tanh, residual, leaky, multi-timescale, lstm, peephole-lstm, layer-norm-lstm,
            gru, gru-reset-before, hm-lstm or ntm.
        attention: how the photo is looked at before each word: soft, everywhere a little; hard, at one place; none, once
            before the first word (Show and Tell).
        hidden_size: units H of the cell.
        context_size: features D to which each location of the grid is projected.
        attention_size: features A in which a location and the cell's output are compared.
        dropout: share of word and output features that training hides.
        tied: whether the words that are read and the words that are said share one matrix.
    """

    encoder: str = "densenet121"
    image_size: int = 224
    fit: Literal["squash", "crop"] = "squash"
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    trainable_from: str = ""
    word_size: int = 384
    cell: str = "lstm"
    attention: Literal["soft", "hard", "none"] = "soft"
    hidden_size: int = 512
    context_size: int = 512
    attention_size: int = 256
    dropout: float = 0.4
    tied: bool = True

    def __post_init__(self) -> None:
        check_cell(self.cell)
        # JSON and YAML know only lists; equality and hashing want tuples.
        object.__setattr__(self, "mean", tuple(self.mean))
        object.__setattr__(self, "std", tuple(self.std))
        for name in ("image_size", "word_size", "hidden_size", "context_size", "attention_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be at least 0 and below 1, got {self.dropout}")


@dataclass(frozen=True)
class LessonConfig:
    """How captions are learnt: what is laid before the network, and what is asked of it.

    Args:
        flips: whether mirrored photos are learnt from too (twice the cache).
        minimum_count: how often a word must occur in the training captions to enter the vocabulary.
        photos_per_batch: photos in one update, each with its captions.
        captions_per_photo: captions of a photo in one update; a photo with more shows a new choice each time.
        maximum_words: a longer caption is cut.
        label_smoothing: share of probability that the target gives away to all other words.
        doubly_stochastic: weight of the term that asks attention to look everywhere once (Xu et al. 2015, eq. 14).
        reinforcement: for hard attention, weight of what a caption's likelihood says about the places looked at.
        entropy: for hard attention, weight of the term that keeps it from settling too early.
        encoder_learning_rate: share of the learning rate that the trainable part of the encoder takes.
        validation_beam: width of the search whose captions are scored on the validation photos.
    """

    flips: bool = False
    minimum_count: int = 5
    photos_per_batch: int = 16
    captions_per_photo: int = 5
    maximum_words: int = 24
    label_smoothing: float = 0.1
    doubly_stochastic: float = 1.0
    reinforcement: float = 0.1
    entropy: float = 0.002
    encoder_learning_rate: float = 0.2
    validation_beam: int = 1

    def __post_init__(self) -> None:
        for name in ("minimum_count", "photos_per_batch", "captions_per_photo", "maximum_words", "validation_beam"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 <= self.label_smoothing < 1:
            raise ValueError(f"label_smoothing must be at least 0 and below 1, got {self.label_smoothing}")
