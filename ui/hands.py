"""In whose hand: those on the shelf, the visitor's own, and what lies between two of them.

A choice is spelled as `handwriting write --style` spells it, `one` or `one+other:0.3`, and stands so in the address bar.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from handwriting.strokes import MM_PER_UNIT, join, split
from handwriting.styles import shelf
from shared.errors import UserError
from ui import gallery, new_hand, samples
from ui.gallery import Thumbnail
from ui.sentences import plain

if TYPE_CHECKING:
    from handwriting.model import SynthesisNetwork
    from handwriting.prime import Hand, Opening
    from handwriting.shape import Shape

PENS_OWN = Thumbnail("", "The pen’s own", [])
USUAL_SHARE = 0.5


class Chosen(NamedTuple):
    """The hand to write in."""

    name: str
    """all that tells it from other hands: for questions to `jobs`. "" is the pen's own."""
    hand: Hand | None


class Choice(NamedTuple):
    """What was chosen: a hand, and perhaps another one that has a share in it."""

    one: str = ""
    other: str = ""
    share: float = USUAL_SHARE

    @classmethod
    def read(cls, spelled: str) -> Choice:
        """Raises ValueError for what is none."""
        one, _, rest = spelled.partition("+")
        other, colon, share = rest.partition(":")
        found = cls(one, other, float(share) if colon else USUAL_SHARE)
        if not 0 <= found.share <= 1:
            raise ValueError(f"a share is from 0 to 1, got {share}")
        return found

    def spell(self) -> str:
        return f"{self.one}+{self.other}:{self.share:g}" if self.other else self.one


class Later:
    """A hand that is made when it is first written in: a page need not wait for torch."""

    def __init__(self, make: Callable[[], Hand]) -> None:
        self._make = make
        self._made: Hand | None = None

    @property
    def _hand(self) -> Hand:
        self._made = self._made or self._make()
        return self._made

    @property
    def name(self) -> str:
        """What ink remembers of it."""
        return str(getattr(self._hand, "name", ""))

    @property
    def shape(self) -> Shape:
        return self._hand.shape

    def opening(self, network: SynthesisNetwork) -> Opening:
        return self._hand.opening(network)


def choose(prefix: str = "") -> Chosen:
    """Asks for a hand: the pen's own, a style, one of the visitor's, or a mixture.

    Args:
        prefix: of the keys, and of the name in the address bar.
    """
    known = {hand.name: hand for hand in _known()}
    choice = _chosen(prefix, known)
    gallery.show([PENS_OWN, *known.values()], choice.one, "Hand", f"{prefix}hands", partial(_take, prefix))
    if said := st.session_state.get(f"{prefix}hand_said"):
        st.info(plain(said), icon=":material/info:")
    with st.container(horizontal=True):
        new_hand.ask(prefix, partial(_take, prefix))
        _mix(prefix, choice, known)
        own = samples.mine().get(choice.one)
        if own:
            _offer(own, prefix)
    if own and own.doubt:
        st.caption(plain(own.doubt))
    return Chosen(_question(choice), _hand(choice))


def _known() -> list[Thumbnail]:
    """The visitor's hands first: they took the trouble."""
    own = [_of_sample(sample) for sample in samples.mine().values()]
    return [*own, *(shown for name in shelf.names() if (shown := _on_shelf(name, _stamp(name))))]


def _chosen(prefix: str, known: dict[str, Thumbnail]) -> Choice:
    """What is chosen: what the address bar says when it says something new, else what was."""
    key = f"{prefix}style"
    linked = st.query_params.get(key, "")
    if linked and linked != st.session_state.get(f"{key}_shown"):
        st.session_state[key] = linked[:200]
        st.session_state.pop(f"{prefix}hand_said", None)
    try:
        choice = Choice.read(st.session_state.get(key, ""))
    except ValueError:
        choice = Choice(st.session_state[key])
    missing = next((name for name in (choice.one, choice.other) if name and name not in known), "")
    if missing or (choice.other and not choice.one):
        st.session_state[f"{prefix}hand_said"] = _about_missing(missing or choice.spell())
        choice = Choice()
    if choice.one == choice.other:
        choice = Choice(choice.one)
    st.session_state[key] = spelled = choice.spell()
    if spelled:
        st.query_params[key] = spelled
    elif key in st.query_params:
        del st.query_params[key]
    st.session_state[f"{key}_shown"] = spelled
    return choice


def _about_missing(name: str) -> str:
    if name.startswith(samples.MARK):
        return "The hand of this link is somebody’s own and stays with them; this is the pen’s own instead."
    return f"There is no hand “{name[:40]}” here; this is the pen’s own instead."


def _take(prefix: str, spelled: str) -> None:
    """Chooses a hand. What was said of the one before is said no more."""
    st.session_state[f"{prefix}style"] = spelled
    st.session_state.pop(f"{prefix}hand_said", None)


def _mix(prefix: str, choice: Choice, known: dict[str, Thumbnail]) -> None:
    """Asks for a second hand and its share."""
    other, share = f"{prefix}mixed_with", f"{prefix}share"
    st.session_state[other] = choice.other
    st.session_state[share] = round(100 * choice.share)

    def take() -> None:
        mixed = choice._replace(other=st.session_state[other], share=st.session_state.get(share, 50) / 100)
        _take(prefix, mixed.spell())

    with st.popover(
        "Mix", icon=":material/blender:", disabled=not choice.one, help="Mix the chosen hand with another."
    ):
        titles = {name: hand.title for name, hand in known.items() if name != choice.one}
        st.selectbox(
            "Mix it with",
            ["", *titles],
            key=other,
            on_change=take,
            format_func=lambda name: titles.get(name, "Nothing"),
        )
        if choice.other:
            st.slider("Share of the second hand", 0, 100, step=5, key=share, on_change=take, format="%d %%")


def _offer(sample: samples.Sample, prefix: str) -> None:
    """What can be done with a hand of one's own."""
    st.download_button(
        "Save", sample.style.encode, f"{samples.file_name(sample.title)}.json", "application/json", key=f"{prefix}save_hand",
        on_click="ignore", icon=":material/download:",
        help="Saves this hand as a file. “From a file” takes it again, and so does `handwriting style add`.",
    )  # fmt: skip
    st.button(
        "Forget", key=f"{prefix}forget_hand", on_click=_forget, args=(prefix, sample.name), icon=":material/delete:",
        help="Removes this hand of yours; nothing of it remains here.",
    )  # fmt: skip


def _forget(prefix: str, name: str) -> None:
    samples.forget(name)
    _take(prefix, "")


def _question(choice: Choice) -> str:
    """A style of the user's may be another one tomorrow, under the same name."""
    stamps = [_stamp(name) for name in (choice.one, choice.other)]
    return " ".join(filter(None, (choice.spell(), *stamps)))


def _hand(choice: Choice) -> Hand | None:
    if not choice.one:
        return None

    def make() -> Hand:
        from handwriting.styles.style import Blend

        one, other = (
            own[name].style if name in own else shelf.find(name) for name in (choice.one, choice.other or choice.one)
        )
        return Blend(one, other, choice.share) if choice.other else one

    own = dict(samples.mine())
    return Later(make)


def _stamp(name: str) -> str:
    """When the file of a style was written; "" for one that never changes."""
    if not name or name in samples.mine():
        return ""
    try:
        file = shelf.place_of(name)
        return "" if file.parent == shelf.SHIPPED else str(file.stat().st_mtime_ns)
    except (UserError, OSError):
        return "gone"


@st.cache_resource(show_spinner=False, max_entries=200)
def _on_shelf(name: str, stamp: str) -> Thumbnail | None:
    """A style as it is shown; None for one that cannot be read. The stamp tells the cache when it is another one."""
    try:
        return gallery.thumbnail(name, name.capitalize(), shelf.read(name).strokes)
    except UserError as error:
        logging.getLogger(__name__).warning("a style is left out: %s", error)
        return None


def _of_sample(sample: samples.Sample) -> Thumbnail:
    strokes = sample.style.prime.strokes
    return gallery.thumbnail(sample.name, sample.title, join([stroke * MM_PER_UNIT for stroke in split(strokes)]))
