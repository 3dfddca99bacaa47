"""Draws the front page's pictures of handwriting with the shipped models, all or those named:

python docs/pictures.py [bias] [fox] [signs] [styles] [letter] [postcard] [wandering]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from captioning import Captioner
from handwriting import Ink, Scribe
from handwriting.formats import png
from handwriting.layout import LINE_PITCH, stack
from handwriting.model import Network
from handwriting.page import MARGIN, Line, Page, Paper, Pen
from handwriting.sheet import Sheet
from handwriting.strokes import MM_PER_UNIT, Strokes, bounds, level
from handwriting.styles import shelf
from handwriting.wander import wander
from ui.card import Design, make
from ui.scene import draw_scene
from ui.sentences import as_sentence

FOLDER = Path(__file__).parent
WIDTH, COLOURS = 900, 16
"""of a picture: pixels, and shades that it is kept in"""
GREY = Pen("#8a8f9c")
LETTER = """Dear Maria,

thank you for the photographs that you sent me last week. They show the old harbour as it was before the \
storm, and the little boat that my father built when he was young. I shall put them on the wall above my desk, \
where I can see them while I write.

The summer has been warm and dry here. We have had our supper in the garden nearly every evening, and the \
children sleep with their windows open. Next month we hope to go to the sea for a few days.

Please give my love to your mother, and come and see us soon.

With all good wishes,
Anna
"""


def bias(scribe: Scribe) -> Image.Image:
    """One sentence from wild to neat."""
    biases = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
    return column([scribe.write("From wild to neat, by the same hand.", bias=b, seed=5) for b in biases])


def fox(scribe: Scribe) -> Image.Image:
    """One sentence in ten hands."""
    text = "The quick brown fox jumps over the lazy dog."
    return column([scribe.write(text, bias=1.0, seed=seed, best_of=8) for seed in range(10)])


def signs(scribe: Scribe) -> Image.Image:
    """Numbers and signs, which are drawn, among letters, which are written."""
    texts = (
        "Call before 18:45: +49 170 1234567 (room #42).",
        "To: ann.o'neil@example.org, 15% off, $38.50",
        "On 27/11/2026 at 9 a.m. we meet Zoe & Max.",
        "Tea: 3 € or £2.60 → I ♥ it ☺ (at 70 °C)",
        "A ball – of 5 m³ – is 2½ m wide: π ≈ 3 — or ≠?",
        "X + Y < 2 * Z, so {a, b} = [c] ~ 0.5 | d_1 ^ 3",
    )
    return column([scribe.write(text, bias=1.0, seed=seed, best_of=4) for seed, text in enumerate(texts, start=4)])


def styles(scribe: Scribe) -> Image.Image:
    """The shipped styles, what is written in them, and blends of two."""
    text, pitch = "a letter for you, by another hand", 8.5
    names = sorted(file.stem for file in shelf.SHIPPED.glob("*.json"))
    kept = [level(shelf.find(name).prime.strokes * [MM_PER_UNIT, MM_PER_UNIT, 1.0]) for name in names]
    blends = [f"slanted+printed:{share}" for share in (0.25, 0.5, 0.75)]
    inks = [scribe.write(text, style=shelf.load(name), seed=7, best_of=4) for name in (*names, *blends)]
    heights = [MARGIN + 3 + pitch * (row + 0.5 * (row >= len(names))) for row in range(len(inks))]
    grey = [Line(moved(ink, MARGIN, y), pen=GREY) for ink, y in zip(kept, heights, strict=False)]
    beside = max(bounds(line.strokes)[2] for line in grey) + 2 * MARGIN
    blue = [Line(moved(ink.lines[0].strokes, beside, y)) for ink, y in zip(inks, heights, strict=True)]
    right = max(bounds(line.strokes)[2] for line in blue)
    return smaller(Page(Paper(right + MARGIN, heights[-1] + pitch), (*grey, *blue)))


def letter(scribe: Scribe) -> Image.Image:
    """A page: handwriting write --file letter.txt --page a5 --ruled -o letter.png --bias 1 --best-of 8 --seed 3"""
    ink = scribe.write(LETTER, bias=1.0, seed=3, best_of=8)
    (page,) = ink.pages(Sheet(paper="a5", ruling="ruled"), Pen())
    return smaller(page, 760)


def postcard(scribe: Scribe) -> Image.Image:
    """What the shipped captioner sees in the studio's drawing, written below it."""
    photo = Image.open(BytesIO(draw_scene())).convert("RGB")
    caption = as_sentence(Captioner.from_pretrained().caption(photo))
    ink = scribe.write(caption, bias=1.0, seed=4, best_of=4)
    card = png.draw(make(photo, ink, Design(border="deckle", paper="kraft"), caption), 6.0)
    return card.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)


def wandering(_: Scribe) -> Image.Image:
    """What comes of a network that nobody told what to write: handwriting wander -o wander.svg --seed 1"""
    lines = wander(Network.from_pretrained("foreseeing"), lines=6, points=600, bias=0.5, seed=1)
    made = stack([level(line * [MM_PER_UNIT, MM_PER_UNIT, 1.0]) for line in lines])
    return smaller(Page.around(made), 560)


def column(inks: Sequence[Ink]) -> Image.Image:
    """Ink of one line each, one below the other."""
    lines = [Line(moved(ink.lines[0].strokes, MARGIN, row * LINE_PITCH)) for row, ink in enumerate(inks)]
    edges = [bounds(line.strokes) for line in lines]
    top, right, bottom = min(e[1] for e in edges), max(e[2] for e in edges), max(e[3] for e in edges)
    paper = Paper(right + MARGIN, bottom - top + 2 * MARGIN, top=top - MARGIN)
    return smaller(Page(paper, tuple(lines)))


def moved(strokes: Strokes, left: float, down: float) -> Strokes:
    """A line whose ink begins at `left`, and its first point `down`."""
    strokes = strokes.copy()
    strokes[0, :2] += (left - bounds(strokes)[0], down)
    return strokes


def smaller(page: Page, width: int = WIDTH) -> Image.Image:
    picture = png.draw(page)
    size = width, round(picture.height * width / picture.width)
    return picture.resize(size, Image.Resampling.LANCZOS).convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS)


def main(wanted: Sequence[str]) -> None:
    known = {one.__name__: one for one in (bias, fox, signs, styles, letter, postcard, wandering)}
    scribe = Scribe.from_pretrained()
    for name in wanted or known:
        known[name](scribe).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
