"""The studio's front door: finds the page that was asked for, and says so kindly when it breaks.

Streamlit runs this file from the top at every click; everything that lasts is in `ui.models`.
"""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from shared.config import ConfigError
from shared.errors import UserError
from ui import clicks, models
from ui.sentences import plain

# A file of ours: Streamlit fetches its own icons for the browser's tab from the network.
ICON = Path(__file__).with_name("icon.svg")
# Not in a folder `pages`: given one, Streamlit would bypass this file for whoever first follows a link to a page.
PAGES = [
    st.Page("views/write.py", title="Write by hand", icon=":material/draw:", default=True),
    st.Page("views/caption.py", title="Describe a photo", icon=":material/image_search:"),
    st.Page("views/postcard.py", title="Postcard", icon=":material/mail:"),
    st.Page("views/inside.py", title="Look inside", icon=":material/visibility:"),
    st.Page("views/train.py", title="Train", icon=":material/monitoring:"),
]

clicks.install()
st.set_page_config(page_title="Show & Scribe", page_icon=str(ICON), layout="wide")
page = st.navigation(PAGES, position="top")
try:
    page.run()
except (UserError, ConfigError) as error:
    st.error(plain(f"{error}."), icon=":material/error:")
except Exception:
    logging.getLogger(__name__).exception("the page %s broke", page.title)
    st.error("Something broke here, and it is our fault. The terminal says what; reloading the page may help.")
# After the page, whose own model comes first: the next page finds the other one loaded.
models.warm()
