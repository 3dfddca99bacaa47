"""Scores of a captioner on captioned photos, by the paper protocol: its own captions against raw references."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from tqdm import tqdm

from captioning.batch import Wanted, caption_all
from captioning.captioner import Captioner
from captioning.config import SearchConfig
from captioning.data import CaptionedPhoto, read_captions, take_split
from captioning.score import score
from shared.errors import UserError


def evaluate(
    data: str,
    images: str,
    split: str,
    *,
    model: str = "default",
    device: str = "auto",
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
) -> dict[str, object]:
    """Captions every photo of the split, and prints and returns what `score.score` tells of it.

    Novel are sentences that the train split of the same data does not have.

    Raises:
        UserError: for data or a model that cannot be used, or a photo that cannot be read: scores of the rest would
            be of another set.
    """
    everything = read_captions(data)
    photos = take_split(everything, split)
    wanted = [Wanted(Path(images) / photo.file, photo.id) for photo in photos]
    captioner = Captioner.from_pretrained(model, device)
    captions: list[list[str]] = []
    for record in tqdm(caption_all(captioner, wanted, search), "photos", len(wanted), disable=None, leave=False):
        if record.error:
            raise UserError(f"cannot use the photo {record.photo}: {record.error}")
        captions.append([record.caption])
    result = score(captions, photos, _learnt(everything))
    result |= {"split": split, "search": dataclasses.asdict(search)}
    json.dump(result, sys.stdout, indent=2)
    print()
    return result


def _learnt(photos: list[CaptionedPhoto]) -> list[CaptionedPhoto] | None:
    try:
        return take_split(photos, "train")
    except UserError:  # data to test with alone
        return None
