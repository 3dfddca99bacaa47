from __future__ import annotations

import unicodedata
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handwriting import alphabet
from handwriting.accents.shapes import SHAPES
from handwriting.spelling import Accent, Mark, Spelling, spell

EUROPE = "ÀàÁáÂâÃãÄäÅåĀāĂăĄąĆćĈĉĊċČčÇçĎďĐđÈèÉéÊêËëĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħÌìÍíÎîÏïĨĩĪīĬĭĮįİıĴĵĶķĹĺĻļĽľŁłŃńÑñŅņŇňÒòÓóÔôÕõÖöŌōŎŏŐőØøǾǿ"
EUROPE += "ŔŕŖŗŘřŚśŜŝŞşŠšȘșŢţŤťȚțŦŧÙùÚúÛûÜüŨũŪūŬŭŮůŰűŲųŴŵẀẁẂẃẄẅÝýŶŷŸÿỲỳŹźŻżŽž"
VIETNAM = "ẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộƠơỚớỜờỞởỠỡỢợỤụỦủƯưỨứỪừỬửỮữỰựỴỵỶỷỸỹ"


@given(st.text())
def test_whatever_is_asked_can_be_written(text: str) -> None:
    spelling = spell(text)
    alphabet.encode(spelling.plain)
    assert spelling.plain == " ".join(spelling.plain.split())
    assert len(spelling.written) == len(spelling.plain)
    assert not any(character in alphabet.PRINTABLE for character in spelling.replaced)
    assert all(spelling.plain[mark.position].isalpha() for mark in spelling.marks)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accented_letters_are_a_letter_and_its_marks(form: Literal["NFC", "NFD"]) -> None:
    for letter in EUROPE + VIETNAM:
        spelling = spell(f"a {unicodedata.normalize(form, letter)}b")
        assert len(spelling.plain) == 4
        assert {mark.position for mark in spelling.marks} == {2}
        assert spelling.written == f"a {letter}b"
        assert not spelling.replaced


def test_the_marks_of_a_letter_go_from_the_inside_to_the_outside() -> None:
    assert [accent for _, accent in spell("ế").marks] == ["circumflex", "acute"]
    assert [accent for _, accent in spell("ợ").marks] == ["horn", "dot below"]
    assert [accent for _, accent in spell("ǿ").marks] == ["stroke", "acute"]


@pytest.mark.parametrize(
    ("text", "plain", "written", "replaced"),
    [
        ("“Straße”…", '"Strasse"...', '"Strasse"...', {"“": '"', "ß": "ss", "”": '"', "…": "..."}),
        ("漢 and 🙂!", "and !", "and !", {"漢": "", "🙂": ""}),
        ("ǽ ð Þór", "ae d Thor", "aé đ Thór", {"ǽ": "aé", "ð": "đ", "Þ": "Th"}),
        ("½ ﬁ x²", "1/2 fi x2", "1/2 fi x2", {"½": "1/2", "ﬁ": "fi", "²": "2"}),
        ("ǆ", "dz", "dž", {"ǆ": "dž"}),
        (" a\t b\u00a0c\u2028d ", "a b c d", "a b c d", {}),
        ("soft\u00adly\u200b", "softly", "softly", {}),
        ("i\u0307", "i", "i", {}),
        # Nothing composes x and an acute; it is drawn all the same.
        ("x\u0301", "x", "x", {}),
        # An accent that no shape is known for, and accents on what is no letter.
        ("a\u0330 e\u0330\u0301", "a e", "a é", {"a\u0330": "a", "é\u0330": "é"}),
        ("7\u0301 \u0301", "7", "7", {"7\u0301": "7", "\u0301": ""}),
        ("plain", "plain", "plain", {}),
        ("", "", "", {}),
    ],
)
def test_what_was_replaced_is_said(text: str, plain: str, written: str, replaced: dict[str, str]) -> None:
    spelling = spell(text)
    assert spelling.plain == plain
    assert spelling.written == written
    assert {unicodedata.normalize("NFC", key): value for key, value in spelling.replaced.items()} == {
        unicodedata.normalize("NFC", key): value for key, value in replaced.items()
    }


def test_what_somebody_draws_is_kept() -> None:
    spelling = spell("5 €, or £3 ❤️ μm 🙂 ₤ €\u0301", keep="€£♥µ")
    assert spelling.plain == spelling.written == "5 €, or £3 ♥ µm €"
    assert spelling.replaced == {"❤": "♥", "μ": "µ", "🙂": "", "₤": "", "€\u0301": "€"}
    assert spell("5 €").plain == "5"
    assert spell("2 ≠ ½ —", keep="≠½—") == Spelling("2 ≠ ½ —", (), {})
    assert spell("2 ≠ 3").plain == "2 = 3"


def test_marks_follow_their_characters_into_a_part() -> None:
    spelling = spell("— café, où?")
    part = spelling.part(spelling.plain.index("ou"), len(spelling.plain))
    assert part == Spelling("ou?", (Mark(1, "grave"),), {"—": "-"})
    assert spelling.part(2, 6).written == "café"
    assert spelling.part(0, 0).written == ""


def test_every_accent_has_a_shape() -> None:
    assert set(SHAPES) == set(get_args(Accent)) - {"stroke", "dotless"}
