"""The command `handwriting`. What is imported here must be quick: torch waits until a command is sure to run."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from handwriting.network_commands import average, benchmark, evaluate, prepare, train
from handwriting.recogniser.commands import proofread, read, teach
from handwriting.sheet import Sheet
from handwriting.styles.commands import add, draw, fidelity, rehearse, remove, show
from shared.command import Command, run
from shared.errors import UserError
from shared.files import decode_text, read_text

if TYPE_CHECKING:
    from handwriting.drawing import Stretch
    from handwriting.ink import Ink
    from handwriting.page import Page

PATIENCE = 2.0
"""seconds that a command may take before it shows how far it is"""
SHEET = {
    "page": "sheet.paper",
    "ruled": "sheet.ruling=ruled",
    "squared": "sheet.ruling=squared",
    "landscape": "sheet.orientation=landscape",
    "margin": "sheet.margin",
    "align": "sheet.align",
    "hyphenate": "sheet.hyphenate=true",
}


def write(
    text: str = "",
    file: Path | None = None,
    output: Path | None = None,
    bias: str | float = "0.75",
    seed: int | None = None,
    style: str = "",
    best_of: int = 1,
    colour: str = "#1c2b57",
    pen_width: float = 0.45,
    sheet: Sheet = Sheet(),  # noqa: B008 - frozen
    model: str = "default",
    device: str = "auto",
) -> None:
    """Write a text by hand.

    The same text, bias and seed give the same ink. Long texts are broken into lines; on a sheet (--page a5 --ruled) they flow
    over as many pages as it takes.

    Args:
        text: what to write; - reads it from standard input
        file: a text file in UTF-8 to write instead
        output: a file: .svg, .animated.svg, .png, .gif (the pen writing), .pdf, .xopp (Xournal++), .inkml, .json, or .hpgl and
            .gcode for plotters; without it, SVG goes to standard output
        bias: 0 writes as wildly as people do, 2 very neatly; 0.5/1/2 gives each line of the text its own, and 0.5,2,1 each word of
            a line
        seed: where chance comes from; a new one is drawn, and told, if none is given
        style: whose hand is taken on: the name of a style (`handwriting style list`), a file of ink that has its text, a blend,
            one+other:0.3, or, of a network that knows writers, one of them, writer:37; without it the hand is the seed's own
        best_of: how often each line is drawn, of which the recogniser chooses the one that is easiest to read
        colour: of the ink: #rrggbb or an HTML name
        pen_width: mm
        sheet: what it is written on (short: --page a5, --ruled, --squared, --landscape, --margin 12, --align justify, --hyphenate)
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.formats import check_writable, encode
    from handwriting.manuscript import parse_bias
    from handwriting.page import Pen
    from handwriting.scribe import Scribe
    from handwriting.styles.shelf import load

    pen = Pen(colour, pen_width)
    given = parse_bias(str(bias))
    if output:
        check_writable(output)
    elif sheet != Sheet():
        raise UserError("pages are written into files: give one for them, as in -o letter.pdf")
    content = _read(text, file)
    hand = load(style) if style else None
    scribe = Scribe.from_pretrained(model, device)
    with _progress(len(content)) as watch:
        ink = scribe.write(content, bias=given, seed=seed, style=hand, best_of=best_of, watch=watch)
    _say_what_went_otherwise(ink)
    pages = ink.pages(sheet, pen) if sheet != Sheet() else [ink.page(colour, pen_width)]
    if output:
        _save(pages, output, f" (bias {bias}, seed {ink.seed})")
    else:
        _say(f"bias {bias}, seed {ink.seed}")
        print(encode(pages, ".svg")[0].decode(), end="")


def wander(
    output: Path,
    lines: int = 6,
    points: int = 600,
    bias: float = 0.5,
    seed: int | None = None,
    model: str = "foreseeing",
    device: str = "auto",
) -> None:
    """Let a network that foresees ink write on of its own accord. It looks like handwriting, and says nothing.

    Args:
        output: a file, as for `write`
        lines: how many, one below the other
        points: of each line; people make about 21 for a letter
        bias: 0 writes as wildly as people do, 2 very neatly
        seed: where chance comes from; a new one is drawn, and told, if none is given
        model: a shipped model's name, a model folder, or a hub id
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.drawing import check_seed
    from handwriting.formats import check_writable
    from handwriting.layout import stack
    from handwriting.manuscript import check_bias
    from handwriting.model import Network
    from handwriting.page import Page
    from handwriting.strokes import MM_PER_UNIT, level
    from handwriting.wander import wander as write_on
    from shared.device import pick_device

    check_writable(output)
    check_bias(bias)
    seed = random.randrange(2**31) if seed is None else seed
    check_seed(seed)
    if not (1 <= lines <= 100 and 2 <= points <= 5000):
        raise UserError(f"lines can be 1 to 100 and points 2 to 5,000, got {lines} and {points}")
    network = Network.from_pretrained(model).to(pick_device(device))
    made = [level(line * (MM_PER_UNIT, MM_PER_UNIT, 1.0)) for line in write_on(network, lines, points, bias, seed)]
    _save([Page.around(stack(made))], output, f" (bias {bias:g}, seed {seed})")


def convert(file: Path, output: Path) -> None:
    """Turn a file of ink into another format.

    Args:
        file: ink: .json, .inkml, .xopp or .xoj, or the .xml of a line of IAM-OnDB
        output: a file: .svg, .animated.svg, .png, .gif (the pen writing), .pdf, .xopp (Xournal++), .inkml, .json, or .hpgl and
            .gcode for plotters; several pages become several files where a format holds one
    """
    from handwriting.formats import check_writable, read_ink

    check_writable(output)
    _save(read_ink(file), output)


def main() -> int:
    return run(
        "handwriting",
        "Write any text by hand, and train the networks that do.",
        [
            Command(write, positional=("text",), short={"output": "-o"}, stands_for=SHEET),
            Command(wander, short={"output": "-o"}),
            Command(convert, positional=("file",), short={"output": "-o"}),
            Command(train, presets=Path(__file__).parent / "presets", stands_for={"from": "start"}),
            Command(evaluate),
            Command(average, positional=("models",), short={"output": "-o"}),
            Command(prepare, positional=("source",), short={"output": "-o"}),
            Command(benchmark),
            Command(read, positional=("file",)),
            Command(proofread),
            Command(teach),
            Command(add, positional=("name", "file"), called="style add"),
            Command(show, called="style list"),
            Command(remove, positional=("name",), called="style remove"),
            Command(draw, positional=("folder",), called="style draw"),
            Command(rehearse),
            Command(fidelity),
        ],
    )


def _read(text: str, file: Path | None) -> str:
    if text and file:
        raise UserError("there are two texts to write: give one or a --file, not both")
    if file:
        return read_text(file)
    if text == "-":
        return decode_text(sys.stdin.buffer.read(), "standard input")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"the text is not in UTF-8 (see character {error.start + 1})") from error
    return text


@contextmanager
def _progress(characters: int) -> Iterator[Callable[[Stretch], None]]:
    """Shows on a terminal how many characters are written, if it takes a while."""
    from tqdm import tqdm

    reached: dict[int, int] = {}
    # Without a pace, which what is drawn again would belie; and with a clock that runs on while several draws are chosen from.
    form = "writing {bar} {n_fmt} of {total_fmt} characters, {elapsed}"
    with tqdm(total=characters, bar_format=form, miniters=0, delay=PATIENCE, disable=None, leave=False) as bar:

        def watch(piece: Stretch) -> None:
            here = int(piece.characters.max(initial=-1)) + 1
            reached[piece.line] = max(here, reached.get(piece.line, 0))
            bar.update(min(sum(reached.values()), characters) - bar.n)

        yield watch


def _say_what_went_otherwise(ink: Ink) -> None:
    for character, substitute in ink.replaced.items():
        _say(f"{character!r} cannot be written: " + (f"wrote {substitute!r} instead" if substitute else "left out"))
    for line in ink.flawed:
        _say(f"something is missing or too much in {line.text!r}; another --seed may do better")


def _save(pages: list[Page], output: Path, how: str = "") -> None:
    """Writes the files and tells which, whether pages of something longer lie beside them, and how long a plotter takes."""
    from handwriting.formats import numbered, write_ink

    files = write_ink(pages, output)
    for written in files:
        _say(f"wrote {written}{how}")
    if len(files) > 1 and (older := numbered(output, len(files) + 1)).exists():
        _say(f"{older} was there before: it is no page of this, nor are those after it")
    if output.suffix.lower() in (".hpgl", ".gcode"):
        from handwriting.formats.plotter import plotting

        _say(str(plotting(pages)))


def _say(message: str) -> None:
    print(message, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
