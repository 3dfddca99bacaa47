"""What the pages say about an answer, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def about_replaced(replaced: Mapping[str, str]) -> str:
    """Names the characters that the pen does not know, and what it wrote instead; "" when it knew all.

    The sentence is plain text: show it where Markdown is not read, or escape it.
    """
    exchanged = [
        f"{_quote(substitute)} for {_quote(character)}" for character, substitute in replaced.items() if substitute
    ]
    left_out = [_quote(character) for character, substitute in replaced.items() if not substitute]
    parts = []
    if exchanged:
        parts.append(f"it wrote {_listed(exchanged)}")
    if left_out:
        parts.append(f"it left out {_listed(left_out)}")
    return f"The pen knows Latin letters, digits and common signs only: {' and '.join(parts)}." if parts else ""


def about_flawed(lines: Iterable[str]) -> str:
    """Names the lines on which something is missing or too much; "" when all are whole."""
    names = [_quote(line) for line in lines]
    return f"The pen lost its way in {_listed(names)}. Another take may do better." if names else ""


def _quote(text: str) -> str:
    return f"“{text}”"


def _listed(names: list[str], most: int = 6) -> str:
    """Names as people list them: "a", "a and b", "a, b and c"; only the first of very many."""
    if len(names) > most:
        names = [*names[:most], f"{len(names) - most} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def plain(text: str) -> str:
    """The text for places where Streamlit reads Markdown: every sign that could mean something there is escaped."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$^=&])", r"\\\1", text)


def as_sentence(caption: str) -> str:
    """A caption as it is read: with a capital and a full stop."""
    return caption[:1].upper() + caption[1:] + "." if caption else "(nothing)"
