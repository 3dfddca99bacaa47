from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handwriting import alphabet


def test_all_printable_ascii_and_nothing_else() -> None:
    assert set(alphabet.PRINTABLE) == set(string.printable) - set("\t\n\r\x0b\x0c")
    assert alphabet.SIZE == 96


@given(st.text(alphabet.PRINTABLE))
def test_encoding_comes_back(text: str) -> None:
    numbers = alphabet.encode(text)
    assert all(0 < number < alphabet.SIZE for number in numbers)
    assert alphabet.decode([*numbers, 0, 0]) == text


def test_a_strange_character_is_named() -> None:
    with pytest.raises(ValueError, match="'漢'"):
        alphabet.encode("a漢")
