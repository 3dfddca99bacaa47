"""Captioned photos: three layouts in, one type out.

- COCO captions JSON (`images`, `annotations`), read by pycocotools; an image record may name its `split`.
- Karpathy's JSON (`images` with `sentences` and `split`).
- Flickr8k as it is distributed: captions.txt, and beside it the lists Flickr_8k.{train,dev,test}Images.txt.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shared.errors import UserError


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo and what people said about it. `split` is "train", "val", "test", another word, or empty if not told."""

    id: int | str
    file: str
    captions: tuple[str, ...]
    split: str


def read_captions(path: str | Path) -> list[CaptionedPhoto]:
    """All photos of a captions file, in the file's order.

    Raises:
        UserError: for a file that is missing, unreadable, in none of the layouts, or without photos.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "captions.txt"
    if not path.is_file():
        raise UserError(f"no captions at {path}; expected a COCO or Karpathy JSON file, or Flickr8k's captions.txt")
    try:
        photos = _read_flickr(path) if path.suffix == ".txt" else _read_json(path)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise UserError(
            f"cannot read {path} as captions ({type(error).__name__}: {error}); expected a COCO or Karpathy JSON file, "
            "or Flickr8k's captions.txt"
        ) from error
    if not photos:
        raise UserError(f"{path} names no photos")
    return photos


def take_split(photos: Iterable[CaptionedPhoto], split: str) -> list[CaptionedPhoto]:
    """The captioned photos of one split.

    Karpathy's "restval" counts as train. In a file that tells no splits, a twentieth of the photos is val and another
    one test, chosen by their file names: always the same ones.

    Raises:
        UserError: when there are none.
    """
    photos = [photo for photo in photos if photo.captions]
    chosen = [photo for photo in photos if _split_of(photo) == split]
    if not chosen:
        known = sorted({_split_of(photo) for photo in photos})
        raise UserError(f"no captioned photos in split {split!r}; there are {', '.join(known) or 'none at all'}")
    return chosen


def _split_of(photo: CaptionedPhoto) -> str:
    if not photo.split:
        return {0: "val", 1: "test"}.get(hashlib.sha256(photo.file.encode()).digest()[0] % 20, "train")
    return {"restval": "train", "dev": "val"}.get(photo.split, photo.split)


def _read_json(path: Path) -> list[CaptionedPhoto]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if "annotations" in content:
        return _read_coco(path)
    if content["images"] and "sentences" in content["images"][0]:
        return [_karpathy_photo(number, image) for number, image in enumerate(content["images"])]
    raise UserError(f"{path} has neither `annotations` (COCO) nor `sentences` in its images (Karpathy)")


def _read_coco(path: Path) -> list[CaptionedPhoto]:
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(sys.stderr):  # it reports its progress where our results go
        coco = COCO(str(path))
    return [
        CaptionedPhoto(
            number,
            image["file_name"],
            tuple(annotation["caption"] for annotation in coco.imgToAnns[number]),
            image.get("split", ""),
        )
        for number, image in coco.imgs.items()
    ]


def _karpathy_photo(number: int, image: dict[str, Any]) -> CaptionedPhoto:
    return CaptionedPhoto(
        image.get("cocoid", image.get("imgid", number)),
        str(Path(image.get("filepath", "")) / image["filename"]),
        tuple(sentence["raw"] for sentence in image["sentences"]),
        image.get("split", ""),
    )


def _read_flickr(path: Path) -> list[CaptionedPhoto]:
    captions: dict[str, list[str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if row and row != ["image", "caption"]:
                # A caption with commas that nobody quoted comes apart into more columns.
                captions.setdefault(row[0], []).append(",".join(row[1:]))
    splits = {name: split for split in ("train", "dev", "test") for name in _flickr_list(path.parent, split)}
    return [
        CaptionedPhoto(Path(name).stem, name, tuple(texts), splits.get(name, "unused") if splits else "")
        for name, texts in captions.items()
    ]


def _flickr_list(folder: Path, split: str) -> list[str]:
    path = folder / f"Flickr_8k.{split}Images.txt"
    return path.read_text(encoding="utf-8").split() if path.is_file() else []


def without_junk(photos: Iterable[CaptionedPhoto], minimum_words: int = 3) -> list[CaptionedPhoto]:
    """The photos with only the captions that say something ("A" says nothing), and without photos that lose all."""
    cleaned = (
        replace(photo, captions=tuple(text for text in photo.captions if len(text.split()) >= minimum_words))
        for photo in photos
    )
    return [photo for photo in cleaned if photo.captions]
