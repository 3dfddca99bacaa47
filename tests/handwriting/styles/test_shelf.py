"""Styles by name, by file, as blends; and the commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from handwriting import Scribe, formats
from handwriting.cli import main
from handwriting.model import SynthesisNetwork
from handwriting.page import Line, Page, Paper
from handwriting.prime import Prime
from handwriting.strokes import split
from handwriting.styles import shelf
from handwriting.styles.style import Blend, Style
from shared.errors import UserError
from tests.handwriting.styles.test_normal import TEXT, ink


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(shelf.FOLDER, str(tmp_path / "styles"))
    return tmp_path / "styles"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A line as other programs write it, without its text."""
    path = tmp_path / "mine.json"
    path.write_text(json.dumps([stroke.tolist() for stroke in split(ink())]))
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, arguments)])
    return main()


def test_a_style_is_added_listed_written_in_and_removed(
    file: Path, folder: Path, model_folder: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    assert run(monkeypatch, "style", "add", "mine", file, "--text", TEXT) == 0
    assert [one.name for one in folder.iterdir()] == ["mine.json"]
    assert run(monkeypatch, "style", "list") == 0
    assert f"mine\tmine.json\t{TEXT}\n" in capsys.readouterr().out
    for style in ("mine", folder / "mine.json", "mine+mine:0.3"):
        out = tmp_path / "ink.json"
        assert run(monkeypatch, "write", "ab", "-o", out, "--model", model_folder, "--seed", 1, "--style", style) == 0
    assert run(monkeypatch, "style", "remove", "mine") == 0
    assert not list(folder.iterdir())
    assert run(monkeypatch, "write", "ab", "--style", "mine", "--model", model_folder) == 2
    assert "there is no style 'mine'" in capsys.readouterr().err


def test_ink_that_says_something_else_is_doubted(folder: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    said = "the quick brown fox jumps"
    Scribe.from_pretrained(device="cpu").write(said, seed=3, bias=1.0).save(tmp_path / "fox.json")
    assert run(monkeypatch, "style", "add", "right", tmp_path / "fox.json") == 0
    assert "it looks more like" not in capsys.readouterr().err
    assert (
        run(monkeypatch, "style", "add", "wrong", tmp_path / "fox.json", "--text", "completely different from it") == 0
    )
    assert f"it looks more like {said!r}: if it says something else, add it again" in capsys.readouterr().err


def test_a_style_is_kept_as_the_network_reads_it(file: Path) -> None:
    given = shelf.from_ink(file, TEXT)
    assert given.name == "mine"
    shelf.add("kept", given)
    kept = shelf.find("kept")
    assert kept.text == TEXT
    assert kept.origin == "mine.json"
    np.testing.assert_allclose(kept.prime.shape, given.prime.shape, rtol=0.02, atol=0.03)
    one, other = (np.cumsum(style.prime.strokes[:, :2], 0) for style in (given, kept))
    assert len(one) == pytest.approx(len(other), rel=0.03)
    np.testing.assert_allclose(one[-1], other[-1], atol=15.0)
    (page,) = formats.read_ink(shelf.user_folder() / "kept.json")  # it is a file of ink too
    assert page.lines[0].text == TEXT


def test_the_longest_of_several_lines_is_taken(tmp_path: Path) -> None:
    lines = (Line(ink()[:60], "hell"), Line(ink(), TEXT))
    formats.write_ink(Page(Paper(100, 100), lines), tmp_path / "two.inkml")
    assert shelf.from_ink(tmp_path / "two.inkml").text == TEXT
    long = Line(ink(), "a line that is far longer than what a style can ever be taken from, so it is not taken")
    formats.write_ink(Page(Paper(100, 100), (*lines, long)), tmp_path / "three.inkml")
    assert shelf.from_ink(tmp_path / "three.inkml").text == TEXT
    with pytest.raises(UserError, match="2 lines of ink, and its text has 3"):
        shelf.from_ink(tmp_path / "two.inkml", "one\ntwo\nthree")


def test_the_text_may_lie_beside_the_ink(tmp_path: Path) -> None:
    formats.write_ink(Page(Paper(100, 100), (Line(ink() * [0.1, 0.1, 1]),)), tmp_path / "me.xopp")
    with pytest.raises(UserError, match=r"me.xopp does not tell what its ink says: give the text"):
        shelf.load(str(tmp_path / "me.xopp"))
    (tmp_path / "me.txt").write_text(TEXT)
    assert shelf.from_ink(tmp_path / "me.xopp").text == TEXT
    assert shelf.from_ink(tmp_path / "me.xopp", "another").text == "another"


@pytest.mark.parametrize("name", ["", "Ann", "../ann", "a/b", "-a", "a+b", "a" * 41, "a.json", "é"])
def test_a_name_is_plain(name: str, folder: Path) -> None:
    with pytest.raises(UserError, match="a style's name has"):
        shelf.add(name, Style("x", TEXT, ink()))
    assert not folder.exists()


def test_a_style_is_replaced_only_when_asked_for() -> None:
    shelf.add("ann", Style("x", TEXT, ink()))
    with pytest.raises(UserError, match="there is a style 'ann' already"):
        shelf.add("ann", Style("x", TEXT, ink()))
    shelf.add("ann", Style("x", TEXT, ink(-0.4)), replace=True)
    assert shelf.find("ann").shape.slant < -0.3
    with pytest.raises(UserError, match="did you mean ann"):
        shelf.remove("anne")


def test_shipped_styles_are_many_and_stay() -> None:
    shipped = [path.stem for path in shelf.SHIPPED.glob("*.json")]
    assert len(shipped) >= 12
    for name in shipped:
        assert shelf.find(name).prime.text
        for change in (
            lambda name=name: shelf.remove(name),
            lambda name=name: shelf.add(name, Style("x", TEXT, ink())),
        ):
            with pytest.raises(UserError, match="travels with the package"):
                change()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read"),
        ("[[[0, 0], [1, 1]]]", "is not a style"),
        ('{"format": "handwriting-style"}', "'strokes' is missing"),
        ('{"format": "handwriting-style", "strokes": [[[0, 0], [NaN, 1]]], "text": "hello"}', "NaN"),
        ("[" * 100_000, "cannot be read"),
        (" " * (shelf.LARGEST_STYLE + 1), "is not a style"),
    ],
)
def test_a_damaged_style_is_told_and_can_be_removed(
    content: str, message: str, folder: Path, capsys, monkeypatch
) -> None:
    folder.mkdir()
    (folder / "bad.json").write_text(content)
    with pytest.raises(UserError, match=message):
        shelf.find("bad")
    assert run(monkeypatch, "style", "list") == 0
    assert "bad\t" in capsys.readouterr().err
    shelf.remove("bad")


@pytest.mark.parametrize("content", ["[]", "[[[1, 1]]]", "{", '[[[0, 0], [1, "a"]]]', "[[[0, 0], [1, 1]]]"])
def test_ink_that_is_none_makes_no_style(content: str, tmp_path: Path, monkeypatch, capsys, folder: Path) -> None:
    (tmp_path / "bad.json").write_text(content)
    assert run(monkeypatch, "style", "add", "bad", tmp_path / "bad.json", "--text", TEXT) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not folder.exists()


@pytest.mark.parametrize("wanted", ["ann+ann:1.5", "ann+ann:x", "ann+ann:nan"])
def test_a_blend_has_a_share(wanted: str) -> None:
    shelf.add("ann", Style("x", TEXT, ink()))
    with pytest.raises(UserError, match="share from 0 to 1"):
        shelf.load(wanted)


def test_a_blend_may_be_of_files(tmp_path: Path) -> None:
    shelf.add("ann", Style("x", TEXT, ink()))
    file = shelf.user_folder() / "ann.json"
    blend = shelf.load(f"ann+{file}:0.3")
    assert isinstance(blend, Blend)
    assert (blend.one.name, blend.other.text, blend.share) == ("ann", TEXT, 0.3)
    odd = file.rename(tmp_path / "one+other.json")
    assert isinstance(shelf.load(str(odd)), Style)


def test_a_blend_lies_between_its_styles(network: SynthesisNetwork) -> None:
    one, other = Prime(ink(), TEXT), Style("other", "hello", ink(-0.5)[:70])
    blends = [Blend(one, other, share).opening(network) for share in (0.0, 0.25, 1.0)]
    ends = [one.opening(network), other.opening(network)]
    for blend, end in ((blends[0], ends[0]), (blends[2], ends[1])):
        assert blend.text == end.text
        np.testing.assert_allclose(blend.state.above[0].h, end.state.above[0].h, atol=1e-6)
    middle = 0.75 * ends[0].state.above[0].h + 0.25 * ends[1].state.above[0].h
    np.testing.assert_allclose(blends[1].state.above[0].h, middle, atol=1e-6)
    # Both windows stand at their texts' ends, which are not of one length.
    ahead = [end.state.window.kappa - len(end.text) for end in ends]
    found = blends[1].state.window.kappa - len(blends[1].text)
    np.testing.assert_allclose(found, 0.75 * ahead[0] + 0.25 * ahead[1], atol=1e-4)


def test_a_style_changes_the_ink_and_is_the_same_alone_and_among_others(network: SynthesisNetwork) -> None:
    scribe, style = Scribe(network), Style("x", TEXT, ink(-0.5))
    with_style = scribe.write("abc", seed=3, style=style)
    assert np.array_equal(with_style.strokes, scribe.write("abc", seed=3, style=style).strokes)
    assert not np.array_equal(with_style.strokes, scribe.write("abc", seed=3).strokes)
