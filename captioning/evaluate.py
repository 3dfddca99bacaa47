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
from captioning.data import read_captions, take_split
from captioning.metrics import score_captions
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
    """Captions every photo of the split, and prints and returns its scores.

    Raises:
        UserError: for data or a model that cannot be used, or a photo that cannot be read: scores of the rest would
            be of another set.
    """
    photos = take_split(read_captions(data), split)
    wanted = [Wanted(Path(images) / photo.file, photo.id) for photo in photos]
    captioner = Captioner.from_pretrained(model, device)
    captions = []
    for record in tqdm(caption_all(captioner, wanted, search), "photos", len(wanted), disable=None, leave=False):
        if record.error:
            raise UserError(f"cannot use the photo {record.photo}: {record.error}")
        captions.append(record.caption)
    scores = score_captions(captions, [photo.captions for photo in photos])
    result = {**scores, "photos": len(photos), "split": split, "search": dataclasses.asdict(search)}
    json.dump(result, sys.stdout, indent=2)
    print()
    return result
