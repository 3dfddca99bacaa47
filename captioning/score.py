"""Scores of captions, whoever made them: a results file against what people said, with all that tells two numbers apart."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from captioning.data import CaptionedPhoto, read_captions, take_split
from captioning.metrics import DocumentFrequencies, cider_d, rouge_l, score_tokens
from captioning.metrics.language import diversity, language
from captioning.metrics.official import official_scores
from captioning.ptb import tokenise
from shared.errors import UserError

ONE_PHOTO = (
    "one photo has no document frequencies of its own, so that every caption gets 0; --frequencies takes a file of them"
)


def score_file(
    results: str,
    annotations: str,
    *,
    split: str = "",
    training: str = "",
    frequencies: str = "",
    save_frequencies: str = "",
    details: str = "",
) -> dict[str, Any]:
    """Scores a results file and prints what `score` returns as JSON.

    Args:
        results: a list of `image_id` and `caption`, as the COCO evaluation reads; where a photo has several captions, the
            first is scored, and all of them tell of diversity.
        annotations: what people said, in any layout that `data.read_captions` knows.
        split: score this split of the annotations, all of it; empty for the photos that the results name.
        training: the captions learnt from (their split train), to tell novel sentences.
        frequencies: a file of document frequencies for CIDEr; empty to count them over the photos scored.
        save_frequencies: where to write those of the annotations (of the split).
        details: where to write a line of JSON for each photo.

    Raises:
        UserError: for files that cannot be read, written or matched.
    """
    photos = read_captions(annotations)
    photos = take_split(photos, split) if split else [photo for photo in photos if photo.captions]
    if not photos:
        raise UserError(f"no photo in {annotations} has captions")
    if save_frequencies:
        counted = DocumentFrequencies.of([tokenise(caption) for caption in photo.captions] for photo in photos)
        counted.save(save_frequencies)
    captions = match(read_results(results), photos, results)
    missing = len(photos) - len(captions)
    if missing and split:
        raise UserError(
            f"{results} has no caption for {missing} of the {len(photos)} photos of split {split!r}; scores of the others "
            "would be of another set (leave out --split to see them)"
        )
    if missing:
        print(f"scored {len(captions)} of {len(photos)} captioned photos: those in {results}", file=sys.stderr)
    scored = [photo for photo in photos if photo.id in captions]
    given = [captions[photo.id] for photo in scored]
    used = DocumentFrequencies.load(frequencies) if frequencies else None
    learnt = take_split(read_captions(training), "train") if training else None
    result = score(given, scored, learnt, used)
    if details:
        _write_details(details, given, scored, used)
    json.dump(result, sys.stdout, indent=2)
    print()
    return result


def score(
    captions: Sequence[Sequence[str]],
    photos: Sequence[CaptionedPhoto],
    learnt: Iterable[CaptionedPhoto] | None = None,
    frequencies: DocumentFrequencies | None = None,
) -> dict[str, Any]:
    """All that can be told of captions.

    Args:
        captions: raw, of each photo; the first is scored.
        photos: with what people said.
        learnt: the photos learnt from, to tell novel sentences.
        frequencies: document frequencies for CIDEr; without it, those of these photos.

    Returns:
        Bleu_1..4, METEOR, ROUGE_L, CIDEr and SPICE, null where one cannot be had; `reasons` for that; `language`, and
        `diversity` where photos have several captions; `photos`; and the `signature`: scores may be compared where it is
        the same.
    """
    said = [[tokenise(caption) for caption in several] for several in captions]
    references = [[tokenise(caption) for caption in photo.captions] for photo in photos]
    first = [several[0] for several in said]
    own = score_tokens(first, references, frequencies)
    official, reasons = official_scores(first, references)
    if len(photos) == 1 and frequencies is None:
        reasons["CIDEr"] = ONE_PHOTO
    scores = own | official
    names = ("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "METEOR", "ROUGE_L", "CIDEr", "SPICE")
    known = None if learnt is None else {tuple(tokenise(text)) for photo in learnt for text in photo.captions}
    result: dict[str, Any] = {name: scores[name] for name in names}
    if reasons:
        result["reasons"] = reasons
    result["language"] = language(first, known)
    several = [photo for photo in said if len(photo) > 1]
    if several:
        result["diversity"] = diversity(several, frequencies or DocumentFrequencies.of(references))
    return result | {"photos": len(photos), "signature": signature(references, scores, frequencies)}


def signature(
    references: Sequence[Sequence[object]],
    scores: dict[str, float | None],
    frequencies: DocumentFrequencies | None = None,
) -> str:
    """What a score depends on besides the captions, in one line."""
    counts = sorted({len(photo) for photo in references})
    source = f"{frequencies.photos}@{frequencies.fingerprint}" if frequencies else "scored"
    parts = {
        "photos": len(references),
        "refs": f"{counts[0]}-{counts[-1]}" if len(counts) > 1 else counts[0],
        "tok": "ptb",
        "bleu": "closest",
        "rouge": "1.2",
        "cider": "d",
        "df": source,
        "meteor": "none" if scores["METEOR"] is None else "1.5-norm",
        "spice": "none" if scores["SPICE"] is None else "1.0",
        "version": version("show-and-scribe"),
    }
    return "|".join(f"{name}:{value}" for name, value in parts.items())


def read_results(path: str | Path) -> dict[int | str, list[str]]:
    """The captions of each photo in a results file, by the photo's id.

    Raises:
        UserError: for a file that is missing, or no list of `image_id` and `caption`.
    """
    expected = 'expected a JSON list of {"image_id": …, "caption": "…"}, the results file of the COCO evaluation'
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read results from {path}: {error.strerror}") from error
    except ValueError as error:
        raise UserError(f"{path} is no JSON ({error}); {expected}") from error
    if not isinstance(content, list) or not content:
        raise UserError(f"{path} holds {'an empty list' if content == [] else type(content).__name__}; {expected}")
    captions: dict[int | str, list[str]] = {}
    for number, entry in enumerate(content):
        known = isinstance(entry, dict) and isinstance(entry.get("image_id"), int | str)
        if not known or not isinstance(entry.get("caption"), str):
            raise UserError(f"entry {number} of {path} is {json.dumps(entry)[:120]}; {expected}")
        captions.setdefault(entry["image_id"], []).append(entry["caption"])
    return captions


def match(
    results: dict[int | str, list[str]], photos: Sequence[CaptionedPhoto], source: str
) -> dict[int | str, list[str]]:
    """The captions by the ids of the photos they are of; results may name a photo by its id, its file with or
    without suffix, or the number that the file's name ends in.

    Raises:
        UserError: for captions of a photo that is not there, or by a name that several photos have.
    """
    ways = [_named(photos, name) for name in (lambda p: str(p.id), lambda p: p.file, _name, _stem, _number)]
    # The surest name first: an id counts for more than a file of that name.
    owners = {name: next((way[str(name)] for way in ways if str(name) in way), []) for name in results}
    unknown = [name for name, ids in owners.items() if not ids]
    if unknown:
        raise UserError(
            f"{len(unknown)} of {len(results)} photos in {source} are not among the {len(photos)} captioned photos that it "
            f"is scored against: image_id {unknown[0]!r} is the first; the annotations have ids like {photos[0].id!r}"
        )
    unsure = next((name for name, ids in owners.items() if len(ids) > 1), None)
    if unsure is not None:
        raise UserError(
            f"image_id {unsure!r} in {source} may be any of {len(owners[unsure])} photos; name them by their ids"
        )
    matched: dict[int | str, list[str]] = {}
    for name, captions in results.items():
        matched.setdefault(owners[name][0], []).extend(captions)
    return matched


def _named(photos: Sequence[CaptionedPhoto], name: Callable[[CaptionedPhoto], str]) -> dict[str, list[int | str]]:
    """The ids of the photos of each name."""
    named: dict[str, list[int | str]] = {}
    for photo in photos:
        named.setdefault(name(photo), []).append(photo.id)
    return named


def _name(photo: CaptionedPhoto) -> str:
    return Path(photo.file).name


def _stem(photo: CaptionedPhoto) -> str:
    return Path(photo.file).stem


def _number(photo: CaptionedPhoto) -> str:
    """The number at the end of a file's name, by which COCO's own files are known; else its stem."""
    number = _stem(photo).rsplit("_", 1)[-1]
    return str(int(number)) if number.isascii() and number.isdigit() else _stem(photo)


def _write_details(
    path: str,
    captions: Sequence[Sequence[str]],
    photos: Sequence[CaptionedPhoto],
    frequencies: DocumentFrequencies | None,
) -> None:
    first = [tokenise(several[0]) for several in captions]
    references = [[tokenise(caption) for caption in photo.captions] for photo in photos]
    scores = zip(rouge_l(first, references), cider_d(first, references, frequencies), strict=True)
    lines = [
        {"image_id": photo.id, "caption": several[0], "ROUGE_L": rouge, "CIDEr": cider}
        for photo, several, (rouge, cider) in zip(photos, captions, scores, strict=True)
    ]
    try:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error
