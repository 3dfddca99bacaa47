"""The page that says what is in photos."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from shared.errors import UserError
from ui import album, describing, gaze, jobs, models, paste, wordings
from ui.photos import SUFFIXES, Photo, as_url, within_limits
from ui.scene import draw_scene
from ui.search_controls import ask_for_search
from ui.sentences import as_sentence, plain
from ui.settings import UPLOAD_MEGABYTES

if TYPE_CHECKING:
    from captioning import Caption
    from captioning.config import SearchConfig
    from ui.describing import Cards, Look

CHOSEN = "chosen photo"


def page() -> None:
    st.title("Describe a photo", anchor=False)
    photos = ask_for_photos()
    answer = st.container()
    try:
        with st.expander("More"):
            model = ask_for_model()
            search = ask_for_search()
        with answer:
            if len(photos) < 2:
                show_one(photos[0] if photos else drawing(), search, model)
            else:
                show_many(photos, search, model)
    except UserError as error:
        answer.error(plain(f"{error}."), icon=":material/error:")


def ask_for_photos() -> list[Photo]:
    """The visitor's photos, none to begin with."""
    files = st.file_uploader(
        "Your photos", SUFFIXES, accept_multiple_files=True, key="photos", max_upload_size=UPLOAD_MEGABYTES
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        paste.listen("photos")
        camera = st.toggle("Take one with the camera", key="camera on")
    if camera and (shot := st.camera_input("Camera", key="camera")):
        files = [*files, shot]
    # By the uploads' own numbers, so that their bytes are gone through only once.
    before: dict[str, Photo] = st.session_state.get("opened", {})
    opened = {file.file_id: before.get(file.file_id) or Photo(file.name, file.getvalue()) for file in files}
    st.session_state.opened = opened
    photos, left_out = within_limits(list(opened.values()))
    if left_out:
        st.info(plain(left_out), icon=":material/info:")
    return photos


def ask_for_model() -> str:
    names = models.captioner_names()
    if len(names) == 1:
        return names[0]
    return st.selectbox(
        "Model", names, key="captioner", bind="query-params", help="Which network describes the photos."
    )


@cache
def drawing() -> Photo:
    """Something to look at while there is no photo."""
    return Photo("drawing.jpg", draw_scene())


def show_one(photo: Photo, search: SearchConfig, model: str) -> None:
    meanwhile = ("", "")
    if photo is drawing():
        st.caption("This picture is a drawing, to begin with.")
        meanwhile = (as_url(photo.content), "")
    look_closely(photo, search, model, meanwhile, alone=True)


def show_many(photos: list[Photo], search: SearchConfig, model: str) -> None:
    known = known_cards(photos, search, model)
    usable = [photo for photo in photos if photo.key not in known or not known[photo.key].record.error]
    chosen = next((photo for photo in usable if photo.key == st.session_state.get(CHOSEN)), (usable or photos)[0])
    small = shown(chosen, known)
    look_closely(chosen, search, model, (small.picture, small.sentence), alone=False)
    st.subheader(f"All {len(photos)} photos", anchor=False)

    def show(job: jobs.Job[int, Cards]) -> None:
        if job.state == "done":
            known.update(job.result)
        clicked = album.show([shown(photo, known) for photo in photos], chosen.key)
        if clicked and clicked != chosen.key:
            st.session_state[CHOSEN] = clicked
            st.rerun()
        there = [photo for photo in photos if photo.key in known]
        if job.over and there:
            records = [known[photo.key].record for photo in there]
            st.caption("Captions can be changed in the table before they are saved.")
            wordings.ask_for_wordings(there, records)
            wordings.offer_downloads([wordings.wanted(*pair) for pair in zip(there, records, strict=True)])

    jobs.watch(
        describing.describe_all(photos, search, model, known), show,
        label=f"Describing {len(photos)} photos…", progress=lambda job: len(known) / len(photos),
    )  # fmt: skip


def known_cards(photos: list[Photo], search: SearchConfig, model: str) -> Cards:
    """What this visitor knows of their photos by this search; of others it is forgotten."""
    asked, known = st.session_state.get("cards", (None, {}))
    if asked != (model, search):
        known = {}
    keys = {photo.key for photo in photos}
    for key in set(known) - keys:
        del known[key]
    st.session_state.cards = (model, search), known
    return known


def shown(photo: Photo, known: Cards) -> album.Shown:
    if photo.key not in known:
        return album.Shown(photo.key, photo.short_name)
    thumbnail, record = known[photo.key]
    return album.Shown(photo.key, photo.short_name, wordings.sentence(photo, record), record.error, thumbnail)


def look_closely(
    photo: Photo, search: SearchConfig, model: str, meanwhile: tuple[str, str] = ("", ""), *, alone: bool
) -> None:
    """One photo, its sentence and how that came about; with its downloads if it is alone.

    Args:
        photo: which.
        search: how.
        model: by what.
        meanwhile: a picture and a sentence to show until it has been looked at.
        alone: whether it is the only one.
    """

    def show(job: jobs.Job[Look, Look]) -> None:
        if not job.pieces and not job.over:
            gaze.wait(*meanwhile)
            return
        look = job.result if job.state == "done" else job.pieces[-1]
        seen = st.container()
        rank = 0
        if job.over:
            left, right = st.columns(2, gap="large")
            with left:
                rank = choose(photo, look)
            with right:
                wordings.ask_for_wording(photo, look.record)
                if alone:
                    wordings.offer_downloads([wordings.wanted(photo, look.record)])
        with seen:
            wording = wordings.wanted(photo, look.record).caption
            own_words = "" if wording == look.captions[rank].text else wording
            alternatives = look.alternatives[rank] if rank < len(look.alternatives) else ()
            gaze.show(look.picture, look.captions[rank], alternatives, own_words)

    jobs.watch(describing.look(photo, search, model), show, label="Looking…")


def choose(photo: Photo, look: Look) -> int:
    """The place of the caption to look at: the first, unless the visitor takes another."""
    captions = look.captions
    if len(captions) == 1:
        return 0
    key = f"rank {photo.key[:32]} {hash(tuple(caption.text for caption in captions))}"
    wanted = wordings.wanted(photo, look.record).caption
    return st.radio(
        "Ways to say it",
        range(len(captions)),
        next((rank for rank, caption in enumerate(captions) if caption.text == wanted), 0),
        key=key,
        on_change=lambda: wordings.reword(photo, look.record, captions[st.session_state[key]].text),
        format_func=lambda rank: plain(as_sentence(captions[rank].text)),
        captions=[f"{100 * mean_chance(caption):.0f} % a word, on average" for caption in captions],
    )


def mean_chance(caption: Caption) -> float:
    """The probability of a word, its geometric mean over the caption and its end."""
    return math.exp(caption.log_prob / len(caption.word_log_probs))


page()
