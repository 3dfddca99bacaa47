"""What the pages say in words."""

from __future__ import annotations

from ui.sentences import about_flawed, about_replaced, as_sentence, plain


def test_replaced_characters_are_listed_as_people_list_them() -> None:
    assert about_replaced({}) == ""
    assert about_replaced({"é": "e"}).endswith("it wrote “e” for “é”.")
    assert about_replaced({"é": "e", "漢": "", "字": ""}).endswith(
        "it wrote “e” for “é” and it left out “漢” and “字”."
    )


def test_a_long_list_is_cut() -> None:
    many = about_replaced(dict.fromkeys("абвгдежзик", ""))
    assert "“а”, “б”, “в”, “г”, “д”, “е” and 4 more" in many


def test_flawed_lines_are_named() -> None:
    assert about_flawed([]) == ""
    assert "in “one” and “two”." in about_flawed(["one", "two"])


def test_no_markdown_survives() -> None:
    assert plain("![a](http://b) $x$ :red[y] <b>") == r"\!\[a\]\(http\://b\) \$x\$ \:red\[y\] \<b\>"
    assert plain("Plain words, “quoted”") == "Plain words, “quoted”"


def test_a_caption_becomes_a_sentence() -> None:
    assert as_sentence("a dog runs") == "A dog runs."
    assert as_sentence("") == "(nothing)"
