"""JSON and InkML: ours to the last bit or micrometre, and those of others."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handwriting.formats import decode, encode
from handwriting.page import Page
from handwriting.strokes import join, split
from shared.errors import UserError

number = st.floats(-1000, 1000, allow_nan=False)
stroke = st.lists(st.tuples(number, number), min_size=1, max_size=5)
ink = st.lists(stroke, min_size=2, max_size=5).map(lambda strokes: join([np.array(s) for s in strokes]))


def read(text: str, ending: str) -> list[np.ndarray]:
    (page,) = decode(text.encode(), ending, "ink")
    return [found.tolist() for found in split(page.strokes)]


@settings(deadline=None)  # the first example waits for imports
@given(ink)
def test_json_gives_back_every_bit(strokes: np.ndarray) -> None:
    page = Page.around(strokes, "some text")
    (found,) = decode(encode(page, ".json")[0], ".json", "ink")
    assert found.lines[0].strokes.tobytes() == strokes.tobytes()
    assert found.paper == page.paper
    assert found.about == page.about


@settings(deadline=None)  # the first example waits for imports
@given(ink)
def test_inkml_gives_back_places_to_a_nanometre(strokes: np.ndarray) -> None:
    content = encode(Page.around(strokes), ".inkml")[0]
    (found,) = decode(content, ".inkml", "ink")
    assert found.strokes[:, 2].tolist() == strokes[:, 2].tolist()
    np.testing.assert_allclose(np.cumsum(found.strokes[:, :2], 0), np.cumsum(strokes[:, :2], 0), atol=0.51e-6, rtol=0)
    assert encode(found, ".inkml")[0] == content


def test_json_keeps_which_character_each_point_belongs_to(page: Page) -> None:
    (found,) = decode(encode(page, ".json")[0], ".json", "ink")
    assert np.array_equal(found.lines[0].characters, page.lines[0].characters)
    assert found.lines[1].characters is None
    content = json.loads(encode(page, ".json")[0])
    assert set(content) == {"format", "version", "unit", "pages"}


@pytest.mark.parametrize(
    "text",
    ["[[[1, 2], [3, 4]], [[5, 6]]]", '{"strokes": [[[1, 2, 0.5, 99], [3, 4, 0.7, 101]], [[5, 6]]], "text": "hi"}'],
)
def test_json_of_others(text: str) -> None:
    assert read(text, ".json") == [[[1, 2], [3, 4]], [[5, 6]]]


FORM = '<traceFormat><channel name="X"{0}/><channel name="Y"{0}{1}/>{2}</traceFormat>'


@pytest.mark.parametrize(
    ("inner", "strokes"),
    [
        ("<trace>1 2, 3 4</trace><trace>5 6</trace>", [[[1, 2], [3, 4]], [[5, 6]]]),
        # the example of the recommendation's section 3.2.1
        ("""<trace>1125 18432,'23'43,"7"-8,3-5,7 -3,6 2,6 8,3 6,2 4,3 5</trace>""",
         [[[1125, 18432], [1148, 18475], [1178, 18510], [1211, 18540], [1251, 18567], [1297, 18596], [1349, 18633],
           [1404, 18676], [1461, 18723], [1521, 18775]]]),
        ("<trace>1 2, 3 4, !9 !9, '1'1, 2 2</trace>", [[[1, 2], [3, 4], [9, 9], [10, 10], [12, 12]]]),
        (FORM.format("", "", '<channel name="T"/>') + "<trace>1 2 99, 3 4 98</trace>", [[[1, 2], [3, 4]]]),
        (FORM.format(' units="cm"', "", "") + "<trace>1 2, 3 4</trace>", [[[10, 20], [30, 40]]]),
        (FORM.format("", ' orientation="-ve"', "") + "<trace>1 2, 3 4</trace>", [[[1, -2], [3, -4]]]),
        (FORM.format(' units="dev"', "", "") + '<channelProperty channel="X" name="resolution" value="10" units="1/mm"/>'
         '<channelProperty channel="Y" name="resolution" value="50" units="1/cm"/><trace>10 20, 30 40</trace>',
         [[[1, 4], [3, 8]]]),
        # Office: whole device units, in a channel that is said to be in cm
        (FORM.format(' type="integer" units="cm"', "", "")
         + '<channelProperty channel="X" name="resolution" value="1000" units="1/cm"/>'
         '<channelProperty channel="Y" name="resolution" value="1000" units="1/cm"/><trace>1000 200, 3000 400</trace>',
         [[[10, 2], [30, 4]]]),
        # and one whose numbers are what its channels say
        (FORM.format(' units="cm"', "", "") + '<channelProperty channel="X" name="resolution" value="1000" units="1/cm"/>'
         '<trace>1 2, 3 4</trace>', [[[10, 20], [30, 40]]]),
        # Office, after a pen and a mouse: each counts in its own way
        ('<definitions><context xml:id="pen"><inkSource>' + FORM.format(' type="integer" units="cm"', "", '<channel name="F"/>')
         + '<channelProperty channel="X" name="resolution" value="1000" units="1/cm"/>'
         '<channelProperty channel="Y" name="resolution" value="500" units="1/cm"/></inkSource></context>'
         '<context xml:id="mouse"><inkSource>' + FORM.format(' units="mm"', "", "") + '</inkSource></context></definitions>'
         '<trace contextRef="#pen">1000 200 7, 3000 400 8</trace><trace contextRef="#mouse">1 2, 3 4</trace>'
         '<traceGroup contextRef="#mouse"><trace>5 6</trace><trace contextRef="#pen">100 50 9</trace></traceGroup>',
         [[[10, 4], [30, 8]], [[1, 2], [3, 4]], [[5, 6]], [[1, 1]]]),
        # a context holds for what follows it, and may only refer to where it is described
        ('<definitions><traceFormat xml:id="f"><channel name="X" units="cm"/><channel name="Y" units="cm"/></traceFormat>'
         '<context xml:id="c" traceFormatRef="#f"/></definitions><context><traceFormat><channel name="Y" units="mm"/>'
         '<channel name="X" units="mm"/></traceFormat></context><trace>1 2, 3 4</trace><context contextRef="#c"/><trace>5 6</trace>'
         '<trace contextRef="#none">7 8</trace>', [[[2, 1], [4, 3]], [[50, 60]], [[70, 80]]]),
        ('<context xml:id="a" contextRef="#b"/><context xml:id="b" contextRef="#a"/><trace>1 2, 3 4</trace>', [[[1, 2], [3, 4]]]),
        ('<trace type="penUp">9 9, 8 8</trace><trace>1 2, 3 4</trace>', [[[1, 2], [3, 4]]]),
        ('<traceGroup><trace>1 2</trace><traceGroup><trace>3 4</trace></traceGroup></traceGroup>', [[[1, 2]], [[3, 4]]]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.w3.org/2003/InkML"'])
def test_inkml_of_others(inner: str, strokes: list[list[list[float]]], namespace: str) -> None:
    found = read(f"<ink{namespace}>{inner}</ink>", ".inkml")
    assert [len(stroke) for stroke in found] == [len(stroke) for stroke in strokes]
    for mine, known in zip(found, strokes, strict=True):
        np.testing.assert_allclose(mine, known)


@pytest.mark.parametrize(("size", "mm"), [(900.0, 900.0), (21_000.0, 210.0), (3_000_000.0, 300.0)])
def test_json_in_a_tablets_own_units_is_brought_to_mm(size: float, mm: float) -> None:
    strokes = [[[0, 5], [size / 2, 900]], [[size, 30]]]
    (page,) = decode(json.dumps(strokes).encode(), ".json", "theirs")
    places = np.cumsum(page.lines[0].strokes[:, :2], 0)
    np.testing.assert_allclose(places, np.concatenate(strokes) * mm / size)
    assert page.lines[0].strokes[:, 2].tolist() == [0, 1, 1]


@pytest.mark.parametrize(("unit", "wide"), [("", 50.0), (' units="dev"', 50.0), (' units="mm"', 5_000.0)])
def test_inkml_in_a_tablets_own_units_is_brought_to_mm(unit: str, wide: float) -> None:
    content = f"<ink>{FORM.format(unit, '', '')}<trace>0 0, 2500 900</trace><trace>5000 30</trace></ink>"
    (page,) = decode(content.encode(), ".inkml", "theirs")
    places = np.cumsum(page.lines[0].strokes[:, :2], 0)
    np.testing.assert_allclose(places, np.array([[0, 0], [2500, 900], [5000, 30]]) * wide / 5_000)


def test_json_that_tells_its_unit_is_believed() -> None:
    strokes = [[[0, 0], [5000, 20]]]
    (page,) = decode(json.dumps({"strokes": strokes, "unit": "mm"}).encode(), ".json", "theirs")
    assert page.lines[0].strokes[1].tolist() == [5000, 20, 1]


@pytest.mark.parametrize(("unit", "mm"), [("cm", 10.0), ("m", 1000.0), ("in", 25.4)])
def test_json_may_be_in_another_unit(unit: str, mm: float) -> None:
    content = json.dumps({"strokes": [[[0, 0], [0.1, 0.02]]], "unit": unit}).encode()
    (page,) = decode(content, ".json", "theirs")
    np.testing.assert_allclose(page.lines[0].strokes[1, :2], [0.1 * mm, 0.02 * mm])


@pytest.mark.parametrize(
    "content", ['{"strokes": [[[1, 2]]], "unit": "parsec"}', '{"strokes": [[[1, 2]]], "unit": [1]}']
)
def test_json_in_an_unknown_unit_is_refused(content: str) -> None:
    with pytest.raises(UserError, match="its unit is .*; there are mm, cm"):
        decode(content.encode(), ".json", "theirs")


def test_half_a_character_in_json_can_go_into_any_file() -> None:
    (page,) = decode(b'{"strokes": [[[0, 0], [5, 2]]], "text": "a\\ud800b"}', ".json", "theirs")
    assert page.lines[0].text == "a?b"
    assert encode(page, ".png")


def test_inkml_of_others_may_say_what_is_written() -> None:
    (page,) = decode(b'<ink><annotation type="truth">x+y</annotation><trace>1 2, 3 4</trace></ink>', ".inkml", "ink")
    assert page.lines[0].text == "x+y"


def test_inkml_of_others_may_say_it_line_by_line() -> None:
    line = '<traceGroup><annotation type="{}">{}</annotation><trace>1 2, 3 4</trace></traceGroup>'.format
    word = (
        f"<traceGroup>{line('label', 'none of a line')}<annotation type='truth'>but the line</annotation></traceGroup>"
    )
    inner = (
        line("truth", "one")
        + f"<traceGroup>{line('transcription', ' two ')}{line('writer', 'Ann')}</traceGroup>"
        + word
    )
    (page,) = decode(f"<ink>{inner}</ink>".encode(), ".inkml", "ink")
    assert page.lines[0].text == "one\ntwo\nbut the line"
    (page,) = decode(f'<ink><annotation type="text">all</annotation>{inner}</ink>'.encode(), ".inkml", "ink")
    assert page.lines[0].text == "all"
