"""Whether a line says what its text says: a network that goes on from other words takes the rest of them for its own."""

from __future__ import annotations

from handwriting.recogniser.reader import Reader
from handwriting.styles.style import Style

UNLIKELY = -2.5
"""nats a character, below which a reader hardly believes a text: real lines of IAM-OnDB have -0.03 to -1.9
of their own texts, -2.6 and less of those with two words more or less, -8 and less of other lines' texts"""


def misread(style: Style, reader: Reader) -> str | None:
    """What a reader takes a style's line for, if it hardly believes that it says its text; else None."""
    (likelihood,) = reader.log_probability([style.strokes], [style.prime.text])
    return None if likelihood >= UNLIKELY * len(style.prime.text) else reader.read([style.strokes])[0].strip()
