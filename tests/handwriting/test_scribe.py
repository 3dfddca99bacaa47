"""Writing, with a small network that has learnt nothing: what holds of its ink holds of any."""

from __future__ import annotations

import inspect
import io
import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image

from handwriting import Ink, Scribe, strokes
from handwriting.cli import main, write
from handwriting.coverage import Coverage
from handwriting.data import pad_texts
from handwriting.drawing import FAR, SEEDS, Stretch
from handwriting.formats import read_ink
from handwriting.judging import beginnings
from handwriting.manuscript import Manuscript, parse_bias
from handwriting.model import SynthesisNetwork
from handwriting.page import Pen
from handwriting.prime import Opening, Prime, read
from handwriting.recogniser.reader import Reader
from handwriting.sample import BLOCK, MOST_POINTS_A_CHARACTER, MOST_POINTS_BESIDE, Line, Request, Sampler, sample
from handwriting.styles.shelf import find
from handwriting.styles.style import Blend
from shared.errors import UserError
from shared.rnn import unroll
from tests.handwriting.conftest import TINY


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
    opening = read(network, Prime(sample(network, [Request("a hand", 1.0, 1)])[0].strokes, "a hand"))
    requests = [
        Request("hello", 0.5, 5),
        Request("a much longer line", [0.1 * n for n in range(18)], 6, opening),
        Request("x", 0.0, 7),
    ]
    for request, line in zip(requests, sample(network, requests), strict=True):
        (alone,) = sample(network, [request])
        np.testing.assert_allclose(alone.strokes, line.strokes, rtol=1e-3, atol=1e-2)
        assert alone.coverage == line.coverage


def run_of(network: SynthesisNetwork, *requests: Request) -> Sampler:
    sampler = Sampler(network, requests)
    while not sampler.done:
        sampler.advance()
    return sampler


@pytest.mark.parametrize("primed", [False, True])
def test_a_line_that_is_gone_on_from_is_as_if_it_had_been_written_in_one_go(primed: bool) -> None:
    network = SynthesisNetwork(TINY).eval()
    text, said = "a line of some words", "a hand " if primed else ""
    opening = (
        read(network, Prime(sample(network, [Request("a hand", 1.0, 1)])[0].strokes, "a hand")) if primed else None
    )
    first = run_of(network, Request("another", 1.0, 1), Request(text, 0.5, 2, opening))
    one, row = first, 1
    for points in (1, 30, 64, 65, 66, 150, 192):  # each from the ink of the one before
        before, begun, row = one.line(row), one.begun(row, points), 0
        assert len(begun.points) == points
        assert points - begun.made < BLOCK
        one = run_of(network, Request(text, 0.5, 2 + points, begun=begun), Request("x", 1.0, 4))
        line = one.line(0)
        np.testing.assert_array_equal(line.strokes[:points], before.strokes[:points])
        np.testing.assert_array_equal(line.characters[:points], before.characters[:points])
        assert not np.array_equal(line.strokes[points : points + 5], before.strokes[points : points + 5])
        # What the network carries in the end is what it carries when it reads the line from the start.
        made = torch.cat([begun.points[: begun.made], torch.cat(one.points[1:], 1)[0]])
        begins = Opening(opening.state, opening.point, said) if opening else None
        core = network.read(*pad_texts([said + text]))
        state = core.initial_state(1)
        if begins:
            window = begins.state.window._replace(phi=state.window.phi)
            state, made = begins.state._replace(window=window), torch.cat([begins.point, made])
        with torch.inference_mode():
            _, read_again = unroll(core, made[None, :-1], state)
        torch.testing.assert_close(one.state.window.kappa[:1], read_again.window.kappa, rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(one.state.above[-1].h[:1], read_again.above[-1].h, rtol=1e-3, atol=1e-3)
        with pytest.raises(ValueError, match="began with more"):
            one.begun(0, begun.made - 1)


def test_ink_ends_with_the_pen_lifted_and_never_goes_on_for_ever(network: SynthesisNetwork) -> None:
    for line in sample(network, [Request("ab", 1.0, 0), Request("abcdef", 1.0, 1)]):
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
    assert ink.written == "café"
    assert ink.replaced == {"漢": ""}


def test_numbers_of_numpy_are_numbers(scribe: Scribe) -> None:
    ink = scribe.write("ab", seed=np.int32(3), bias=np.float32(0.5))
    np.testing.assert_array_equal(ink.strokes, scribe.write("ab", seed=3, bias=0.5).strokes)
    assert json.loads(json.dumps(ink.about)) == {"text": "ab", "seed": 3, "bias": 0.5}


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "text is empty"),
        (" \n", {}, "text is empty"),
        ("漢字", {}, "knows none of these characters"),
        ("a", {"bias": -1.0}, "bias must be between"),
        ("a", {"bias": float("nan")}, "bias must be between"),
        ("a", {"bias": [1.0, 1.0]}, "one for each line of the text: got 2 for 1"),
        ("a b", {"bias": [[1.0]]}, "one for each of its words: got 1 for the 2"),
        ("a", {"bias": [[-1.0]]}, "bias must be between"),
        ("a", {"seed": -1}, "seed must be"),
        ("a", {"best_of": 0}, "best of 1 to"),
    ],
)
def test_bad_requests_are_refused(scribe: Scribe, text: str, options: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        scribe.write(text, **options)


def test_ink_knows_the_name_of_the_hand_that_was_taken_on(scribe: Scribe) -> None:
    hand, other = find("calm"), find("brisk")
    assert scribe.write("hi", seed=1, style=hand).about["style"] == "calm"
    blended = scribe.write("hi", seed=1, style=Blend(hand, other, 0.25))
    assert blended.about["style"] == "calm+brisk:0.25"
    assert "style calm+brisk:0.25" in blended.svg()
    assert "style" not in scribe.write("hi", seed=1, style=hand.prime).about


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
    assert run(monkeypatch, "write", "hello ß", "-o", tmp_path / "a.svg", *model) == 0
    assert "'ß' cannot be written: wrote 'ss' instead" in capsys.readouterr().err
    assert run(monkeypatch, "write", "hello ß", *model) == 0
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
        ("caf\udce9", "a.png", "the text is not in UTF-8 (see character 4)"),
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


def test_a_text_from_standard_input_is_read_as_from_a_file(
    scribe: Scribe, model_folder: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    command = ["write", "-", "-o", tmp_path / "a.json", "--model", model_folder, "--seed", 1]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\ufeffcaf\u00e9".encode())))
    assert run(monkeypatch, *command) == 0
    assert json.loads((tmp_path / "a.json").read_text())["pages"][0]["about"]["text"] == "caf\u00e9"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9")))
    assert run(monkeypatch, *command) == 2
    assert "standard input: it is no text in UTF-8 (see byte 3)" in capsys.readouterr().err


def test_a_bias_in_a_file_of_options_is_a_number(model_folder: Path, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "how.yaml").write_text("bias: 1\nseed: 3\n")
    more = ["--config", tmp_path / "how.yaml", "--model", model_folder, "-o", tmp_path / "a.json"]
    assert run(monkeypatch, "write", "hi", *more) == 0
    assert json.loads((tmp_path / "a.json").read_text())["pages"][0]["about"]["bias"] == 1.0


def test_five_thousand_characters(scribe: Scribe) -> None:
    ink = scribe.write("lorem ipsum dolor sit amet " * 186, seed=1, bias=1.0)
    assert len(ink.written) >= 5000
    assert len(ink.written.splitlines()) > 100


def test_benchmark_command(model_folder: Path, monkeypatch, capsys) -> None:
    assert run(monkeypatch, "benchmark", "--model", model_folder, "--seconds", "0.1") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["1 line"]["points_a_second_a_line"] > 0
    assert report["a page of 30 lines"]["lines_drawn"] >= 30


LAST_SEED = SEEDS - 1


class Faking(Sampler):
    """A sampler whose lines fail as a test says: by the line's text and which attempt at it this is."""

    made: ClassVar[list[Sampler]] = []

    def __init__(self, network: SynthesisNetwork, requests: Sequence[Request]) -> None:
        super().__init__(network, requests)
        self.made.append(self)

    def line(self, row: int) -> Line:
        # As if "two" were whole at the third attempt, and "three", which dwells on less each time, never.
        attempt = (self.requests[row].seed - LAST_SEED) % SEEDS // FAR
        failed = {"two": attempt < 2, "three": True}.get(self.requests[row].text, False)
        dwelt_on = tuple(range(8 - attempt)) if failed else ()
        return replace(super().line(row), coverage=Coverage(bool(self.over[row]), (), (), dwelt_on))


def test_a_line_that_fails_is_drawn_again_and_no_other(network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faking, "made", [])
    monkeypatch.setattr("handwriting.drawing.Sampler", Faking)
    prime = Prime(sample(network, [Request("a hand", 1.0, 1)])[0].strokes, "a hand")
    ink = Scribe(network, Reading()).write("one\ntwo\nthree", bias=1.0, seed=LAST_SEED, style=prime)
    asked = [[request.text for request in sampler.requests] for sampler in Faking.made]
    # Again, two takes at once, for they cost hardly more time than one.
    assert asked == [["one", "two", "three"], ["two"] * 2 + ["three"] * 2, ["three"] * 2, ["three"] * 2]
    seeds = [request.seed for sampler in Faking.made for request in sampler.requests]
    assert len({seed % 2**32 for seed in seeds}) == len(seeds)  # torch looks at no more of them
    assert all(0 <= seed < 2**63 for seed in seeds)
    (flawed,) = ink.flawed
    assert flawed.text == "three"
    assert flawed.coverage.faults == 2  # the best of its draws
    assert (ink.draws, ink.failures) == (11, 9)


class Reading(Reader):
    """Reads all with ease but what a test says: nats a character by how a text begins, one number for each new line of ink."""

    def __init__(self, hard: dict[str, list[float]] | None = None) -> None:
        self.hard = hard or {}
        self.known: dict[bytes, float] = {}

    def log_probability(self, ink, texts) -> list[float]:
        def judged(strokes: np.ndarray, text: str) -> float:
            own = next((nats for begin, nats in self.hard.items() if text.startswith(begin)), [0.0])
            if strokes.tobytes() not in self.known:
                self.known[strokes.tobytes()] = own.pop(0) if len(own) > 1 else own[0]
            return len(text) * self.known[strokes.tobytes()]

        return [judged(*line) for line in zip(ink, texts, strict=True)]


def test_a_line_that_is_hard_to_read_is_drawn_again(network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faking, "made", [])
    monkeypatch.setattr("handwriting.drawing.Sampler", Faking)
    monkeypatch.setattr("handwriting.tail.settled", lambda strokes, characters, end: len(strokes))  # judged once each
    prime = Prime(sample(network, [Request("a hand", 1.0, 1)])[0].strokes, "a hand")
    reader = Reading({"hard": [-1.0, -0.9, -0.8, -0.1, -0.05]})
    ink = Scribe(network, reader).write("hard\none", bias=1.0, seed=5, style=prime)
    first, again, once_more = (sampler.requests for sampler in Faking.made)
    assert [request.text for request in first] == ["hard", "one"]
    assert [request.text for request in [*again, *once_more]] == ["hard"] * 4
    chosen = sample(network, [once_more[0]])[0].strokes  # the first that can be read, not the most readable
    assert len(ink.lines[0].strokes) == len(chosen)
    assert (ink.draws, ink.failures) == (5, 0)  # what came after a good one does not count


def test_the_words_that_are_good_are_kept_when_a_line_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubting(Reader):
        """Can read all but lines that end in "four", of which it can read the third that it sees."""

        def __init__(self) -> None:
            self.seen: list[bytes] = []

        def log_probability(self, ink, texts) -> list[float]:
            ends = [line.tobytes() for line, text in zip(ink, texts, strict=True) if text.endswith("four")]
            self.seen += [end for end in ends if end not in self.seen]
            hard = self.seen[:2]
            return [-9.0 * len(text) if line.tobytes() in hard else 0.0 for line, text in zip(ink, texts, strict=True)]

    monkeypatch.setattr(Faking, "made", [])
    monkeypatch.setattr("handwriting.drawing.Sampler", Faking)
    monkeypatch.setattr("handwriting.tail.settled", lambda strokes, characters, end: len(strokes))
    network = SynthesisNetwork(TINY).eval()
    ink = Scribe(network, Doubting()).write("one, and then four", seed=3)
    first, again = Faking.made
    failed = first.line(0)
    (place,) = [one.points for one in beginnings(failed, "one, and then four") if one.text == "one, and then"]
    kept = [request.begun for request in again.requests]
    assert [len(begun.points) for begun in kept if begun] == [place] * 2
    chosen = again.line(1).strokes
    np.testing.assert_array_equal(chosen[:place], failed.strokes[:place])
    assert not np.array_equal(chosen[place : place + 9], failed.strokes[place : place + 9])
    assert not np.array_equal(chosen[place : place + 9], again.line(0).strokes[place : place + 9])
    assert len(ink.lines[0].strokes) == len(chosen)


def test_all_lines_are_in_the_hand_of_one(network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faking, "made", [])
    monkeypatch.setattr("handwriting.drawing.Sampler", Faking)
    Scribe(network, Reading()).write("one\na line that is long enough\nanother that is long enough", seed=3)
    first, *others = Faking.made
    assert [request.text for request in first.requests] == ["a line that is long enough"]
    for sampler in others:
        assert all(request.opening.text == "a line that is long enough " for request in sampler.requests)


def test_a_flawed_line_shows_no_hand(network, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Faking):
        def line(self, row: int) -> Line:
            request = self.requests[row]
            dwelt_on = (0,) if request.text.startswith("bad") and not request.opening else ()
            return replace(super().line(row), coverage=Coverage(True, (), (), dwelt_on))

    monkeypatch.setattr(Faking, "made", [])
    monkeypatch.setattr("handwriting.drawing.Sampler", Failing)
    ink = Scribe(network, Reading()).write("bad line that is long enough\ngood line that is long enough\nx", seed=3)
    asked = [[request.text for request in sampler.requests] for sampler in Faking.made]
    bad, good = ink.written.splitlines()[:2]
    assert asked == [[bad], [bad] * 2, [bad] * 2, [bad] * 2, [good], [bad, "x"]]
    assert {request.opening.text for request in Faking.made[-1].requests} == {f"{good} "}
    assert not ink.flawed


def streamed(scribe: Scribe, text: str, seed: int) -> tuple[dict[int, list[Stretch]], Ink]:
    """The stretches of each line's newest attempt, and the ink at the end."""
    newest: dict[int, list[Stretch]] = {}

    def watch(stretch: Stretch) -> None:
        before = newest.get(stretch.line, [])
        newest[stretch.line] = [*(one for one in before if one.attempt == stretch.attempt), stretch]

    return newest, scribe.write(text, seed=seed, watch=watch)


@pytest.mark.parametrize(
    ("nats", "tried", "shown"),
    [
        ({}, ["a"], "a"),
        ({"a": [-1.0, -0.1]}, ["a", "aa"], "a"),
        ({"a": [-1.0, -0.8, -0.5, -0.7], "b": [0.0]}, ["a", "aa", "aa", "aa", "b"], "b"),
        # None is easy: the easiest.
        ({"a": [-1.0, -0.8, -0.5, -0.7], "b": [-0.6]}, ["a", "aa", "aa", "aa", "b", "bb", "bb", "bb"], "a"),
    ],
)
def test_the_hand_is_shown_by_a_line_that_can_be_read(nats, tried, shown, network, monkeypatch) -> None:
    monkeypatch.setattr(Faking, "made", [])
    monkeypatch.setattr("handwriting.drawing.Sampler", Faking)
    monkeypatch.setattr("handwriting.tail.settled", lambda strokes, characters, end: len(strokes))  # judged once each
    monkeypatch.setattr("handwriting.judging.beginnings", lambda line, text: [])
    scribe = Scribe(network, Reading({begin: list(own) for begin, own in nats.items()}))
    text = "a line that is long enough\nbut another is long too"
    scribe.write(text, seed=3)
    asked = ["".join(request.text[0] for request in sampler.requests) for sampler in Faking.made]
    assert asked[: len(tried)] == tried
    follower = Faking.made[len(tried)].requests[0]
    assert follower.opening.text.startswith(shown)
    assert follower.text[0] != shown


def test_what_is_streamed_is_what_is_written() -> None:
    scribe = Scribe(SynthesisNetwork(TINY).eval(), Reading())  # slow enough to make several blocks of points
    text = "hello world, how are you\nall well"
    newest, ink = streamed(scribe, text, seed=4)
    whole = scribe.write(text, seed=4)
    assert np.array_equal(ink.strokes, whole.strokes)
    for number, line in enumerate(whole.lines):
        assert len(newest[number]) > 1
        if not line.coverage.whole:
            continue  # the last attempt need not be the one that was kept
        shown = np.concatenate([stretch.strokes for stretch in newest[number]])
        assert np.array_equal(strokes.level(shown)[:-1], line.strokes[:-1])
        assert np.array_equal(shown[:-1, 2], line.strokes[:-1, 2])


def test_the_reader_chooses_the_best_of_many(network) -> None:
    class Choosy(Reader):
        """Likes long lines."""

        def __init__(self) -> None:
            self.seen: list[int] = []

        def log_probability(self, ink, texts) -> list[float]:
            assert set(texts) == {"hello"}
            self.seen += map(len, ink)
            return [float(len(line)) for line in ink]

    reader = Choosy()
    ink = Scribe(network, reader).write("hello", bias=0.2, seed=1, best_of=4)
    assert len(reader.seen) >= 4
    if ink.draws == 4 and ink.failures == 0:
        assert len(ink.strokes) == max(reader.seen)
    else:
        assert len(ink.strokes) in reader.seen


@pytest.mark.parametrize(
    ("given", "bias"), [("0.5", 0.5), ("0.5/1", [0.5, 1.0]), ("0.5,2", [[0.5, 2.0]]), ("1/0.5,2", [1.0, [0.5, 2.0]])]
)
def test_bias_is_told_for_lines_and_words(given, bias) -> None:
    assert parse_bias(given) == bias


def test_each_character_gets_the_bias_of_its_line_or_word() -> None:
    (first, second) = Manuscript.of("ab cd\ne", [[0.5, 2.0], 1.0]).rows
    assert first.biases == (0.5, 0.5, 0.5, 2.0, 2.0)
    assert second.biases == (1.0,)
    rows = Manuscript.of("word " * 15, [[n / 10 for n in range(15)]]).rows
    assert [row.ends_paragraph for row in rows] == [False, True]
    assert rows[1].biases[:4] == (1.0,) * 4


def test_the_bias_of_a_word_changes_that_word_alone(network) -> None:
    plain, neat = (sample(network, [Request("ab cd", bias, 3)])[0] for bias in (0.0, [0.0] * 3 + [2.0] * 2))
    same = int(np.flatnonzero(plain.characters >= 3)[0])
    assert np.array_equal(plain.strokes[:same], neat.strokes[:same])
    assert not np.array_equal(plain.strokes[same : same + 5], neat.strokes[same : same + 5])
