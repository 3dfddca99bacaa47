"""The page that says what is in a photo."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import streamlit as st

from shared.errors import UserError
from ui import gaze, models
from ui.scene import draw_scene
from ui.sentences import as_sentence, plain
from ui.settings import UPLOAD_MEGABYTES

if TYPE_CHECKING:
    from captioning import Caption

FORMATS = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]


def page() -> None:
    st.title("Describe a photo", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with right:
        name, photo = ask_for_photo()
        beam = ask_for_beam()
    with left:
        try:
            with st.spinner("Looking…"):
                described = models.describe(photo, beam)
        except UserError as error:
            st.error(plain(f"{error}."), icon=":material/error:")
            return
    with right:
        caption = choose(described.captions)
        offer_downloads(name, caption, described.captions)
    with left:
        st.header(plain(as_sentence(caption.text)), anchor=False)
        gaze.show(described.photo, caption)


def ask_for_photo() -> tuple[str, bytes]:
    """The name and the bytes of the visitor's photo; of a drawing of ours while there is none."""
    source = st.segmented_control("Photo from", ["File", "Camera"], default="File", required=True, key="source")
    if source == "Camera":
        photo = st.camera_input("Take a photo", key="camera")
    else:
        photo = st.file_uploader("Your photo", FORMATS, key="photo", max_upload_size=UPLOAD_MEGABYTES)
    if photo is not None:
        return photo.name, photo.getvalue()
    st.caption(
        "This picture is a drawing, to begin with. Photos are looked at where the studio runs and sent nowhere else."
    )
    return "drawing.jpg", draw_scene()


def ask_for_beam() -> int:
    with st.expander("More"):
        return st.slider(
            "Sentences tried side by side", 1, 10, 3, key="beam", bind="query-params",
            help="The width of the beam search. 1 takes the likeliest word each time.",
        )  # fmt: skip


def choose(captions: list[Caption]) -> Caption:
    """The caption to look at: the best, unless the visitor takes another."""
    if len(captions) == 1:
        return captions[0]
    rank = st.radio(
        "Ways to say it",
        range(len(captions)),
        format_func=lambda rank: plain(as_sentence(captions[rank].text)),
        captions=[f"log-probability {plain(f'{caption.log_prob:.1f}'.replace('-', '−'))}" for caption in captions],
    )
    return captions[rank]


def offer_downloads(name: str, caption: Caption, captions: list[Caption]) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Text", as_sentence(caption.text) + "\n", "caption.txt", "text/plain",
            key="text", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "JSON", json.dumps({"photo": name, "captions": [record(c) for c in captions]}, indent=2), "caption.json",
            "application/json", key="json", on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def record(caption: Caption) -> dict[str, object]:
    return {
        "caption": caption.text,
        "log_prob": caption.log_prob,
        "words": [
            {"word": word, "probability": math.exp(log_prob)}
            for word, log_prob in zip(caption.words, caption.word_log_probs[:-1], strict=True)
        ],
    }


page()
