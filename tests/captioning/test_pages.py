from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from captioning.pages import Page
from shared.errors import UserError


def page(tmp_path: Path, content: bytes, root: str = "") -> Page:
    (tmp_path / "page.html").write_bytes(content)
    return Page.read(tmp_path / "page.html", root)


def filled(tmp_path: Path, content: bytes, text: str = "a dog", alt: str = "empty") -> bytes:
    read = page(tmp_path, content)
    return read.with_alt(dict.fromkeys(read.photos(), text), alt)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<img src=a.jpg>", b'<img alt="a dog" src=a.jpg>'),
        (b"<IMG\n SRC='a.jpg'/>", b"<IMG alt=\"a dog\"\n SRC='a.jpg'/>"),
        (b'<img src="a.jpg" alt="">', b'<img src="a.jpg" alt="a dog">'),
        (b"<img src=\"a.jpg\" ALT = '  ' id=x>", b'<img src="a.jpg" ALT = "a dog" id=x>'),
        (b'<img alt src="a.jpg">', b'<img alt="a dog" src="a.jpg">'),
        (b'<img src="a.jpg" alt= >', b'<img src="a.jpg" alt= "a dog">'),
        (b'<img title="1 > 0" src="a.jpg">', b'<img alt="a dog" title="1 > 0" src="a.jpg">'),
        (b'<img data-alt="x" src="a.jpg">', b'<img alt="a dog" data-alt="x" src="a.jpg">'),
        (b"<p title=it's><img src=a.jpg></p>", b'<p title=it\'s><img alt="a dog" src=a.jpg></p>'),
        (b"<script>1</script ><img src=a.jpg>", b'<script>1</script ><img alt="a dog" src=a.jpg>'),
        (b"<!--><img src=a.jpg>", b'<!--><img alt="a dog" src=a.jpg>'),
        (b'<meta charset="utf-16"><img src=a.jpg>', b'<meta charset="utf-16"><img alt="a dog" src=a.jpg>'),
        (b'<meta charset="hex"><img src=a.jpg>', b'<meta charset="hex"><img alt="a dog" src=a.jpg>'),
    ],
)
def test_missing_and_empty_texts_are_filled(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert filled(tmp_path, before) == after


@pytest.mark.parametrize(
    "untouched",
    [
        b'<img src="a.jpg" alt="mine">',
        b"<img src=a.jpg alt=mine/>",
        b'<img src="a.jpg" alt="mine" alt="">',
        b'<img src="https://example.org/a.jpg">',
        b'<img src="//example.org/a.jpg">',
        b'<img src="data:image/png;base64,AAAA">',
        b"<img>",
        b'<img src="">',
        b'<img src="#x">',
        b'<img src="http://[">',
        b'<img src="a.jpg" role=presentation>',
        b'<img src="a.jpg" aria-hidden="true">',
        b'<base href="https://example.org/"><img src="a.jpg">',
        b"<!-- <img src=a.jpg> -->",
        b"<!-- <img src=a.jpg>",
        b"<script>'<img src=a.jpg>'</script>",
        b"<STYLE>/*<img src=a.jpg>*/</style>",
        b"<textarea><img src=a.jpg></textarea>",
        b"<p title='<img src=a.jpg>'>",
        b"<imgs src=a.jpg>",
        b"< img src=a.jpg>",
        b"</img src=a.jpg>",
        b"<img src=a.jpg",
    ],
)
def test_all_other_bytes_stay(tmp_path: Path, untouched: bytes) -> None:
    assert filled(tmp_path, untouched) == untouched


def test_texts_that_are_there_are_replaced_when_asked(tmp_path: Path) -> None:
    both = b'<img src="a.jpg" alt="mine"><img src="a.jpg" alt=""><img src="a.jpg">'
    assert filled(tmp_path, both, alt="all").count(b'alt="a dog"') == 3
    assert filled(tmp_path, both, alt="empty").count(b'alt="a dog"') == 2
    assert filled(tmp_path, both, alt="missing").count(b'alt="a dog"') == 1
    assert filled(tmp_path, b"<img src=a.jpg alt=mine/>", alt="all") == b'<img src=a.jpg alt="a dog">'


def test_encodings_and_line_ends_stay(tmp_path: Path) -> None:
    content = b'\r\n<p>caf\xe9 \xff\0</p>\r<img src="a.jpg">\r\n'
    assert filled(tmp_path, content, "a caf\xe9") == content.replace(b"<img", b'<img alt="a caf&#233;"')


@example(text="\"a\" & 'b' &lt; <c> é€😀")
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_a_parser_reads_back_any_text(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(dict(attrs))

    Reader().feed(filled(tmp_path_factory.getbasetemp(), b"<img src=a.jpg><p>", text).decode("ascii"))
    assert found == [{"alt": text, "src": "a.jpg"}, {}]


@given(
    content=st.lists(st.sampled_from([b"<", b">", b"img", b" ", b"src", b"=", b'"', b"'", b"a", b"/", b"!--", b"alt"]))
)
def test_any_bytes_are_a_page(content: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    read = page(tmp_path_factory.getbasetemp(), b"".join(content))
    assert read.with_alt({}) == read.content
    texts = dict.fromkeys(read.photos("missing"), "dog")
    assert read.with_alt(texts, "missing").replace(b' alt="dog"', b"") == read.content.replace(b' alt="dog"', b"")


def test_a_page_without_ends_takes_no_time(tmp_path: Path) -> None:
    for content in (
        b"<img " + b" " * 200_000,
        b"<!-" * 100_000,
        b"<img a" * 50_000,
        b"<img src=a alt='" + b"/ " * 99_999,
    ):
        filled(tmp_path, content)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (b"a%20b.jpg?v=1#x", "a b.jpg"),
        (b"a&amp;b.jpg", "a&b.jpg"),
        (b"../%E2%82%AC.jpg", "../\u20ac.jpg"),
        ("\u20ac.jpg".encode(), "\u20ac.jpg"),
        (b"100%.jpg", "100%.jpg"),
        (b"/x/a.jpg", "/x/a.jpg"),
        (b"file:///x/a.jpg", "/x/a.jpg"),
        (b" a.jpg\n", "a.jpg"),
    ],
)
def test_addresses_are_files_near_the_page(tmp_path: Path, address: bytes, expected: str) -> None:
    assert page(tmp_path, b'<img src="' + address + b'">').photos() == [tmp_path / expected]


def test_addresses_in_the_encoding_of_the_page(tmp_path: Path) -> None:
    latin = b"<meta charset=iso-8859-1><img src='caf\xe9.jpg'>"
    assert page(tmp_path, latin).photos() == [tmp_path / "caf\xe9.jpg"]


def test_a_site_has_a_root_and_a_page_a_base(tmp_path: Path) -> None:
    assert page(tmp_path, b"<img src=/x/a.jpg><img src=b.jpg>", "site").photos() == [
        Path("site/x/a.jpg"),
        Path("site/b.jpg"),
    ]
    assert page(tmp_path, b"<base href=x/><img src=a.jpg>").photos() == [tmp_path / "x/a.jpg"]


def test_a_photo_shown_twice_is_one_photo(tmp_path: Path) -> None:
    content = b"<img src=a.jpg><img src=./a.jpg alt=mine><img src=b.jpg>"
    assert page(tmp_path, content).photos() == [tmp_path / "a.jpg", tmp_path / "b.jpg"]


def test_what_cannot_be_read_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="UTF-16"):
        page(tmp_path, "<img src=a.jpg>".encode("utf-16"))
    with pytest.raises(UserError, match="cannot read"):
        Page.read(tmp_path / "missing.html")
