"""Writing, with a small network that has learnt nothing: what holds of its ink holds of any."""

from __future__ import annotations

import inspect
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handwriting import Scribe, strokes
from handwriting.cli import main, write
from handwriting.formats import read_ink
from handwriting.model import SynthesisNetwork
from handwriting.page import Pen
from handwriting.sample import MOST_POINTS_A_CHARACTER, MOST_POINTS_BESIDE, sample, without_what_comes_after
from shared.errors import UserError


@pytest.fixture(scope="module")
def scribe(network: SynthesisNetwork) -> Scribe:
    return Scribe(network)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["handwriting", *map(str, arguments)])
    return main()


def test_the_same_seed_gives_the_same_ink(scribe: Scribe) -> None:
    one, other = (scribe.write("hello", seed=7, bias=1.0) for _ in range(2))
    assert np.array_equal(one.strokes, other.strokes)
    assert not np.array_equal(one.strokes, scribe.write("hello", seed=8, bias=1.0).strokes)
    chance = scribe.write("hello")
    assert np.array_equal(chance.strokes, scribe.write("hello", seed=chance.seed).strokes)


def test_a_line_is_the_same_alone_and_in_company(network: SynthesisNetwork) -> None:
    texts, seeds = ["hello", "a much longer line", "x"], [5, 6, 7]
    together = sample(network, texts, [0.5, 1.0, 0.0], seeds)
    for text, bias, seed, line in zip(texts, [0.5, 1.0, 0.0], seeds, together, strict=True):
        (alone,) = sample(network, [text], [bias], [seed])
        np.testing.assert_allclose(alone.strokes, line.strokes, rtol=1e-3, atol=1e-2)
        assert alone.finished == line.finished


def test_ink_ends_with_the_pen_lifted_and_never_goes_on_for_ever(network: SynthesisNetwork) -> None:
    for line in sample(network, ["ab", "abcdef"], [1.0, 1.0], [0, 1]):
        assert line.strokes[-1, 2] == 1
        assert np.isfinite(line.strokes).all()
        assert len(line.strokes) <= 6 * MOST_POINTS_A_CHARACTER + MOST_POINTS_BESIDE
        assert len(line.characters) == len(line.strokes)


def test_every_point_knows_its_character(scribe: Scribe) -> None:
    ink = scribe.write("ab cd\n\nefg", seed=1)
    assert ink.written == "ab cd\n\nefg"
    assert len(ink.characters) == len(ink.strokes)
    assert ink.characters.min() >= 0
    assert ink.characters.max() < len(ink.written)
    assert "\n" not in {ink.written[position] for position in ink.characters}


def test_long_texts_are_broken_into_lines(scribe: Scribe) -> None:
    ink = scribe.write("word " * 40, seed=1)
    assert len(ink.written.splitlines()) == 4
    _, top, _, bottom = strokes.bounds(ink.strokes)
    assert bottom - top > 3 * 8


def test_what_cannot_be_written_is_named(scribe: Scribe) -> None:
    ink = scribe.write("café 漢", seed=1)
    assert ink.written == "cafe"
    assert ink.replaced == {"é": "e", "漢": ""}


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "text is empty"),
        (" \n", {}, "text is empty"),
        ("漢字", {}, "knows none of these characters"),
        ("a", {"bias": -1.0}, "bias must be between"),
        ("a", {"bias": float("nan")}, "bias must be between"),
        ("a", {"seed": -1}, "seed must be"),
    ],
)
def test_bad_requests_are_refused(scribe: Scribe, text: str, options: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        scribe.write(text, **options)


def test_svg_has_a_path_for_every_stroke_and_escapes_the_text(scribe: Scribe, tmp_path: Path) -> None:
    ink = scribe.write("a <b> & c", seed=3)
    root = ElementTree.parse(ink.save(tmp_path / "ink.svg")).getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{name}title").text == "a <b> & c"
    assert len(root.findall(f".//{name}path")) == int(ink.strokes[:, 2].sum())
    assert root.get("width").endswith("mm")
    _, _, width, height = map(float, root.get("viewBox").split())
    left, top, right, bottom = strokes.bounds(ink.strokes)
    assert width == pytest.approx(right - left + 8, abs=0.01)
    assert height == pytest.approx(bottom - top + 8, abs=0.01)


def test_png_shows_ink_and_knows_its_size(scribe: Scribe, tmp_path: Path) -> None:
    ink = scribe.write("hello", seed=3)
    with Image.open(ink.save(tmp_path / "ink.png")) as picture:
        left, top, right, bottom = strokes.bounds(ink.strokes)
        assert picture.size == pytest.approx((12 * (right - left + 8), 12 * (bottom - top + 8)), abs=1)
        assert picture.info["dpi"][0] == pytest.approx(304.8, abs=1)
        gray = np.asarray(picture.convert("L"))
        assert gray[0].min() == 255  # the margin
        assert gray.min() < 80


def test_write_command(model_folder: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    model = ["--model", model_folder, "--seed", 7]
    assert run(monkeypatch, "write", "hello é", "-o", tmp_path / "a.svg", *model) == 0
    assert "'é' cannot be written: wrote 'e' instead" in capsys.readouterr().err
    assert run(monkeypatch, "write", "hello é", *model) == 0
    assert capsys.readouterr().out == (tmp_path / "a.svg").read_text()
    assert run(monkeypatch, "write", "hello", "-o", tmp_path / "a.png", *model) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.png", "a.svg"]


def test_write_command_makes_every_format_and_convert_turns_one_into_another(
    model_folder: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    looks = ["--colour", "crimson", "--pen-width", 0.8]
    assert (
        run(monkeypatch, "write", "hello", "-o", tmp_path / "a.json", "--model", model_folder, "--seed", 7, *looks) == 0
    )
    assert run(monkeypatch, "write", "hello", "-o", tmp_path / "a.gcode", "--model", model_folder, "--seed", 7) == 0
    assert "to plot: " in capsys.readouterr().err
    (page,) = read_ink(tmp_path / "a.json")
    assert page.lines[0].pen == Pen("#dc143c", 0.8)
    assert page.about == {"text": "hello", "seed": 7, "bias": 0.75}
    for ending in (".gif", ".pdf", ".inkml", ".animated.svg"):
        assert run(monkeypatch, "convert", tmp_path / "a.json", "-o", tmp_path / f"b{ending}") == 0
        assert (tmp_path / f"b{ending}").stat().st_size > 300
    assert run(monkeypatch, "convert", tmp_path / "a.gcode", "-o", tmp_path / "c.svg") == 2
    assert "ink is read from" in capsys.readouterr().err


def test_write_command_has_the_usual_pen() -> None:
    given = {name: parameter.default for name, parameter in inspect.signature(write).parameters.items()}
    assert Pen(given["colour"], given["pen_width"]) == Pen()


@pytest.mark.parametrize(
    ("text", "output", "message"),
    [
        ("", "a.svg", "text is empty"),
        ("hi", "a.docx", "the formats are .svg, .animated.svg, .png"),
        ("hi", "none/a.svg", "there is no folder"),
        ("hi", "folder.svg", "it is a folder"),
    ],
)
def test_write_command_says_what_is_wrong(
    text, output, message, model_folder: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    (tmp_path / "folder.svg").mkdir()
    assert run(monkeypatch, "write", text, "-o", tmp_path / output, "--model", model_folder) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert len(error.splitlines()) == 1


def test_five_thousand_characters(scribe: Scribe) -> None:
    ink = scribe.write("lorem ipsum dolor sit amet " * 186, seed=1, bias=1.0)
    assert len(ink.written) >= 5000
    assert len(ink.written.splitlines()) > 100


def test_benchmark_command(model_folder: Path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "benchmark", "--model", model_folder, "--seconds", "0.1") == 0
    assert '"points_a_second_a_line"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lifts", "characters", "kept"),
    [
        ([2, 5], [0, 0, 0, 1, 1, 1], 6),  # the last stroke is of the text
        ([2, 5], [0, 0, 0, 1, 1, 2], 6),  # it is ended when the window has just left
        ([2, 5], [0, 0, 1, 1, 2, 2], 3),  # it is of nothing
        ([5], [2, 2, 2, 2, 2, 2], 6),  # it is all there is
    ],
)
def test_a_stroke_begun_after_the_text_is_taken_off(lifts, characters, kept) -> None:
    strokes = np.zeros((6, 3))
    strokes[lifts, 2] = 1
    assert without_what_comes_after(strokes, np.array(characters), end=2) == kept


def test_a_line_that_fails_is_drawn_again_and_no_other(network, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[str, ...], tuple[int, ...]]] = []

    def draw(network, texts, biases, seeds):
        asked.append((tuple(texts), tuple(seeds)))
        lines = sample(network, texts, biases, seeds)
        # As if "two" were reached at the third attempt, and "three" never.
        failed = {"two": len(asked) < 3, "three": True}
        return [replace(line, finished=not failed.get(text, False)) for line, text in zip(lines, texts, strict=True)]

    monkeypatch.setattr("handwriting.scribe.sample", draw)
    ink = Scribe(network).write("one\ntwo\nthree", bias=1.0, seed=2**63 - 1)
    assert [texts for texts, _ in asked] == [("one", "two", "three"), *[("two", "three")] * 2, *[("three",)] * 2]
    seeds = [seed for _, seeds in asked for seed in seeds]
    assert len({seed % 2**32 for seed in seeds}) == len(seeds)  # torch looks at no more of them
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert ink.unfinished == ("three",)
