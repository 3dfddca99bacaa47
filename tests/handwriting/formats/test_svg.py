from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from handwriting.formats import encode, write_ink
from handwriting.pace import pen_times
from handwriting.page import Page, Paper
from handwriting.strokes import split

SVG = "{http://www.w3.org/2000/svg}"
LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"


def parsed(page: Page, ending: str = ".svg") -> ElementTree.Element:
    return ElementTree.fromstring(encode(page, ending)[0])


def layers(root: ElementTree.Element) -> list[ElementTree.Element]:
    return root.findall(f"{SVG}g")


def starts(layer: ElementTree.Element) -> list[tuple[float, float]]:
    return [tuple(map(float, re.match(r"M([-.\d]+) ([-.\d]+)", p.get("d")).groups())) for p in layer.iter(f"{SVG}path")]


@pytest.mark.parametrize("ending", [".svg", ".animated.svg"])
def test_a_layer_a_pen_a_path_a_stroke_in_writing_order(ending: str, page: Page) -> None:
    root = parsed(page, ending)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("60.00mm", "50.00mm", "0 0 60.00 50.00")
    blue, red = layers(root)
    assert [layer.get(LABEL) for layer in (blue, red)] == ["1 ink #1c2b57", "2 ink #dc143c"]
    assert [layer.get("stroke-width") for layer in (blue, red)] == ["0.45", "0.8"]
    first, second, third = page.lines
    for layer, lines in ((blue, (first, third)), (red, (second,))):
        begins = [stroke[0] for line in lines for stroke in split(line.strokes)]
        np.testing.assert_allclose(starts(layer), begins, atol=6e-4)


def test_the_text_is_data_whatever_is_in_it(page: Page) -> None:
    text = "</title><script>alert(1)</script> & \x00\x0b\ud800 end"
    for ending in (".svg", ".animated.svg", ".inkml"):
        root = ElementTree.fromstring(encode(replace(page, about={"text": text, "style": "<b>"}), ending)[0])
        assert not list(root.iter(f"{SVG}script"))
        assert "".join(root.itertext()).count("alert(1)") == 1
    assert root.findtext("{http://www.w3.org/2003/InkML}annotation") == "</title><script>alert(1)</script> &  end"


def test_printed_paper_is_a_layer_that_plotters_leave_out(page: Page) -> None:
    root = parsed(replace(page, paper=Paper(60, 50, "#fffdf3", "squared", pitch=10)))
    paper, *inks = layers(root)
    assert paper.get(LABEL).startswith("%")
    assert len(inks) == 2
    (rules,) = paper.findall(f"{SVG}path")
    assert rules.get("d").count("M") == 4 + 5
    assert not [layer for layer in layers(parsed(page)) if layer.get(LABEL).startswith("%")]


def test_vpype_reads_what_was_written(page: Page, tmp_path: Path) -> None:
    vpype = pytest.importorskip("vpype")
    (file,) = write_ink(replace(page, paper=Paper(60, 50, ruling="ruled")), tmp_path / "page.svg")
    read = vpype.read_multilayer_svg(str(file), quantization=0.1)
    assert sorted(read.layers) == [1, 2, 99]
    assert [len(read.layers[layer]) for layer in (1, 2)] == [8, 4]  # dots too
    np.testing.assert_allclose(read.page_size, np.array([60, 50]) * 96 / 25.4, atol=0.1)
    begins = [stroke[0] for line in (page.lines[0], page.lines[2]) for stroke in split(line.strokes)]
    found = np.array([[line[0].real, line[0].imag] for line in read.layers[1]]) * 25.4 / 96
    np.testing.assert_allclose(found, begins, atol=2e-3)


def test_the_animation_has_no_script_and_keeps_the_pace_of_the_pen(page: Page) -> None:
    text = encode(page, ".animated.svg")[0].decode()
    assert "script" not in text
    assert "<animate" not in text
    assert re.search(r"@media \(prefers-reduced-motion: no-preference\) \{\s*path \{ animation: write", text)
    times = pen_times(page.strokes)
    ends = np.flatnonzero(page.strokes[:, 2] > 0.5)
    begins = np.concatenate([[0], ends[:-1] + 1])
    # Layers stand pen after pen, the times in them are those of the whole page.
    delays = [float(delay) for delay in re.findall(r"animation-delay:([\d.]+)s", text)]
    durations = [float(duration) for duration in re.findall(r"animation-duration:([\d.]+)s", text)]
    np.testing.assert_allclose(sorted(delays), times[begins], atol=6e-3)
    np.testing.assert_allclose(
        sorted(np.add(delays, durations)), np.maximum(times[ends], times[begins] + 0.01), atol=0.011
    )
    assert text.count('class="dot"') == 3
    for pace in re.findall(r"linear\(([\d.,e-]+)\)", text):
        parts = [float(part) for part in pace.split(",")]
        assert parts[0] == 0
        assert parts[-1] == 1
        assert parts == sorted(parts)
