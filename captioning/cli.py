"""The `captioning` command. Each verb imports what it needs when it runs: help and usage errors wait for no torch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from captioning.config import LessonConfig, ModelConfig
from shared.config import TrainingConfig
from shared.errors import UserError, run_command

FORMATS = ("text", "jsonl", "csv", "coco")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit status is 0 done, 1 some inputs failed, 2 wrong usage, 130 interrupted."""
    chosen = _parser().parse_args(list(sys.argv[1:] if arguments is None else arguments))
    run = {"caption": _caption, "train": _train, "evaluate": _evaluate, "benchmark": _benchmark}[chosen.verb]
    return run_command(lambda: run(chosen[chosen.verb]))


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="captioning", description="Says in a sentence what a photo shows.")
    verbs = parser.add_subcommands(dest="verb", title="verbs", metavar="VERB")
    verbs.add_subcommand("caption", _caption_parser(), help="caption photos, folders, lists")
    verbs.add_subcommand("train", _train_parser(), help="train a captioner on your own photos and captions")
    verbs.add_subcommand(
        "evaluate", _evaluate_parser(), help="BLEU, ROUGE-L and CIDEr of a captioner on captioned photos"
    )
    verbs.add_subcommand("benchmark", _benchmark_parser(), help="photos a second on this machine")
    return parser


def _caption_parser() -> ArgumentParser:
    parser = ArgumentParser(description="Captions photos. One that cannot be read gives a record with the reason.")
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="photos, folders, patterns, a COCO JSON, or - for a list on standard input",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how captions are written (default: text)")
    parser.add_argument(
        "--images", default="", metavar="DIR", help="where the photos of a COCO JSON lie (default: beside it)"
    )
    _add_model(parser)
    parser.add_argument(
        "--maximum-words", type=int, default=24, metavar="N", help="words in a caption, at most (default: 24)"
    )
    return parser


def _train_parser() -> ArgumentParser:
    parser = ArgumentParser(description="Trains a captioner; the best model is RUN/best.")
    parser.add_argument("--config", action="config", help="a YAML file with any of these settings")
    _add_data(parser)
    parser.add_argument("--out", required=True, metavar="RUN", help="the folder of the run")
    parser.add_argument("--encoder", metavar="NAME", help="torchvision network that sees (default: densenet121)")
    parser.add_argument(
        "--encoder-weights", default="DEFAULT", metavar="FILE",
        help="a state dict (.pth, .safetensors), the name of torchvision weights to download, or none (default: DEFAULT)",
    )  # fmt: skip
    parser.add_argument(
        "--cache", default="", metavar="DIR", help="where the encoder's features are kept (default: RUN/cache)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run that is in RUN")
    parser.add_class_arguments(ModelConfig, "model")
    parser.add_class_arguments(LessonConfig, "lesson")
    parser.add_class_arguments(TrainingConfig, "training")
    return parser


def _evaluate_parser() -> ArgumentParser:
    parser = ArgumentParser(description="Scores a captioner on captioned photos; prints JSON.")
    _add_data(parser)
    parser.add_argument(
        "--split", default="val", metavar="NAME", help="which photos: val, test or train (default: val)"
    )
    _add_model(parser)
    return parser


def _benchmark_parser() -> ArgumentParser:
    parser = ArgumentParser(description="Measures photos a second of each part apart and of the whole; prints JSON.")
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="photos or folders (default: photos of noise)")
    parser.add_argument("--photos", type=int, default=128, metavar="N", help="how many photos (default: 128)")
    _add_model(parser)
    return parser


def _add_data(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--data", required=True, metavar="FILE", help="COCO or Karpathy JSON, or Flickr8k's captions.txt"
    )
    parser.add_argument("--images", required=True, metavar="DIR", help="the folder with the photos")


def _add_model(parser: ArgumentParser) -> None:
    parser.add_argument("--model", default="default", metavar="M", help="a shipped model's name, a folder, or a hub id")
    parser.add_argument(
        "--beam", type=int, default=3, metavar="K", help="captions tried side by side; 1 is greedy (default: 3)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, … (default: auto)")


def _caption(chosen: Namespace) -> int:
    from captioning.batch import caption_files

    return caption_files(
        chosen.inputs, chosen.output, chosen.format, images=chosen.images, model=chosen.model, device=chosen.device,
        beam=chosen.beam, maximum_words=chosen.maximum_words,
    )  # fmt: skip


def _train(chosen: Namespace) -> None:
    from captioning.train import train

    settings = chosen.model.as_dict()
    if chosen.encoder:
        settings["encoder"] = chosen.encoder
    try:
        model = ModelConfig(**settings)
        lesson = LessonConfig(**chosen.lesson.as_dict())
        training = TrainingConfig(**chosen.training.as_dict())
    except ValueError as error:
        raise UserError(str(error)) from error
    train(
        chosen.data,
        chosen.images,
        Path(chosen.out),
        model,
        lesson,
        training,
        encoder_weights=chosen.encoder_weights,
        cache=chosen.cache,
        resume=chosen.resume,
    )


def _evaluate(chosen: Namespace) -> None:
    from captioning.evaluate import evaluate

    evaluate(chosen.data, chosen.images, chosen.split, model=chosen.model, device=chosen.device, beam=chosen.beam)


def _benchmark(chosen: Namespace) -> None:
    from captioning.benchmark import benchmark

    benchmark(chosen.inputs, chosen.photos, model=chosen.model, device=chosen.device, beam=chosen.beam)


if __name__ == "__main__":
    sys.exit(main())
