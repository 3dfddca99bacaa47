"""`handwriting write` on pages, with a small network that has learnt nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from handwriting.cli import main
from handwriting.formats import read_ink
from handwriting.page import Paper

LETTER = "Dear Hilda,\n\nit is quiet here.\n\nYours, Tim\n"


@pytest.fixture
def call(model_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    Path("letter.txt").write_text(LETTER, encoding="utf-8")

    def call(*arguments: object) -> int:
        words = ["handwriting", "write", "--model", model_folder, "--seed", "1", *arguments]
        monkeypatch.setattr(sys, "argv", [str(word) for word in words])
        return main()

    return call


def test_a_letter_on_ruled_paper(call) -> None:
    assert call("--file", "letter.txt", "--page", "a5", "--ruled", "-o", "letter.json", "--pen-width", "0.3") == 0
    pages = read_ink(Path("letter.json"))
    assert (pages[0].paper.width, pages[0].paper.height, pages[0].paper.ruling) == (148, 210, "ruled")
    assert " ".join(line.text for page in pages for line in page.lines) == " ".join(LETTER.split())
    assert pages[0].about == {"seed": 1, "bias": 0.75, "page": 1, "pages": len(pages)}
    assert pages[0].lines[0].pen.width == 0.3
    assert call("--file", "letter.txt", "--page", "a5", "--ruled", "-o", "again.json", "--pen-width", "0.3") == 0
    assert Path("again.json").read_bytes() == Path("letter.json").read_bytes()


def test_many_pages_are_many_files_or_one(call) -> None:
    little = ["--page", "40x40", "--margin", "5"]
    assert call("--file", "letter.txt", *little, "-o", "letter.svg") == 0
    assert not Path("letter.svg").exists()
    assert len(sorted(Path().glob("letter-*.svg"))) > 1
    assert call("--file", "letter.txt", *little, "-o", "letter.pdf") == 0
    assert Path("letter.pdf").read_bytes().count(b"/Type /Page\n") == len(sorted(Path().glob("letter-*.svg")))


def test_pages_of_a_longer_text_are_told_of(call, capsys) -> None:
    for lines, told in ((12, ""), (6, "letter-3.svg was there before"), (12, "")):
        assert call("\n".join(["a"] * lines), "--page", "40x40", "--margin", "5", "-o", "letter.svg") == 0
        said = capsys.readouterr().err
        assert told in said
        assert ("was there before" in said) == bool(told), said


def test_any_option_of_the_sheet_asks_for_pages(call) -> None:
    options = ["--squared", "--landscape", "--align", "justify", "--hyphenate", "--margin", "[10,20,30,40]"]
    assert call("hello", "-o", "a.json", *options, "--sheet.x-height", "2", "--sheet.drift=0.5") == 0
    (page,) = read_ink(Path("a.json"))
    assert page.paper == Paper(297, 210, ruling="squared", pitch=5, first_rule=page.paper.first_rule)


def test_without_them_ink_has_paper_of_its_own_size(call) -> None:
    assert call("--file", "letter.txt", "-o", "a.json") == 0
    (page,) = read_ink(Path("a.json"))
    assert page.about["text"] == LETTER
    assert page.paper.left != 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "a.svg"], "the text is empty"),
        (["hi", "--file", "letter.txt", "-o", "a.svg"], "give one or a --file, not both"),
        (["--file", "none.txt", "-o", "a.svg"], "cannot read none.txt: No such file"),
        (["--file", "letter.txt", "--page", "a55", "-o", "a.svg"], "there is no paper 'a55'; did you mean a5?"),
        (["--file", "letter.txt", "--page", "a5", "--margin", "99", "-o", "a.svg"], "must leave 10 mm for text"),
        (["--file", "letter.txt", "--page", "a5"], "pages are written into files"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_line(call, arguments: list[str], message: str, capsys) -> None:
    assert call(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("error: ")
    assert not Path("a.svg").exists()
