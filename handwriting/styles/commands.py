"""The commands of styles. What is imported here must be quick: torch waits until a command is sure to run."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def add(name: str, file: Path, text: str = "", replace: bool = False) -> None:
    """Keep a hand under a name, from a line of its writing.

    `handwriting write --style NAME` then writes in it. The text must be what the ink says, or lines in the hand would begin with
    what is left of it; ink that looks like something else is told. Its own folder is ~/.local/share/show-and-scribe/styles, or what
    $HANDWRITING_STYLES names.

    Args:
        name: small letters, digits, - and _
        file: ink: .json, .inkml, .xopp or .xoj (Xournal++), or the .xml of a line of IAM-OnDB; of several lines the longest is
            taken
        text: what it says, letter for letter; by default what the file says that it says, or a .txt of the same name beside it
        replace: whether it may take the place of a style of that name
    """
    from handwriting.recogniser.reader import Reader
    from handwriting.styles import shelf
    from handwriting.styles.doubt import misread

    style = shelf.from_ink(file, text, name)
    kept = shelf.add(name, style, replace)
    print(f"kept {name} in {kept}: {style.prime.text!r}", file=sys.stderr)
    read = misread(style, Reader.from_pretrained(device="cpu"))
    if read is not None:
        like = f"like {read!r}" if read else "like nothing that can be read"
        print(
            f"it looks more {like}: if it says something else, add it again with that --text and --replace",
            file=sys.stderr,
        )


def show() -> None:
    """List all styles: name, where it comes from, and what its line says."""
    from handwriting.styles import shelf
    from shared.errors import UserError

    for name in shelf.names():
        try:
            style = shelf.find(name)
            print(f"{name}\t{style.origin}\t{style.text}")
        except UserError as error:
            print(f"{name}\t{error}", file=sys.stderr)


def remove(name: str) -> None:
    """Forget one of your styles.

    Args:
        name: of a style that was added
    """
    from handwriting.styles import shelf

    print(f"removed {shelf.remove(name)}", file=sys.stderr)


def draw(
    folder: Path,
    text: str = "no two hands ever write alike",
    count: int = 12,
    candidates: int = 320,
    bias: float = 0.75,
    seed: int = 0,
    terms: str = "those of the network that drew it",
    model: str = "default",
    reader: str = "reader",
    device: str = "auto",
) -> None:
    """Let a network make up hands, and keep those that differ most as styles: how the shipped ones came to be.

    It writes a text many times, in hands that it imagines, and slants and stretches what it wrote. A line is fit if every character
    is there, the recogniser finds it easy to read, and in its hand two more lines turn out well. Names say what is special.

    Args:
        folder: where the files of the styles are written
        text: what they say
        count: styles wanted
        candidates: lines to choose from
        bias: 0 writes as wildly as people do, 2 very neatly
        seed: where chance comes from
        terms: what the files say about how they may be used
        model: a shipped model's name, a model folder, or a hub id
        reader: a shipped recogniser's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from dataclasses import replace

    from handwriting.recogniser.reader import Reader
    from handwriting.scribe import Scribe
    from handwriting.styles.draw import draw as make_up
    from shared.errors import UserError
    from shared.files import check_place, write_whole

    check_place(folder / "a.json")
    network, judge = Scribe.from_pretrained(model, device).network, Reader.from_pretrained(reader, device)
    styles = make_up(network, judge, text, count, candidates, bias, seed)
    for style in styles:
        kept = replace(style, origin=f"drawn by the network {Path(model).name}: {style.origin}", terms=terms)
        write_whole(folder / f"{style.name}.json", kept.encode())
        print(f"{style.name}\t{kept.origin}")
    if len(styles) < count:
        raise UserError(f"only {len(styles)} lines were fit; ask for more --candidates")


def rehearse(
    data: Path,
    out: Path,
    model: str,
    split: int = 2,
    tried: int = 960,
    bias: float = 0.75,
    seed: int = 0,
    reader: str = "reader",
    device: str = "auto",
) -> None:
    """Let a network that is told of hands try many, and keep those that it writes well; prints JSON.

    What it writes without a style is then in a hand between two of them.

    Args:
        data: a file that `handwriting prepare` wrote
        out: where the model is written, with the hands
        model: a model folder, a shipped model's name, or a hub id
        split: of whose texts some are written, besides lines with every letter; one that the network learnt from
        tried: hands that are tried
        bias: 0 writes as wildly as people do, 2 very neatly
        seed: where chance comes from
        reader: a shipped recogniser's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.data import load_lines
    from handwriting.model import SynthesisNetwork
    from handwriting.recogniser.reader import Reader
    from handwriting.rehearsal import rehearse as run
    from shared.device import pick_device
    from shared.files import check_place

    check_place(out)
    lines = load_lines(data)
    texts = [lines.texts[line] for line in lines.of([split])]
    network = SynthesisNetwork.from_pretrained(model).to(pick_device(device))
    shares = run(network, Reader.from_pretrained(reader, device), texts, tried, bias, seed)
    network.save_pretrained(out, half=True)
    print(json.dumps({"model": str(out), "tried": tried, "good_in_each_line_so_far": shares}))


def fidelity(
    data: Path,
    split: int = 1,
    each: int = 3,
    lean: float = 0.0,
    bias: float = 0.75,
    seed: int = 0,
    model: str = "default",
    device: str = "auto",
) -> None:
    """Measure how far what is written in a style resembles it; prints JSON.

    Writes a line after each of some lines of a split's writers, and tells how often the other lines of that writer are the nearest
    among those of all the split's writers ("found"), in features of the ink; also for lines without a style, for real ones, and for
    ink to which its slant and width were not given back ("unmended"). "whole" is the share of lines on which nothing is missing.

    Args:
        data: a file that `handwriting prepare` wrote, with writers
        split: of whose writers; 1 is the only one of which the shipped network knows no hand
        each: how many lines of each writer
        lean: only lines that lean to the right by this at least, over a height of 1 (0.3 is much); 0 takes any
        bias: 0 writes as wildly as people do, 2 very neatly
        seed: where chance comes from
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.data import load_lines
    from handwriting.model import SynthesisNetwork
    from handwriting.styles.fidelity import fidelity as measure
    from shared.device import pick_device

    network = SynthesisNetwork.from_pretrained(model).to(pick_device(device))
    report = measure(network, load_lines(data), split, each=each, lean=lean, bias=bias, seed=seed)
    print(json.dumps({"model": model, **report}, indent=2))
