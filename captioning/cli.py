"""The command `captioning`. What is imported here must be quick: torch waits until a command is sure to run."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from captioning.config import LessonConfig, ModelConfig, SearchConfig
from shared.command import Command, run
from shared.config import TrainingConfig

SEARCH = {"beam": "search.beam", "maximum-words": "search.maximum_words"}


def caption(
    inputs: list[str],
    output: str = "",
    format: Literal["text", "jsonl", "csv", "coco", "beside", "html"] = "text",
    images: str = "",
    column: str = "",
    alt: Literal["missing", "empty", "all"] = "empty",
    resume: bool = False,
    overwrite: bool = False,
    shard: str = "",
    engine: Literal["local", "ray"] = "local",
    model: str = "default",
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
    device: str = "auto",
) -> int:
    """Say in a sentence what each photo shows.

    A photo that cannot be read gets a record with the reason; the others are captioned, and the exit status is 1.

    Args:
        inputs: photos, folders, patterns, COCO or Karpathy JSON, CSV, tar shards (WebDataset), HTML pages, or - for a list on
            standard input
        output: the file to write; without it, captions go to standard output
        format: how captions are written; coco is the results file of the COCO evaluation, beside a .txt beside each photo, html
            a copy of one page in which photos of this machine have alternative texts
        images: the folder to which a JSON, a CSV or a page refers; without it, its own
        column: the column of a CSV that has the paths, by name or by number from 1; without it, one with a usual name
        alt: in html, which alternative texts to write: missing ones, missing or empty ones, or all
        resume: go on with an output whose run was ended, however suddenly
        overwrite: begin anew though the output is there
        shard: of several runs that share the work, which part this one does: 1/4 is the first of four
        engine: local, or ray for a cluster (RAY_ADDRESS; without it, this machine), which takes the extra ray
        model: a shipped model's name, a model folder, or a hub id; several, with commas between, caption together
        search: how captions are looked for (--beam is short for --search.beam)
        device: auto, cpu, cuda, cuda:1, …
    """
    from captioning.batch import caption_files

    return caption_files(
        inputs,
        output,
        format,
        images=images,
        column=column,
        alt=alt,
        shard=shard,
        resume=resume,
        overwrite=overwrite,
        engine=engine,
        model=model,
        device=device,
        search=search,
    )


def train(
    data: str,
    images: str,
    out: Path,
    encoder: str = "",
    encoder_weights: str = "DEFAULT",
    word_vectors: str = "",
    start: str = "",
    cache: str = "",
    resume: bool = False,
    model: ModelConfig = ModelConfig(),  # noqa: B008 - frozen
    lesson: LessonConfig = LessonConfig(),  # noqa: B008 - frozen
    training: TrainingConfig = TrainingConfig(epochs=8, learning_rate=8e-4, ema=0.997),  # noqa: B008 - frozen
) -> None:
    """Train a captioner on photos and their captions.

    The folder of the run holds run.json, metrics.jsonl, state/ (to resume from) and best/ (a model folder for --model).
    `accelerate launch --num_processes 4 -m captioning.cli train …` trains on four GPUs, to the result of one; so do several
    machines that all see the folder.

    Args:
        data: captions: COCO or Karpathy JSON, or Flickr8k's captions.txt
        images: the folder with the photos
        out: the folder of the run
        encoder: the torchvision network that sees; short for --model.encoder
        encoder_weights: a state dict (.pth, .safetensors), the name of torchvision weights to download, or none
        word_vectors: a GloVe or word2vec text file that words begin with; they are tuned unless
            --lesson.tune_word_vectors false
        start: a model to go on from (for self-critical training, or to tune the encoder): a shipped model's name, a folder
        cache: where the encoder's features are kept; without it, in the folder of the run
        resume: go on where the run in that folder was saved last
        model: the network
        lesson: how captions are learnt
        training: how
    """
    from captioning.train import train as run_training

    if encoder:
        model = dataclasses.replace(model, encoder=encoder)
    run_training(
        data,
        images,
        out,
        model,
        lesson,
        training,
        encoder_weights=encoder_weights,
        word_vectors=word_vectors,
        start=start,
        cache=cache,
        resume=resume,
    )


def evaluate(
    data: str,
    images: str,
    split: str = "val",
    model: str = "default",
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
    device: str = "auto",
) -> None:
    """Score a captioner on captioned photos, as `captioning score` does, which tells of the scores; prints JSON.

    Args:
        data: captions: COCO or Karpathy JSON, or Flickr8k's captions.txt
        images: the folder with the photos
        split: which photos: val, test or train
        model: a shipped model's name, a model folder, or a hub id; several, with commas between, caption together
        search: how captions are looked for (--beam is short for --search.beam)
        device: auto, cpu, cuda, cuda:1, …
    """
    from captioning.evaluate import evaluate as score

    score(data, images, split, model=model, device=device, search=search)


def score(
    results: str,
    annotations: str,
    split: str = "",
    training: str = "",
    frequencies: str = "",
    save_frequencies: str = "",
    details: str = "",
) -> None:
    """Score captions, whoever made them: BLEU, METEOR, ROUGE-L, CIDEr, SPICE, and what they are like; prints JSON.

    METEOR and SPICE need Java and the extra `eval`; where they cannot be had they are null, with the reason.

    Args:
        results: a JSON list of image_id and caption, as the COCO evaluation reads; several captions of a photo tell of
            diversity, the first is scored
        annotations: what people said: COCO or Karpathy JSON, or Flickr8k's captions.txt
        split: score this split, all of it; without it, the photos in the results
        training: captions learnt from (their split train), to tell the share of novel sentences
        frequencies: document frequencies for CIDEr, which make that of a few photos meaningful; without it, those of the
            photos scored
        save_frequencies: write the document frequencies of the annotations (of the split) to this file
        details: write the scores of each photo to this file, JSON lines
    """
    from captioning.score import score_file

    score_file(
        results,
        annotations,
        split=split,
        training=training,
        frequencies=frequencies,
        save_frequencies=save_frequencies,
        details=details,
    )


def average(models: list[str], output: Path, half: bool = False) -> None:
    """Make one model of several trainings that went out from the same one (--start): the mean of their weights.

    It mostly captions better than each of them, at the cost of one. One model alone, with --half, is stored smaller.

    Args:
        models: shipped models' names, model folders, or hub ids
        output: the folder to write; it must not be there
        half: store half precision, half as large
    """
    from captioning.model import CaptionModel
    from shared.average import average as mean

    mean(CaptionModel, models, output, half)


def benchmark(
    images: str = "",
    photos: int = 128,
    model: str = "default",
    beam: int = 3,
    device: str = "auto",
    reference: bool = False,
) -> None:
    """Measure photos a second of each part apart, and of the whole; prints JSON.

    Args:
        images: a folder with photos; without it, photos of noise
        photos: how many of them to caption
        model: a shipped model's name, a model folder, or a hub id
        beam: captions tried side by side; 1 is greedy
        device: auto, cpu, cuda, cuda:1, …
        reference: measure beside it a plain decoder, as it is mostly written, one photo at a time: how many times faster ours
            captions and learns; a minute more
    """
    from captioning.benchmark import benchmark as measure

    measure(images, photos, model=model, device=device, beam=beam, reference=reference)


def export(output: Path, format: Literal["onnx"] = "onnx", model: str = "default") -> None:
    """Write a captioner for other engines than torch, which takes the extra `export`.

    The folder holds the encoder and one step of the decoder apart, a program that runs them by numpy and onnxruntime, and
    a README.md that tells how.

    Args:
        output: the folder to write, new or empty; it appears when it is complete
        format: of the graphs
        model: a shipped model's name, a model folder, or a hub id
    """
    from captioning.export.folder import export_captioner

    difference = export_captioner(model, output)
    print(f"{output}: at most {difference:.0e} off the network; its README.md tells how to run it", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    return run(
        "captioning",
        "Say in a sentence what a photo shows, and train the networks that do.",
        [
            Command(caption, positional=("inputs",), short={"output": "-o"}, stands_for=SEARCH),
            Command(train, presets=Path(__file__).parent / "presets"),
            Command(evaluate, stands_for=SEARCH),
            Command(score, positional=("results", "annotations")),
            Command(average, positional=("models",), short={"output": "-o"}),
            Command(benchmark),
            Command(export, short={"output": "-o"}),
        ],
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
