"""What is asked of a captioner while it learns: people's captions foreseen, and then its own ones judged."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from captioning.cache import FeatureCache
from captioning.config import LessonConfig
from captioning.data import CaptionedPhoto
from captioning.metrics import score_captions
from captioning.metrics.language import dangling_share
from captioning.model import CaptionModel, Reading, caption_loss
from captioning.reinforce import reinforcement_loss
from captioning.search import beam_search
from captioning.self_critical import Critic, advantages, draw_attempts, self_critical_loss
from captioning.tokens import END, PAD, START, Vocabulary
from shared.pretrained import Pretrained, device_of
from shared.rnn.multiscale import set_slope, text_slope

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
        self.critic = Critic(train.captions) if lesson.attempts else None

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """The decoder at the full rate, the encoder's trainable stages, if there are any, at a share of it."""
        encoder = [p for p in self.encoder.parameters() if p.requires_grad]
        decoder = [p for p in self.decoder.parameters() if p.requires_grad]
        groups = [{"params": decoder, "lr": learning_rate}]
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
        maps = self.train.cache.read(examples).to(device_of(model))
        photos = [example % len(self.train.photos) for example in examples]
        share = self.lesson.cross_entropy if self.critic else 1.0
        loss, numbers = self._foresee(model, maps, photos) if share else (torch.zeros(()), {})
        if self.critic:
            judged, more = self._judge(model, maps, photos, self.critic)
            loss, numbers = share * loss + (1 - share) * judged, numbers | more
        yield loss, numbers

    def _foresee(self, model: nn.Module, maps: Tensor, photos: Sequence[int]) -> tuple[Tensor, dict[str, Tensor]]:
        """Cross-entropy: people's captions, word by word."""
        lesson = self.lesson
        captions = [self._choose(self.train.captions[photo]) for photo in photos]
        words, spoken = (tensor.to(maps.device) for tensor in pad_captions(captions, lesson.captions_per_photo))
        heard, targets = words[..., :-1], words[..., 1:]
        if lesson.own_words:
            with torch.no_grad():
                heard = mix_own_words(model(maps, heard, spoken).logits, heard, spoken, lesson.own_words)
        reading: Reading = model(maps, heard, spoken)
        # Without attention there is nothing to spread.
        evenly = lesson.doubly_stochastic if self.attention != "none" else 0.0
        loss, numbers = caption_loss(reading, targets, spoken, lesson.label_smoothing, evenly)
        if self.baseline is not None:
            terms = reinforcement_loss(reading, targets, spoken, self.baseline, lesson.reinforcement, lesson.entropy)
            loss, numbers = loss + terms[0], numbers | terms[1]
        return loss, numbers

    def _judge(
        self, model: nn.Module, maps: Tensor, photos: Sequence[int], critic: Critic
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Self-critical: captions drawn by the network's own odds, against CIDEr-D."""
        with torch.no_grad():
            look = self.decoder.look(self.encoder.suffix(maps))
            words, chosen = draw_attempts(look, len(photos), self.lesson.attempts, self.lesson.maximum_words)
        rewards = critic.rewards(photos, words[..., 1:])
        reading: Reading = model(maps, words[..., :-1], chosen)
        better = advantages(rewards).to(maps.device)
        loss = self_critical_loss(reading.logits, words[..., 1:], chosen, better)
        return loss, {"reward": rewards.mean().to(maps.device)}

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
        scores = score_captions(captions, [photo.captions for photo in self.val.photos])
        return {**scores, "dangling": dangling_share([caption.split() for caption in captions])}

    def _choose(self, captions: Sequence[list[int]]) -> Sequence[list[int]]:
        wanted = self.lesson.captions_per_photo
        if len(captions) <= wanted:
            return captions
        return [captions[i] for i in torch.randperm(len(captions))[:wanted].tolist()]


def mix_own_words(
    logits: Float[Tensor, "N V"], heard: Int[Tensor, "B K T"], spoken: Bool[Tensor, "B K T"], share: float
) -> Int[Tensor, "B K T"]:
    """The words to read, some of them drawn from what the network would have said there (scheduled sampling, Bengio et al.
    2015; all steps at once as Duckworth et al. 2019, who let it guess after people's words)."""
    guessed = torch.zeros_like(heard)
    guessed[spoken] = torch.distributions.Categorical(logits=logits.float()).sample()
    # What is said at a step is read at the next; the start word stays.
    guessed = torch.cat([heard[..., :1], guessed[..., :-1]], -1)
    own = (torch.rand(heard.shape, device=heard.device) < share) & spoken
    own[..., 0] = False
    return torch.where(own, guessed, heard)


def words_of(vocabulary: Vocabulary, numbers: Sequence[int]) -> list[str]:
    """The words of a caption before its end."""
    said = numbers[: list(numbers).index(END)] if END in numbers else numbers
    return [word for word, _ in vocabulary.words(said)]


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
