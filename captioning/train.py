"""Training a captioner: its vocabulary and its photos made ready, and the task handed to the house's training loop."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import torch

from captioning.cache import FeatureCache
from captioning.config import LessonConfig, ModelConfig
from captioning.data import CaptionedPhoto, read_captions, take_split, without_junk
from captioning.encoder_weights import load_encoder_weights
from captioning.model import CaptionModel
from captioning.task import CaptionTask, Lessons
from captioning.tokens import Vocabulary
from captioning.word_vectors import load_word_vectors
from shared.config import TrainingConfig
from shared.training import Progress, fit


def train(
    data: str,
    images: str,
    out: Path,
    model: ModelConfig,
    lesson: LessonConfig,
    training: TrainingConfig,
    encoder_weights: str = "DEFAULT",
    word_vectors: str = "",
    start: str = "",
    cache: str = "",
    resume: bool = False,
) -> Progress:
    """Trains a captioner into the run folder `out`; the best model on the validation photos is `out`/best.

    Args:
        data: the captions, in any layout that `data.read_captions` knows.
        images: the folder with the photos.
        out: the folder of the run.
        model: the network.
        lesson: how captions are learnt.
        training: how long and how fast.
        encoder_weights: where the encoder's first weights come from, as in `load_encoder_weights`.
        word_vectors: a file of vectors that words begin with, as `load_word_vectors` reads it; empty for random ones.
        start: a model to go on from, with its vocabulary; of `model` only `trainable_from` and `dropout` then count.
        cache: where the encoder's features are kept; empty for a folder inside the run.
        resume: whether to go on with the run that is there.

    Raises:
        UserError: for data, weights or settings that cannot be used.
        KeyboardInterrupt: after Ctrl-C, with everything saved.
    """
    photos = read_captions(data)
    learnt, judged = without_junk(take_split(photos, "train")), take_split(photos, "val")
    torch.manual_seed(training.seed)
    network = _go_on_from(start, model) if start else _begin(learnt, model, lesson, encoder_weights)
    model, vocabulary = network.config, network.vocabulary
    if word_vectors:
        _give_word_vectors(network, Path(word_vectors), lesson)

    def prepare(chosen: list[CaptionedPhoto], views: int) -> Lessons:
        files = [photo.file for photo in chosen]
        features = FeatureCache(Path(cache or out / "cache"), network.encoder, model, Path(images), files, views)
        numbers = [[vocabulary.encode(text)[: lesson.maximum_words] for text in photo.captions] for photo in chosen]
        return Lessons(features, chosen, numbers)

    settings = {
        "data": data,
        "images": images,
        "encoder_weights": encoder_weights,
        "word_vectors": word_vectors,
        "start": start,
        "model": asdict(model),
        "lesson": asdict(lesson),
    }
    task = CaptionTask(network, prepare(learnt, lesson.views), prepare(judged, 1), lesson, training.seed, settings)
    return fit(task, training, out, resume)


def make_vocabulary(captions: Iterable[str], lesson: LessonConfig) -> Vocabulary:
    """The tokens that the lesson asks for."""
    if lesson.vocabulary == "words":
        return Vocabulary.from_captions(captions, lesson.minimum_count)
    return Vocabulary.of_pieces(captions, lesson.pieces if lesson.vocabulary == "pieces" else 0)


def _begin(
    photos: list[CaptionedPhoto], model: ModelConfig, lesson: LessonConfig, encoder_weights: str
) -> CaptionModel:
    """A network that has seen photos, and has not yet heard a word about them."""
    captions = (caption for photo in photos for caption in photo.captions)
    network = CaptionModel(model, make_vocabulary(captions, lesson))
    load_encoder_weights(network.encoder, model.encoder, encoder_weights)
    return network


def _give_word_vectors(network: CaptionModel, file: Path, lesson: LessonConfig) -> None:
    words = network.decoder.words.weight
    known = load_word_vectors(file, network.vocabulary, words)
    words.requires_grad_(lesson.tune_word_vectors)
    print(f"{known} of {len(network.vocabulary)} words have a vector in {file}", file=sys.stderr)


def _go_on_from(name: str, wanted: ModelConfig) -> CaptionModel:
    """A trained network, with what may change between two trainings."""
    trained = CaptionModel.from_pretrained(name)
    config = dataclasses.replace(trained.config, trainable_from=wanted.trainable_from, dropout=wanted.dropout)
    network = CaptionModel(config, trained.vocabulary)
    network.load_state_dict(trained.state_dict())
    return network
