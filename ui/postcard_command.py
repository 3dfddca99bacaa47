"""The command `studio postcard`: both halves in one. What is imported here must be quick: torch waits until it is needed."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from captioning.config import SearchConfig
from shared.command import Command, run
from shared.errors import UserError
from ui.border import Border
from ui.card import Cut, Design, Orientation, make
from ui.sentences import about_flawed, about_replaced, as_sentence

if TYPE_CHECKING:
    from handwriting import Ink

PICTURED = (".svg", ".png", ".gif", ".pdf")
"""endings of formats that can show a photo; .animated.svg among them"""
SEARCH = {"beam": "search.beam", "maximum-words": "search.maximum_words"}
SEEDS = 2**31


def postcard(
    photos: list[str],
    output: Path,
    text: str = "",
    bias: str = "0.75",
    seed: int | None = None,
    style: str = "",
    best_of: int = 4,
    colour: str = "#1c2b57",
    pen_width: float = 0.45,
    page: str = "postcard",
    orientation: Orientation = "landscape",
    paper: str = "white",
    border: Border = "white",
    cut: Cut = "crop",
    alt: str = "",
    scribe: str = "default",
    captioner: str = "default",
    search: SearchConfig = SearchConfig(),  # noqa: B008 - frozen
    device: str = "auto",
) -> int:
    """Make a card of a photo, with its caption or your own words written by hand.

    Several photos make several cards: the pages of one .pdf, or card-1.png, card-2.png, … A photo that cannot be read is told, the
    others are made, and the exit status is 1.

    Args:
        photos: photo files
        output: a file: .pdf, .png, .svg, .animated.svg or .gif (the pen writing); the other formats of `handwriting write` hold
            the ink alone
        text: what to write on each card; without it, what a captioner sees in the photo
        bias: 0 writes as wildly as people do, 2 very neatly; 0.5/1/2 gives each line of the text its own, and 0.5,2,1 each word of
            a line
        seed: where chance comes from; a new one is drawn, and told, if none is given
        style: whose hand is taken on: the name of a style (`handwriting style list`), a file of ink that has its text, or a blend,
            one+other:0.3; without it the hand is the seed's own
        best_of: how often each line is drawn, of which the recogniser chooses the one that is easiest to read
        colour: of the ink: #rrggbb or an HTML name
        pen_width: mm; less where the writing is small
        page: size of the card: postcard, a6, a5, square, or WIDTHxHEIGHT in mm
        orientation: of the card (short: --portrait)
        paper: its colour: white, cream, rose, sky, mint, kraft, #rrggbb or an HTML name
        border: round the photo; with none it runs to the edges of the card
        cut: whether a part of the photo may be cut off for its place, a fifth at most where it has a border
        alt: what the photo shows, for those who do not see it; without it, what a captioner sees
        scribe: what writes: a shipped model's name, a model folder, or a hub id
        captioner: what describes photos, named likewise
        search: how captions are looked for (--beam is short for --search.beam)
        device: auto, cpu, cuda, cuda:1, …
    """
    from handwriting.formats import check_writable, write_ink
    from handwriting.manuscript import parse_bias
    from handwriting.page import Pen
    from handwriting.styles.shelf import load

    design = Design(page, orientation, paper, border, cut, Pen(colour, pen_width))
    given, hand = parse_bias(bias), load(style) if style else None
    check_writable(output)
    from captioning.captioner import Captioner
    from captioning.photos import PhotoError, open_photo
    from handwriting.scribe import Scribe

    writer = Scribe.from_pretrained(scribe, device)
    looker = None if text and alt else Captioner.from_pretrained(captioner, device)
    seed = random.randrange(SEEDS) if seed is None else seed
    inks: dict[str, Ink] = {}
    cards = []
    for name in photos:
        try:
            photo = open_photo(Path(name))
        except PhotoError as error:
            print(f"error: {name}: {error}", file=sys.stderr)
            continue
        seen = as_sentence(looker.describe(photo, search)[0].text) if looker else alt
        words = text or seen
        if words not in inks:
            inks[words] = writer.write(words, bias=given, seed=seed, style=hand, best_of=best_of)
            _say_what_went_otherwise(inks[words])
        _say(f"{name}: {seen}")
        cards.append(make(photo, inks[words], design, alt or seen))
    if not cards:
        raise UserError("there is no card to make: none of the photos can be read")
    for written in write_ink(cards, output):
        _say(f"wrote {written} (bias {bias}, seed {seed})")
    if output.suffix.lower() not in PICTURED:
        _say(f"{output.suffix} holds ink alone: the photo is left out")
    return int(len(cards) < len(photos))


def main(arguments: Sequence[str] | None = None) -> int:
    command = Command(
        postcard,
        positional=("photos",),
        short={"output": "-o"},
        stands_for={**SEARCH, "portrait": "orientation=portrait"},
    )
    return run("studio", "Caption photos and write by hand.", [command], arguments)


def _say_what_went_otherwise(ink: Ink) -> None:
    for sentence in (about_replaced(ink.replaced), about_flawed(line.text for line in ink.flawed)):
        if sentence:
            _say(sentence)


def _say(message: str) -> None:
    print(message, file=sys.stderr)
