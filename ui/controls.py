"""The controls of writing that several pages share.

Each begins with a prefix for its keys, so that pages keep their settings apart; a key is also the setting's name in the address
bar. What a link holds that is out of range is taken for the usual value.
"""

from __future__ import annotations

import random

import streamlit as st

from handwriting.sheet import ALIGNMENTS, ORIENTATIONS, RULINGS, SIZES, Sheet
from shared.config import ConfigError
from shared.errors import UserError
from ui.inks import INKS, Ink, mixed

SEEDS = 10_000
"""seeds are drawn below this number, so that people can read them out to each other"""
LARGEST_SEED = 2**53 - 1
"""beyond, browsers count in steps of two"""
MOST_DRAWS = 8
OWN_SIZE = "own"
OWN_COLOUR = "Own colour"
PAPERS = {OWN_SIZE: "Its own size"} | {name: name.upper() if name[0] == "a" else name.capitalize() for name in SIZES}


def neatness(prefix: str = "") -> float:
    """How neatly: the bias."""
    return st.slider(
        "From wild to neat", 0.0, 2.0, 0.75, 0.05, key=f"{prefix}bias", bind="query-params",
        help="How close the pen stays to its best guess: the bias of Graves 2013, section 5.5.",
    )  # fmt: skip


def seed(prefix: str = "") -> int:
    """Where chance comes from, and a button that lets it come from elsewhere."""
    key = f"{prefix}seed"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # A number without end in a link would break a box of whole numbers; this one takes it for the usual value.
        found = st.number_input(
            "Seed", 0.0, float(LARGEST_SEED), 7.0, 1.0, "%.0f", key=key, bind="query-params", width=110,
            help="The same text, hand, neatness and seed are written the same way again. The address bar holds them all.",
        )  # fmt: skip
        st.button("Another take", key=f"{prefix}another", on_click=draw_seed, args=(key,), icon=":material/casino:")
    return int(found)


def draw_seed(key: str) -> None:
    """Lets chance start somewhere else."""
    st.session_state[key] = float(random.randrange(SEEDS))


def best_of(prefix: str = "") -> int:
    """How often each line is drawn."""
    return st.slider(
        "Best of", 1, MOST_DRAWS, 1, key=f"{prefix}best_of", bind="query-params",
        help="How often each line is drawn, of which the one is taken that is easiest to read. Takes as many times as long.",
    )  # fmt: skip


def ink(prefix: str = "", usual: str = "Blue-black") -> Ink:
    """Colour and width of the line."""
    columns = st.columns(
        [3, 1] if st.session_state.get(f"{prefix}ink") == OWN_COLOUR else 1, vertical_alignment="bottom"
    )
    with columns[0]:
        names = [*INKS, OWN_COLOUR]
        name = st.selectbox("Ink", names, names.index(usual), key=f"{prefix}ink", bind="query-params")
    if name == OWN_COLOUR:
        with columns[-1]:
            own = st.color_picker("Colour", INKS[usual].colour, key=f"{prefix}colour", bind="query-params")
    chosen = mixed(own) if name == OWN_COLOUR else INKS[name]
    width = st.slider("Line", 0.2, 1.2, 0.45, 0.05, format="%.2f mm", key=f"{prefix}line", bind="query-params")
    return chosen._replace(width=width)


def paper(prefix: str = "", usual: str = OWN_SIZE) -> Sheet | None:
    """The paper; None is paper of the ink's own size. `finer` asks how text stands on it.

    Args:
        usual: what is chosen at first: one of `PAPERS`.

    Raises:
        UserError: for a paper that is none.
    """
    name = st.selectbox(
        "Paper", list(PAPERS), list(PAPERS).index(usual), key=f"{prefix}page", bind="query-params",
        format_func=lambda name: PAPERS.get(name, name), accept_new_options=True,
        help="A size with a name, or one that you type: 120x80 is 120 mm wide and 80 mm high.",
    )  # fmt: skip
    if name == OWN_SIZE:
        return None
    ruling = st.segmented_control(
        "Ruling", RULINGS, default="blank", required=True, key=f"{prefix}ruling", bind="query-params",
        format_func=str.capitalize, label_visibility="collapsed",
    )  # fmt: skip
    return _sheet(Sheet(), paper=name, ruling=ruling or "blank")


def finer(prefix: str, sheet: Sheet | None) -> Sheet | None:
    """How text stands on the paper: for the page's "More". Nothing for paper of the ink's own size.

    Raises:
        UserError: for what leaves no room for text.
    """
    if sheet is None:
        return None
    orientation = st.selectbox(
        "Orientation", ORIENTATIONS, key=f"{prefix}orientation", bind="query-params", format_func=str.capitalize
    )
    align = st.selectbox("Align", ALIGNMENTS, key=f"{prefix}align", bind="query-params", format_func=str.capitalize)
    sheet = _sheet(sheet, orientation=orientation, align=align)
    left, right = st.columns(2)
    with left:
        margin = _length(f"{prefix}margin", "Margin", 0.0, 200.0, sheet.margins[0], "What is left free on each side.")
        size = _length(
            f"{prefix}x_height", "Letter size", 0.3, 100.0, sheet.letter_size, "How high an x is: the x-height."
        )
    with right:
        spacing = _length(f"{prefix}spacing", "Spacing", 2.0, 200.0, sheet.line_spacing, "From one line to the next.")
        indent = _length(f"{prefix}indent", "Indent", 0.0, 200.0, 0.0, "By which a paragraph's first line is set in.")
    drift = st.slider(
        "Drift", 0.0, 5.0, 0.0, 0.1, key=f"{prefix}drift", bind="query-params", format="%.1f mm",
        help="How far a line strays from its baseline at most.",
    )  # fmt: skip
    slant = st.slider(
        "Slant", 0.0, 15.0, 0.0, 0.5, key=f"{prefix}slant", bind="query-params", format="%.1f°",
        help="By how much the slants of words differ: their standard deviation.",
    )  # fmt: skip
    hyphenate = st.toggle(
        "Hyphenate", key=f"{prefix}hyphenate", bind="query-params",
        help="Whether words may be broken at the end of a line, where the pen was lifted in them.",
    )  # fmt: skip
    return _sheet(
        sheet, margin=margin, spacing=spacing or 0.0, x_height=size or 0.0, indent=indent or 0.0, drift=drift, slant=slant,
        hyphenate=hyphenate,
    )  # fmt: skip


def _length(key: str, label: str, least: float, most: float, usual: float, meaning: str) -> float | None:
    """A length in mm; None for the usual one, which is told."""
    return st.number_input(
        f"{label}, mm", least, most, None, 0.5, key=key, bind="query-params", placeholder=f"{usual:g}", help=meaning
    )


def _sheet(sheet: Sheet, **changes: object) -> Sheet:
    try:
        return Sheet(**{**vars(sheet), **changes})
    except ConfigError as error:
        raise UserError(str(error)) from error
