"""Pages of HTML: the local photos that they show, and copies in which those have alternative texts.

A page is taken as bytes, and only the bytes of an `alt` are changed: its encoding, its spelling of tags and its mistakes stay as
they are. Tags are told from text by the rules of the HTML standard's tokeniser (section 13.2.5).
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urljoin, urlsplit

from shared.errors import UserError

AltChoice = Literal["missing", "empty", "all"]

_ATTRIBUTE = rb"""[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+
    (?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r>"'][^ \t\n\f\r>]*+|(?=>)))?+"""
_ATTRIBUTES = rb"(?:[ \t\n\f\r/]++|" + _ATTRIBUTE + rb")*+"
_PART = re.compile(
    rb"""<!--(?:-?>|.*?(?:--!?>|\Z))
    | <[!?/][^>]*+
    | <(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[ \t\n\f\r/>])"""
    + _ATTRIBUTES
    + rb""">.*?(?:</(?P=raw)(?=[ \t\n\f\r/>])|\Z)
    | <(?P<tag>[a-z][^ \t\n\f\r/>]*+)(?P<attributes>"""
    + _ATTRIBUTES
    + rb")(?:(?P<end>>)|\Z)",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_NAME_AND_VALUE = re.compile(
    rb"""(?P<name>[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)
    (?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?P<value>"[^"]*+"|'[^']*+'|[^ \t\n\f\r>"'][^ \t\n\f\r>]*+|(?=>)|\Z))?+""",
    re.VERBOSE,
)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class _Image:
    """An `img` tag that shows a local photo, and where in the page its alternative text goes."""

    photo: Path
    alt: str | None
    start: int
    end: int
    before: bytes
    """what has to be written before the quoted text"""


@dataclass(frozen=True)
class Page:
    """A page and the `img` tags in it that show files of this machine."""

    path: Path
    content: bytes
    images: tuple[_Image, ...]

    @classmethod
    def read(cls, path: Path, root: str = "") -> Page:
        """Reads a page.

        Args:
            path: the file.
            root: the folder to which the addresses of photos are relative, those that begin with / too; empty: the
                page's own, and / is the file system's.

        Raises:
            UserError: for a file that cannot be read, or in an encoding in which `<` is not a byte.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror}") from error
        if content.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
            raise UserError(f"{path} is in UTF-16; save it as UTF-8 first")
        return cls(path, content, tuple(_find_images(content, path.parent, root)))

    def photos(self, alt: AltChoice = "all") -> list[Path]:
        """The photos shown, once each: those whose `alt` is missing, missing or empty, or all."""
        return list(dict.fromkeys(image.photo for image in self.images if _lacks(image, alt)))

    def with_alt(self, texts: Mapping[Path, str], alt: AltChoice = "empty") -> bytes:
        """The page with these alternative texts; all other bytes are as they were."""
        pieces, last = [], 0
        for image in self.images:
            if image.photo in texts and _lacks(image, alt):
                # Letters beyond ASCII as references: right in whatever encoding the page has.
                text = html.escape(texts[image.photo]).encode("ascii", "xmlcharrefreplace")
                pieces += [self.content[last : image.start], image.before, b'"', text, b'"']
                last = image.end
        return b"".join([*pieces, self.content[last:]])


def _lacks(image: _Image, alt: AltChoice) -> bool:
    return alt == "all" or image.alt is None or (alt == "empty" and not image.alt.strip())


def _find_images(content: bytes, folder: Path, root: str) -> Iterator[_Image]:
    charset, base = _charset(content), ""
    for part in _PART.finditer(content):
        tag = (part["tag"] or b"").lower()
        if tag not in (b"img", b"base") or not part["end"]:
            continue
        attributes: dict[str, re.Match[bytes]] = {}
        for attribute in _NAME_AND_VALUE.finditer(content, *part.span("attributes")):
            attributes.setdefault(attribute["name"].decode("latin-1").lower(), attribute)
        values = {name: _value(match, charset) for name, match in attributes.items()}
        if tag == b"base":
            base = base or values.get("href", "")
            continue
        decorative = values.get("role", "").lower() in ("presentation", "none") or values.get("aria-hidden") == "true"
        photo = _local(values.get("src", ""), base, folder, root)
        if photo and not decorative:
            yield _image(photo, attributes.get("alt"), values.get("alt"), part.end("tag"))


def _image(photo: Path, attribute: re.Match[bytes] | None, alt: str | None, after_name: int) -> _Image:
    if attribute is None:
        return _Image(photo, None, after_name, after_name, b" alt=")
    if attribute["value"] is None:
        return _Image(photo, alt, attribute.end("name"), attribute.end("name"), b"=")
    return _Image(photo, alt, *attribute.span("value"), b"")


def _value(attribute: re.Match[bytes], charset: str) -> str:
    value = attribute["value"] or b""
    if value[:1] in (b'"', b"'"):
        value = value[1:-1]
    return html.unescape(value.decode(charset, "surrogateescape"))


def _charset(content: bytes) -> str:
    named = None if content.startswith(codecs.BOM_UTF8) else _CHARSET.search(content, 0, 1024)
    try:
        name = codecs.lookup(named[1].decode("ascii") if named else "utf-8").name
        b" ".decode(name, "replace")  # some codecs are none of text
    except LookupError:
        return "utf-8"
    # A page whose name of it can be read byte by byte is not in UTF-16, whatever it says: so the HTML standard.
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name


def _local(address: str, base: str, folder: Path, root: str) -> Path | None:
    """The file that an address means; none if it is the web's, or no address at all."""
    try:
        url = urlsplit(urljoin(base, address.strip()))
    except ValueError:
        return None
    if url.scheme not in ("", "file") or url.netloc not in ("", "localhost") or not url.path:
        return None
    path = unquote(url.path, errors="surrogateescape")
    if url.scheme == "file":
        return Path(path)
    return Path(root, path.lstrip("/")) if root else folder / path
