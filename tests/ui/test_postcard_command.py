"""`studio postcard`, with untrained models: cards are made, and mistakes are one line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.tiny_models import save_tiny_models
from ui.launch import main
from ui.settings import CAPTIONER, SCRIBE

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    told = save_tiny_models(tmp_path_factory.mktemp("models"))
    return ["--scribe", told[SCRIBE], "--captioner", told[CAPTIONER], "--device", "cpu", "--best-of", "1"]


@pytest.fixture
def studio(models: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Runs the command in a folder with two photos, one upright."""
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (90, 60), "teal").save("sea.jpg")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (90, 60), "olive").save("tree.jpg", exif=turned)

    def run(*words: str) -> int:
        monkeypatch.setattr("sys.argv", ["studio", "postcard", *words, *models])
        return main()

    return run


def test_a_card_says_what_the_photo_shows(studio, capsys: pytest.CaptureFixture[str]) -> None:
    assert studio("sea.jpg", "-o", "card.svg", "--seed", "3") == 0
    told = capsys.readouterr()
    caption = re.search(r"sea.jpg: (.*)", told.err).group(1)
    assert "wrote card.svg (bias 0.75, seed 3)" in told.err
    root = ElementTree.fromstring(Path("card.svg").read_text())
    assert root.findtext(f"{SVG}title").split() == caption.split()
    assert next(root.iter(f"{SVG}image")).findtext(f"{SVG}title") == caption
    assert told.out == ""


def test_own_words_and_looks(studio) -> None:
    look = ["--colour", "crimson", "--paper", "kraft", "--border", "none", "--page", "120x90", "--alt", "the sea"]
    assert studio("sea.jpg", "-o", "card.svg", "--text", "hello", "--seed", "3", *look) == 0
    root = ElementTree.fromstring(Path("card.svg").read_text())
    assert (root.get("width"), root.get("height")) == ("120.00mm", "90.00mm")
    printed, ink = root.findall(f"{SVG}g")
    assert printed.find(f"{SVG}rect").get("fill") == "#dcc7a5"
    (shown,) = printed.findall(f"{SVG}image")
    assert (shown.get("x"), shown.findtext(f"{SVG}title")) == ("0.000", "the sea")
    assert ink.get("stroke") == "#dc143c"
    assert root.findtext(f"{SVG}title") == "hello"


def test_the_same_seed_makes_the_same_card(studio) -> None:
    for name in ("one.pdf", "other.pdf"):
        assert studio("sea.jpg", "-o", name, "--seed", "5", "--border", "deckle") == 0
    assert Path("one.pdf").read_bytes() == Path("other.pdf").read_bytes()


def test_several_photos_are_pages_or_numbered_files(studio) -> None:
    assert studio("sea.jpg", "tree.jpg", "-o", "cards.pdf", "--portrait") == 0
    assert len(re.findall(rb"/Type /Page\b", Path("cards.pdf").read_bytes())) == 2
    assert studio("sea.jpg", "tree.jpg", "-o", "card.svg", "--border", "none") == 0
    shapes = []
    for number in (1, 2):
        shown = next(ElementTree.fromstring(Path(f"card-{number}.svg").read_text()).iter(f"{SVG}image"))
        shapes.append(float(shown.get("width", "")) > float(shown.get("height", "")))
    assert shapes == [True, False]  # the second was turned upright


def test_every_size_and_format(studio, capsys: pytest.CaptureFixture[str]) -> None:
    assert studio("tree.jpg", "-o", "card.png", "--page", "square", "--text", "hi", "--alt", "a tree") == 0
    with Image.open("card.png") as card:
        assert card.width == card.height
        assert card.info["Title"] == "hi"
    capsys.readouterr()
    assert studio("tree.jpg", "-o", "card.json", "--text", "hi", "--alt", "a tree") == 0
    assert ".json holds ink alone: the photo is left out" in capsys.readouterr().err


def test_a_photo_that_cannot_be_read_is_told_and_the_others_are_made(
    studio, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.jpg").write_bytes(b"<html>")
    assert studio("bad.jpg", "sea.jpg", "none.jpg", "-o", "card.png") == 1
    told = capsys.readouterr().err
    assert "error: bad.jpg: not a photo in any format that is opened\n" in told
    assert "error: none.jpg: no such file\n" in told
    assert Path("card.png").exists()
    assert studio("bad.jpg", "-o", "other.png") == 2
    assert not Path("other.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sea.jpg", "-o", "card.docx"], "the formats are"),
        (["sea.jpg", "-o", "none/card.pdf"], "there is no folder"),
        (["sea.jpg"], "output"),
        (["-o", "card.pdf"], "photos"),
        (["sea.jpg", "-o", "card.pdf", "--border", "gold"], "gold"),
        (["sea.jpg", "-o", "card.pdf", "--page", "postcart"], "did you mean postcard"),
        (["sea.jpg", "-o", "card.pdf", "--page", "10x10"], "a card's sides must be 70 to 420 mm"),
        (["sea.jpg", "-o", "card.pdf", "--paper", "reddish"], "is no colour"),
        (["sea.jpg", "-o", "card.pdf", "--colour", "reddish"], "is no colour"),
        (["sea.jpg", "-o", "card.pdf", "--bias", "wild"], "a bias is a number"),
        (["sea.jpg", "-o", "card.pdf", "--style", "nobody"], "there is no style 'nobody'"),
        (["sea.jpg", "-o", "card.pdf", "--text", "漢字"], "nothing to write"),
        (["sea.jpg", "-o", "card.pdf", "--beem", "3"], "beem"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_and_leave_no_file(
    words: list[str], message: str, studio, capsys: pytest.CaptureFixture[str]
) -> None:
    assert studio(*words) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if "--help" not in line]
    assert len(told) == 1
    assert told[0].startswith("error: ")
    assert message in told[0]
    assert sorted(file.name for file in Path.cwd().iterdir()) == ["sea.jpg", "tree.jpg"]


@pytest.mark.parametrize("words", [["--help"], ["a.jpg"], ["a.jpg", "-o", "a.docx"]])
def test_help_and_usage_errors_wait_for_nothing_heavy(words: list[str]) -> None:
    program = (
        f"import sys; sys.argv[1:] = ['postcard', *{words!r}]\n"
        "from ui.launch import main\n"
        "try: code = main()\n"
        "except SystemExit as end: code = end.code\n"
        "print(sorted({'torch', 'torchvision', 'streamlit'} & sys.modules.keys()), code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == f"[] {0 if words == ['--help'] else 2}", done.stderr


def test_the_studios_own_help_tells_of_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["studio", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert "studio postcard photo.jpg -o card.pdf" in capsys.readouterr().out
