"""Ours beside the plain reference: the same photos, captions, vocabulary, sizes and CNN, on the same cores.

The reference gets the CNN in the fast form that ours has, photos that are open already when it learns, and no steps of a
search beyond the words that ours says. So what is told of it is rather too good than too bad.
"""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from captioning.batch import BATCH, caption_all
from captioning.benchmark.clock import seconds
from captioning.benchmark.reference import ReferenceDecoder, reference_loss, reference_search
from captioning.cache import FeatureCache
from captioning.captioner import Captioner
from captioning.config import LessonConfig, SearchConfig
from captioning.data import CaptionedPhoto
from captioning.inputs import Wanted
from captioning.model import CaptionModel
from captioning.photos import load_photo
from captioning.task import CaptionTask, Lessons
from captioning.tokens import SPECIAL
from shared.processes import Part

CAPTIONS = 5
LENGTHS = (10.8, 3.8)
"""mean and standard deviation of the words in a caption of Flickr8k"""
CLIP_NORM = 1.0


def compare_captioning(captioner: Captioner, wanted: Sequence[Wanted], beam: int) -> dict[str, object]:
    """Milliseconds a photo from file to sentence, ours in batches and the reference one by one; and, on one thread, of a
    batch from the grid on."""
    print(f"captioning {len(wanted)} photos, beside the reference", file=sys.stderr)
    search, encode = SearchConfig(beam=beam), captioner.vocabulary.encode
    lengths = [len(encode(record.caption or "")) for record in caption_all(captioner, wanted, search)]
    decoder = _reference(captioner).eval()
    few = captioner.encode([photo.source() for photo in wanted[:BATCH]])
    maps = _maps(captioner, few.features[0])

    def one_by_one() -> None:
        for photo, length in zip(wanted, lengths, strict=True):
            reference_search(decoder, _maps(captioner, captioner.encode([photo.source()]).features[0]), beam, length)

    def from_the_grid() -> None:
        for number, length in enumerate(lengths[: len(few)]):
            reference_search(decoder, maps[number : number + 1], beam, length)

    ours = seconds(lambda: list(caption_all(captioner, wanted, search)), times=1)
    theirs = seconds(one_by_one, times=1)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    alone = seconds(lambda: captioner.describe_all(few, search)), seconds(from_the_grid)
    torch.set_num_threads(threads)
    return {
        **_told(ours / len(wanted), theirs / len(wanted)),
        "without_encoder": _told(*(time / len(few) for time in alone)),
    }


def compare_training(
    network: CaptionModel, captioner: Captioner, wanted: Sequence[Wanted], folder: Path
) -> dict[str, object]:
    """Milliseconds of one update on a few photos with five captions each: ours on the kept maps of the frozen encoder, as
    `task.CaptionTask` does it, the reference with the encoder before every one; and without that."""
    print(f"learning {CAPTIONS} captions of each of {len(wanted)} photos, beside the reference", file=sys.stderr)
    captions = _captions(len(captioner.vocabulary), len(wanted))
    ours = seconds(_our_update(network, captioner.device, wanted, captions, folder))
    size, fit = captioner.config.image_size, captioner.config.fit
    pixels = torch.stack([load_photo(photo.source(), size, fit) for photo in wanted])
    many = pixels.repeat_interleave(CAPTIONS, 0).to(captioner.device).split(BATCH)
    decoder = _reference(captioner).train()
    optimiser = torch.optim.AdamW(decoder.parameters())
    flat = [caption for photo in captions for caption in photo]

    @torch.no_grad()
    def see() -> Tensor:
        return _maps(captioner, torch.cat([captioner.encoder(part) for part in many]))

    maps = see()
    seeing = seconds(see, times=1)
    learning = seconds(lambda: _update(decoder, optimiser, reference_loss(decoder, maps, flat)), times=2)
    return {**_told(ours, seeing + learning), "without_encoder": _told(ours, learning)}


def _our_update(
    network: CaptionModel,
    device: torch.device,
    wanted: Sequence[Wanted],
    captions: Sequence[Sequence[list[int]]],
    folder: Path,
) -> Callable[[], None]:
    config = dataclasses.replace(network.config, trainable_from="")
    model = CaptionModel(config, network.vocabulary)
    model.load_state_dict(network.state_dict())
    model.to(device).train()
    files = [str(photo.path.resolve()) for photo in wanted]
    cache = FeatureCache(folder, model.encoder, config, Path(), files)
    photos = [CaptionedPhoto(photo.id, file, (), "train") for photo, file in zip(wanted, files, strict=True)]
    lessons = Lessons(cache, photos, captions)
    lesson = LessonConfig(photos_per_batch=len(wanted), captions_per_photo=CAPTIONS)
    task = CaptionTask(model, lessons, lessons, lesson, 0, {})
    optimiser = torch.optim.AdamW(task.parameter_groups(1e-4))

    def update() -> None:
        for loss, _ in task.losses(model, Part(range(len(wanted)))):
            _update(model, optimiser, loss)

    return update


def _update(model: nn.Module, optimiser: torch.optim.Optimizer, loss: Float[Tensor, ""]) -> None:
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
    optimiser.step()
    optimiser.zero_grad()


def _reference(captioner: Captioner) -> ReferenceDecoder:
    torch.manual_seed(0)
    encoder = captioner.encoder
    return ReferenceDecoder(captioner.config, len(captioner.vocabulary), encoder.channels).to(captioner.device)


def _maps(captioner: Captioner, grid: Float[Tensor, "B L C"]) -> Float[Tensor, "B C X Y"]:
    return grid.transpose(1, 2).unflatten(2, (captioner.encoder.rows, captioner.encoder.columns))


def _captions(vocabulary: int, photos: int) -> list[list[list[int]]]:
    """Five captions for each photo, of words by chance and lengths as people's."""
    chance = random.Random(0)

    def caption() -> list[int]:
        length = min(max(round(chance.gauss(*LENGTHS)), 3), LessonConfig().maximum_words)
        return [chance.randrange(len(SPECIAL), vocabulary) for _ in range(length)]

    return [[caption() for _ in range(CAPTIONS)] for _ in range(photos)]


def _told(ours: float, theirs: float) -> dict[str, float]:
    return {
        "milliseconds": round(1000 * ours, 1),
        "reference_milliseconds": round(1000 * theirs, 1),
        "times_faster": round(theirs / ours, 1),
    }
