"""Training a captioner: cached features in, words predicted one by one, judged by the captions it makes on its own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from captioning.cache import FeatureCache
from captioning.config import LessonConfig, ModelConfig
from captioning.data import CaptionedPhoto, read_captions, take_split, without_junk
from captioning.encoder_weights import load_encoder_weights
from captioning.metrics import score_captions
from captioning.model import CaptionModel, caption_loss
from captioning.reinforce import reinforcement_loss
from captioning.search import beam_search
from captioning.tokens import END, PAD, START, Vocabulary
from shared.config import TrainingConfig
from shared.pretrained import Pretrained, device_of
from shared.rnn.multiscale import set_slope, text_slope
from shared.training import Progress, fit

VALIDATION_BATCH = 50
BUCKET = 16  # batches in which photos are sorted by the length of their captions


@dataclass(frozen=True)
class Lessons:
    """Photos whose maps are cached, with their captions as numbers."""

    cache: FeatureCache
    photos: Sequence[CaptionedPhoto]
    captions: Sequence[Sequence[list[int]]]


class CaptionTask:
    """What `shared.training.fit` needs to know about captions.

    An example is a photo with its captions; an example's number beyond the number of photos means its mirrored view.
    """

    monitor = "CIDEr"

    def __init__(
        self,
        model: CaptionModel,
        train: Lessons,
        val: Lessons,
        lesson: LessonConfig,
        seed: int,
        settings: dict[str, Any],
    ) -> None:
        self.model: Pretrained = model
        self.encoder, self.decoder = model.encoder, model.decoder
        self.attention = model.config.attention
        self.baseline = model.baseline if self.attention == "hard" else None
        self.train, self.val = train, val
        self.lesson, self.seed, self.settings = lesson, seed, settings

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """The decoder at the full rate, the encoder's trainable stages, if there are any, at a share of it."""
        encoder = [p for p in self.encoder.parameters() if p.requires_grad]
        groups = [{"params": list(self.decoder.parameters()), "lr": learning_rate}]
        share = self.lesson.encoder_learning_rate
        return groups + ([{"params": encoder, "lr": learning_rate * share}] if encoder else [])

    def batches(self, epoch: int) -> list[list[int]]:
        """All photos in a new order. Photos whose longest captions are alike share a batch: less padding to compute."""
        chance = random.Random(f"{self.seed} {epoch}")
        size, photos = self.lesson.photos_per_batch, len(self.train.photos)
        order = chance.sample(range(photos), photos)
        pools = [order[i : i + size * BUCKET] for i in range(0, photos, size * BUCKET)]
        for pool in pools:
            pool.sort(key=lambda photo: max(map(len, self.train.captions[photo])))
        batches = [pool[i : i + size] for pool in pools for i in range(0, len(pool), size)]
        chance.shuffle(batches)
        views = self.train.cache.views
        return [[photo + photos * chance.randrange(views) for photo in batch] for batch in batches]

    def begin_epoch(self, epoch: int) -> None:
        set_slope(self.model, text_slope(epoch))

    def losses(self, model: nn.Module, examples: Sequence[int]) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        device = device_of(model)
        captions = [self._choose(self.train.captions[example % len(self.train.photos)]) for example in examples]
        words, spoken = (tensor.to(device) for tensor in pad_captions(captions, self.lesson.captions_per_photo))
        reading = model(self.train.cache.read(examples).to(device), words[..., :-1], spoken)
        lesson, targets = self.lesson, words[..., 1:]
        # Without attention there is nothing to spread.
        evenly = lesson.doubly_stochastic if self.attention != "none" else 0.0
        loss, numbers = caption_loss(reading, targets, spoken, lesson.label_smoothing, evenly)
        if self.baseline is not None:
            terms = reinforcement_loss(reading, targets, spoken, self.baseline, lesson.reinforcement, lesson.entropy)
            loss, numbers = loss + terms[0], numbers | terms[1]
        yield loss, numbers

    @torch.no_grad()
    def validate(self, model: nn.Module) -> dict[str, float]:
        """Scores of the captions that the model makes by itself; never of words it predicts after the true ones."""
        assert isinstance(model, CaptionModel)
        captions: list[str] = []
        for start in range(0, len(self.val.photos), VALIDATION_BATCH):
            maps = self.val.cache.read(range(start, min(start + VALIDATION_BATCH, len(self.val.photos))))
            look = model.decoder.look(model.encoder.suffix(maps.to(device_of(model))))
            found = beam_search(look, len(maps), self.lesson.validation_beam, maximum=self.lesson.maximum_words)
            captions += [" ".join(words_of(model.vocabulary, row)) for row in found.words[:, 0].tolist()]
        return score_captions(captions, [photo.captions for photo in self.val.photos])

    def _choose(self, captions: Sequence[list[int]]) -> Sequence[list[int]]:
        wanted = self.lesson.captions_per_photo
        if len(captions) <= wanted:
            return captions
        return [captions[i] for i in torch.randperm(len(captions))[:wanted].tolist()]


def words_of(vocabulary: Vocabulary, numbers: Sequence[int]) -> list[str]:
    """The words of a caption before its end."""
    return vocabulary.decode(numbers[: list(numbers).index(END)] if END in numbers else numbers)


def pad_captions(
    captions: Sequence[Sequence[list[int]]], rows: int
) -> tuple[Int[Tensor, "B K T"], Bool[Tensor, "B K T-1"]]:
    """Captions with start and end in one tensor, and which of their words after the start are real.

    A photo with fewer than `rows` captions has empty rows.
    """
    longest = max(len(caption) for photo in captions for caption in photo)
    words = torch.full((len(captions), rows, longest + 2), PAD)
    for b, photo in enumerate(captions):
        for k, caption in enumerate(sorted(photo, key=len, reverse=True)):  # the order that `LookingDecoder.read` likes
            words[b, k, : len(caption) + 2] = torch.tensor([START, *caption, END])
    return words, words[..., 1:] != PAD


def train(
    data: str,
    images: str,
    out: Path,
    model: ModelConfig,
    lesson: LessonConfig,
    training: TrainingConfig,
    encoder_weights: str = "DEFAULT",
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
        cache: where the encoder's features are kept; empty for a folder inside the run.
        resume: whether to go on with the run that is there.

    Raises:
        UserError: for data, weights or settings that cannot be used.
        KeyboardInterrupt: after Ctrl-C, with everything saved.
    """
    photos = read_captions(data)
    learnt, judged = without_junk(take_split(photos, "train")), take_split(photos, "val")
    captions = (caption for photo in learnt for caption in photo.captions)
    vocabulary = Vocabulary.from_captions(captions, lesson.minimum_count)
    torch.manual_seed(training.seed)
    network = CaptionModel(model, vocabulary)
    load_encoder_weights(network.encoder, model.encoder, encoder_weights)

    def prepare(chosen: list[CaptionedPhoto], flips: bool) -> Lessons:
        files = [photo.file for photo in chosen]
        features = FeatureCache(Path(cache or out / "cache"), network.encoder, model, Path(images), files, flips)
        numbers = [[vocabulary.encode(text)[: lesson.maximum_words] for text in photo.captions] for photo in chosen]
        return Lessons(features, chosen, numbers)

    settings = {
        "data": data,
        "images": images,
        "encoder_weights": encoder_weights,
        "model": asdict(model),
        "lesson": asdict(lesson),
    }
    task = CaptionTask(network, prepare(learnt, lesson.flips), prepare(judged, False), lesson, training.seed, settings)
    return fit(task, training, out, resume)
