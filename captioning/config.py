"""What can be chosen about a captioner, as plain data, free of torch: the command line reads it for its help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shared.cells import check_cell
from shared.config import check_least, check_shares

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
        grid_stage: the encoder stage whose maps are the grid, such as "features.34" for VGG-19's 14 x 14; empty: the last.
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
    grid_stage: str = ""
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
        check_least(self, 1, "image_size", "word_size", "hidden_size", "context_size", "attention_size")
        check_shares(self, "dropout")


@dataclass(frozen=True)
class LessonConfig:
    """How captions are learnt: what is laid before the network, and what is asked of it.

    Args:
        views: pictures of each photo to learn from: 1 is the photo alone, 2 its mirror image too, and each further one a crop,
            mirrored or not, in other light; each is computed once and kept.
        vocabulary: what is said one after the other: words, pieces of words (byte-pair encoding), or letters.
        minimum_count: how often a word must occur in the training captions to enter the vocabulary.
        pieces: the size of a vocabulary of pieces.
        photos_per_batch: photos in one update, each with its captions.
        captions_per_photo: captions of a photo in one update; a photo with more shows a new choice each time.
        agreement: above 0, captions_per_photo are drawn with odds of this power of how well each agrees with the photo's others by
            CIDEr-D (after Phan et al. 2017): what one person alone saw is learnt less.
        maximum_words: a longer caption is cut; counted in what is said one after the other.
        own_words: share of the words read that are the network's own guesses instead of people's (scheduled sampling).
        tune_word_vectors: whether training changes word vectors that came from a file.
        label_smoothing: share of probability that the target gives away to all other words.
        attempts: captions drawn of each photo and judged by CIDEr-D against each other (self-critical training); 0 learns
            from people's captions alone.
        cross_entropy: with attempts, the share of the loss that people's captions keep.
        doubly_stochastic: weight of the term that asks attention to look everywhere once (Xu et al. 2015, eq. 14).
        reinforcement: for hard attention, weight of what a caption's likelihood says about the places looked at.
        entropy: for hard attention, weight of the term that keeps it from settling too early.
        encoder_learning_rate: share of the learning rate that the trainable part of the encoder takes.
        validation_beam: width of the search whose captions are scored on the validation photos.
    """

    views: int = 1
    vocabulary: Literal["words", "pieces", "letters"] = "words"
    minimum_count: int = 5
    pieces: int = 2000
    photos_per_batch: int = 16
    captions_per_photo: int = 5
    agreement: float = 0.0
    maximum_words: int = 24
    own_words: float = 0.0
    tune_word_vectors: bool = True
    label_smoothing: float = 0.1
    attempts: int = 0
    cross_entropy: float = 0.1
    doubly_stochastic: float = 1.0
    reinforcement: float = 0.1
    entropy: float = 0.002
    encoder_learning_rate: float = 0.2
    validation_beam: int = 1

    def __post_init__(self) -> None:
        check_least(
            self,
            1,
            "views",
            "minimum_count",
            "photos_per_batch",
            "captions_per_photo",
            "maximum_words",
            "validation_beam",
        )
        check_shares(self, "label_smoothing", "own_words", "cross_entropy")
        check_least(self, 0, "agreement")
        if self.attempts < 0 or self.attempts == 1:
            raise ValueError(f"attempts are judged against each other: take 0, or at least 2, got {self.attempts}")


@dataclass(frozen=True)
class SearchConfig:
    """How a caption is looked for: by beam, or, above temperature 0, by drawing its words.

    Args:
        beam: captions tried side by side; 1 is greedy.
        n_best: captions wanted of each photo, at most `beam` unless words are drawn.
        maximum_words: words in a caption, at most.
        minimum_words: words in a caption, at least.
        length_power: captions are ranked by log p / (words + 1)^this: 0 prefers short ones, 1 takes the mean of the words.
        consensus: of all captions that the beam has found, take the one that the others agree with most, rather than the likeliest;
            better with a beam of 8 or so.
        mirrored: look at the mirror image too, and take the mean of both predictions: a little better, half as fast.
        groups: parts of the beam that are kept unlike each other, so that n_best captions differ in more than a word.
        diversity: nats that a word costs a group for each caption of the groups before it that goes on with the same word.
        no_repeat: so many words in a row never come twice in a caption; 0 lets them.
        banned: words or phrases that no caption may have: a list, or one text with commas between.
        required: words or phrases that every caption must have, likewise.
        thorough: go on until no unfinished caption can catch up: exact, and about half as fast.
        temperature: above 0, words are drawn: 1 by the network's own odds, less by sharper ones.
        top_k: draw among so many of the likeliest words; 0 among all.
        nucleus: draw among the likeliest words that hold this share of the probability.
        seed: where the chance of the draws comes from: same photo and seed, same caption, alone or among others.
    """

    beam: int = 3
    n_best: int = 1
    maximum_words: int = 24
    minimum_words: int = 1
    length_power: float = 0.7
    consensus: bool = False
    mirrored: bool = False
    groups: int = 1
    diversity: float = 0.5
    no_repeat: int = 0
    banned: tuple[str, ...] | str = ()
    required: tuple[str, ...] | str = ()
    thorough: bool = False
    temperature: float = 0.0
    top_k: int = 0
    nucleus: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("banned", "required"):
            object.__setattr__(self, name, _listed(getattr(self, name)))
        check_least(self, 1, "beam", "n_best", "maximum_words", "minimum_words", "groups")
        check_least(self, 0, "length_power", "diversity", "no_repeat", "temperature", "top_k", "seed")
        if self.minimum_words > self.maximum_words:
            raise ValueError(
                f"minimum_words must be at most maximum_words, got {self.minimum_words} and {self.maximum_words}"
            )
        if not 0 < self.nucleus <= 1:
            raise ValueError(f"nucleus must be above 0 and at most 1, got {self.nucleus}")
        if self.temperature:
            self._check_draws()
        else:
            self._check_beam()

    def _check_draws(self) -> None:
        if self.required:
            raise ValueError("required words need a beam, which temperature 0 searches by; draws cannot promise them")
        if self.consensus:
            raise ValueError("a consensus is found among the captions of a beam, which temperature 0 searches by")

    def _check_beam(self) -> None:
        if self.n_best > self.beam:
            raise ValueError(f"n_best must be at most beam, got {self.n_best} captions of a beam of {self.beam}")
        if self.beam % self.groups:
            raise ValueError(f"beam must be a multiple of groups, got a beam of {self.beam} in {self.groups} groups")
        if self.top_k or self.nucleus < 1:
            raise ValueError("top_k and nucleus choose among words that are drawn; that takes a temperature above 0")


def _listed(words: Iterable[str] | str) -> tuple[str, ...]:
    parts = words.split(",") if isinstance(words, str) else words
    return tuple(part for part in (part.strip() for part in parts) if part)
