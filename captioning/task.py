"""What is asked of a captioner while it learns: people's captions foreseen, and then its own ones judged."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from captioning.cache import FeatureCache
from captioning.config import LessonConfig
from captioning.data import CaptionedPhoto
from captioning.given import Given, drawn_captions, mix_own_words, pad_captions, read_together
from captioning.metrics import score_captions
from captioning.metrics.language import dangling_share
from captioning.model import CaptionModel, Reading, caption_loss
from captioning.reinforce import reinforcement_loss
from captioning.search import beam_search, draw_captions
from captioning.self_critical import Critic, advantages, self_critical_loss
from captioning.tokens import END, Vocabulary
from shared.pretrained import Pretrained, device_of
from shared.processes import Part
from shared.rnn.multiscale import set_slope, text_slope

VALIDATION_BATCH = 50
BUCKET = 16  # batches in which photos are sorted by the length of their captions
LEAST_AGREEMENT = 0.01  # of the 10 of CIDEr-D


@dataclass(frozen=True)
class Lessons:
    """Photos whose maps are cached, with their captions as numbers."""

    cache: FeatureCache
    photos: Sequence[CaptionedPhoto]
    captions: Sequence[Sequence[list[int]]]


class CaptionTask:
    """What `shared.training.fit` needs to know about captions.

    An example is a photo with its captions; an example's number beyond the number of photos means another view of it.
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
        critic = Critic(train.captions) if lesson.attempts or lesson.agreement else None
        self.critic = critic if lesson.attempts else None
        self.odds = _odds(critic, len(train.photos), lesson.agreement) if critic and lesson.agreement else None

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
        views = len(self.train.cache.views)
        return [[photo + photos * chance.randrange(views) for photo in batch] for batch in batches]

    def begin_epoch(self, epoch: int) -> None:
        set_slope(self.model, text_slope(epoch))

    def losses(self, model: nn.Module, examples: Part) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        """People's captions foreseen, and with a critic the network's own ones judged, in one reading of each photo."""
        maps = self.train.cache.read(examples).to(device_of(model))
        photos = [example % len(self.train.photos) for example in examples]
        given = self._people(photos).to(maps.device)
        if not self.critic:
            yield self._foreseen(self._read(model, maps, given), given, examples)
            return
        own = self._attempts(maps)
        rewards = self.critic.rewards(photos, own.targets)
        both, is_own = read_together(given, own)
        reading: Reading = model(maps, both.heard, both.spoken)
        people, drawn = both.spoken & ~is_own[..., None], both.spoken & is_own[..., None]
        share = self.lesson.cross_entropy
        loss, numbers = self._foreseen(reading.among(people[both.spoken]), both._replace(spoken=people), examples)
        better = torch.zeros(is_own.shape, device=maps.device).masked_scatter(is_own, advantages(rewards).to(maps))
        judged = self_critical_loss(reading.among(drawn[both.spoken]).logits, both.targets, drawn, better)
        judged = judged * examples.share(drawn.sum())
        reward = rewards.to(maps.device).sum() / (len(examples.batch) * self.lesson.attempts)
        yield share * loss + (1 - share) * judged, {**numbers, "reward": reward}

    def _people(self, photos: Sequence[int]) -> Given:
        wanted = self.lesson.captions_per_photo
        return pad_captions([self._choose(photo, wanted) for photo in photos], wanted)

    @torch.no_grad()
    def _attempts(self, maps: Tensor) -> Given:
        """Captions drawn as the network would say them, which hides nothing of itself then."""
        self.decoder.eval()
        look = self.decoder.look(self.encoder.suffix(maps))
        chance = torch.rand(len(maps), self.lesson.attempts, self.lesson.maximum_words)
        words = draw_captions(look, chance).words[..., : self.lesson.maximum_words]
        self.decoder.train()
        return drawn_captions(words)

    def _read(self, model: nn.Module, maps: Tensor, given: Given) -> Reading:
        heard = given.heard
        if self.lesson.own_words:
            with torch.no_grad():
                heard = mix_own_words(model(maps, heard, given.spoken).logits, given, self.lesson.own_words)
        return model(maps, heard, given.spoken)

    def _foreseen(self, reading: Reading, given: Given, examples: Part) -> tuple[Tensor, dict[str, Tensor]]:
        """Cross-entropy: people's captions, word by word.

        Where hard attention learns in several processes, each draws its own places, and its baseline is the main one's.
        """
        lesson, targets, spoken = self.lesson, given.targets, given.spoken
        # Without attention there is nothing to spread.
        evenly = lesson.doubly_stochastic if self.attention != "none" else 0.0
        loss, numbers = caption_loss(reading, targets, spoken, lesson.label_smoothing, evenly)
        if self.baseline is not None:
            terms = reinforcement_loss(reading, targets, spoken, self.baseline, lesson.reinforcement, lesson.entropy)
            loss, numbers = loss + terms[0], numbers | terms[1]
        # All of these are means over the words.
        weight = examples.share(spoken.sum())
        return weight * loss, {name: weight * number for name, number in numbers.items()}

    @torch.no_grad()
    def validate(self, model: nn.Module) -> dict[str, float]:
        """Scores of the captions that the model makes by itself; never of words it predicts after the true ones."""
        assert isinstance(model, CaptionModel)
        captions = self._say(model, range(len(self.val.photos)))
        scores = score_captions(captions, [photo.captions for photo in self.val.photos])
        return {**scores, "dangling": dangling_share([caption.split() for caption in captions])}

    @torch.no_grad()
    def samples(self, model: nn.Module, number: int) -> list[dict[str, Any]]:
        """What it says of a few validation photos, the same each time, and what people said."""
        assert isinstance(model, CaptionModel)
        many = len(self.val.photos)
        chosen = range(0, many, max(1, many // number))[:number]
        photos = [self.val.photos[place] for place in chosen]
        said = self._say(model, chosen)
        return [
            {"file": photo.file, "caption": caption, "people": list(photo.captions)}
            for photo, caption in zip(photos, said, strict=True)
        ]

    def _say(self, model: CaptionModel, photos: range) -> list[str]:
        """The caption of each of these validation photos."""
        captions: list[str] = []
        for start in range(0, len(photos), VALIDATION_BATCH):
            maps = self.val.cache.read(photos[start : start + VALIDATION_BATCH])
            look = model.decoder.look(model.encoder.suffix(maps.to(device_of(model))))
            found = beam_search(look, len(maps), self.lesson.validation_beam, maximum=self.lesson.maximum_words)
            captions += [" ".join(words_of(model.vocabulary, row)) for row in found.words[:, 0].tolist()]
        return captions

    def _choose(self, photo: int, wanted: int) -> Sequence[list[int]]:
        captions = self.train.captions[photo]
        if self.odds:
            return [captions[i] for i in torch.multinomial(self.odds[photo], wanted, replacement=True).tolist()]
        if len(captions) <= wanted:
            return captions
        return [captions[i] for i in torch.randperm(len(captions))[:wanted].tolist()]


def _odds(critic: Critic, photos: int, power: float) -> list[Float[Tensor, " K"]]:
    """For each caption of each photo, how likely it is to be shown."""
    # A caption that agrees with none keeps a little: it may be all there is.
    return [(torch.tensor(critic.agreement(photo)) + LEAST_AGREEMENT) ** power for photo in range(photos)]


def words_of(vocabulary: Vocabulary, numbers: Sequence[int]) -> list[str]:
    """The words of a caption before its end."""
    said = numbers[: list(numbers).index(END)] if END in numbers else numbers
    return [word for word, _ in vocabulary.words(said)]
