"""The page that makes postcards: a photo, and words written by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st
from PIL import Image

from handwriting.formats import encode
from handwriting.page import Pen
from shared.errors import UserError
from ui import card_work, controls, desk, hands, jobs
from ui.border import BORDERS
from ui.card import PAPERS, Cut, Design, Orientation, make
from ui.card_work import Seen
from ui.leaves import Wet
from ui.photos import SUFFIXES, Photo
from ui.scene import draw_scene
from ui.sentences import about_flawed, about_replaced, plain
from ui.settings import UPLOAD_MEGABYTES
from ui.writing import Wish

if TYPE_CHECKING:
    from handwriting import Ink

MOST_CHARACTERS = 400
USUAL_DRAWS = 4
SHOWN_PIXELS = 1000
"""the longer side of the photo on the screen; downloads have all of it"""
SIZES = {"postcard": "Postcard", "a5": "A5", "square": "Square"}
BORDER_NAMES = {
    "white": "White edge",
    "deckle": "Deckle edge",
    "line": "Fine line",
    "rounded": "Rounded",
    "none": "None",
}
CUTS = {"crop": "Fill its place", "whole": "Show all of it"}
WORDS, PROPOSED = "card_words", "card_proposed"
KINDS = {".png": ("PNG", "image/png"), ".pdf": ("PDF", "application/pdf"), ".svg": ("SVG", "image/svg+xml")}


def page() -> None:
    st.title("Postcard", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with right:
        photo = ask_for_photo()
        job = card_work.look(photo)
        job.wait(jobs.AT_ONCE)
        seen = job.result if job.state == "done" else None
        words = ask_for_words(seen)
        design = ask_for_looks()
        with st.expander("In whose hand", icon=":material/draw:"):
            hand = hands.choose("card_")
        with st.expander("More"):
            bias, seed, best_of = controls.neatness("card_"), controls.seed("card_"), ask_for_draws()
    with left:
        if seen is None:
            show_blank(Seen(photo.content) if photo.content is draw_scene() else None, design)
            watch(job, "Looking at the photo…")
            return
        try:
            writing = Wish(words, bias, seed, hand, best_of).start("card words")
        except UserError as error:
            show_blank(seen, design)
            st.error(plain(f"{error}."), icon=":material/error:")
            return
        writing.wait(jobs.AT_ONCE)
        if writing.state == "done":
            show_card(seen, writing.result, design)
            return
        show_blank(seen, design)
        wet = Wet(words, bias)
        watch(writing, "Writing…", lambda job: wet.share(job.pieces))


def watch(job: jobs.Job, label: str, progress: Callable[[jobs.Job], float] | None = None) -> None:
    """Shows how far a job is, and runs the page again when it is done. The card itself stands outside: what is inside is sent
    three times a second, and a card is large."""
    jobs.watch(job, lambda _: None, label=label, progress=progress)
    if job.state == "done":
        st.rerun()


def ask_for_photo() -> Photo:
    file = st.file_uploader("Your photo", SUFFIXES, key="card_photo", max_upload_size=UPLOAD_MEGABYTES)
    if file is not None:
        return Photo(file.name, file.getvalue())
    st.caption("This one is a drawing, to begin with.")
    return Photo("drawing.jpg", draw_scene())


def ask_for_words(seen: Seen | None) -> str:
    """What to write: what the photo shows, until the visitor has words of their own."""
    caption = seen.caption if seen else ""
    if caption:
        mine = st.session_state.get(WORDS, st.query_params.get(WORDS, ""))
        if mine.strip() in ("", st.session_state.get(PROPOSED, "")):
            st.session_state[WORDS] = caption
        st.session_state[PROPOSED] = caption
    words = st.text_area(
        "Your words", key=WORDS, bind="query-params", max_chars=MOST_CHARACTERS, height=100,
        placeholder="" if seen else "Looking at the photo…",
        help="To begin with, what the network sees in the photo. Change them as you like.",
    )  # fmt: skip
    words = (words or "")[:MOST_CHARACTERS]  # a link may carry more than the box would take
    if caption and words.strip() != caption:
        st.button("Say what the photo shows", on_click=_propose, args=(caption,), icon=":material/image_search:")
    return words


def _propose(caption: str) -> None:
    st.session_state[WORDS] = caption


def ask_for_looks() -> Design:
    border = st.segmented_control(
        "Border", BORDERS, default="white", required=True, key="card_border", bind="query-params",
        format_func=lambda name: BORDER_NAMES[name],
    )  # fmt: skip
    paper = st.segmented_control(
        "Paper", list(PAPERS), default="white", required=True, key="card_paper", bind="query-params",
        format_func=str.capitalize,
    )  # fmt: skip
    ink = controls.ink("card_")
    with st.expander("Size and photo"):
        size = st.segmented_control(
            "Size", list(SIZES), default="postcard", required=True, key="card_page", bind="query-params",
            format_func=lambda name: SIZES[name],
        )  # fmt: skip
        orientation = st.segmented_control(
            "Orientation", get_args(Orientation), default="landscape", required=True, key="card_orientation",
            bind="query-params", format_func=str.capitalize,
        )  # fmt: skip
        cut = st.segmented_control(
            "Photo", get_args(Cut), default="crop", required=True, key="card_cut", bind="query-params",
            format_func=lambda name: CUTS[name],
        )  # fmt: skip
    return Design(size, orientation, paper, border, cut, Pen(ink.colour, ink.width))


def ask_for_draws() -> int:
    """A card has few words, and they should be read with ease."""
    return st.slider(
        "Best of", 1, controls.MOST_DRAWS, USUAL_DRAWS, key="card_best_of", bind="query-params",
        help="How often each line is drawn, of which the one is taken that is easiest to read.",
    )  # fmt: skip


def show_blank(seen: Seen | None, design: Design) -> None:
    """The card without words."""
    if seen:
        desk.show(laid(seen, None, design))
    else:
        st.skeleton(height=420)


def show_card(seen: Seen, ink: Ink, design: Design) -> None:
    try:
        desk.show(laid(seen, ink, design))
    except UserError as error:
        st.error(plain(f"{error}."), icon=":material/error:")
        return
    for sentence in filter(None, (about_replaced(ink.replaced), about_flawed(line.text for line in ink.flawed))):
        st.info(plain(sentence), icon=":material/info:")
    with st.container(horizontal=True):
        for ending, (label, kind) in KINDS.items():
            st.download_button(
                label, partial(download, seen, ink, design, ending), f"postcard{ending}", kind, key=f"card{ending}",
                on_click="ignore", icon=":material/download:",
            )  # fmt: skip


def laid(seen: Seen, ink: Ink | None, design: Design) -> dict[str, Any]:
    """The card as it lies on the desk; the last one is kept, for clicks that do not change it."""
    before = st.session_state.get("card laid")
    if before and before[0] is ink and before[1] == (seen, design):
        return before[2]
    words = f"{ink.seed} {ink.bias} {ink.text}" if ink else ""
    found = desk.lay(make(opened(seen, SHOWN_PIXELS), ink, design, seen.caption), words)
    st.session_state["card laid"] = ink, (seen, design), found
    return found


def download(seen: Seen, ink: Ink, design: Design, ending: str) -> bytes:
    """The file of a card, made when somebody asks for it."""
    card = make(opened(seen, card_work.PRINTED_PIXELS), ink, design, seen.caption)
    return encode(card, ending)[0]


def opened(seen: Seen, pixels: int) -> Image.Image:
    """The photo, its longer side of so many pixels at most."""
    with Image.open(BytesIO(seen.photo)) as photo:
        photo.draft("RGB", (pixels, pixels))
        photo.thumbnail((pixels, pixels))
        return photo.convert("RGB")


page()
