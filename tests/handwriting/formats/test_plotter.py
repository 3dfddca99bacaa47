from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from handwriting.formats import encode, plotter
from handwriting.page import Line, Page, Paper, Pen
from handwriting.strokes import join
from shared.errors import UserError

pytest.importorskip("vpype")
# A line of 30 mm, and a dot 40 mm to its right.
INK = join([np.array([[10.0, 20.0], [40.0, 20.0]]), np.array([[80.0, 20.0]])])


@pytest.mark.parametrize("paper", [Paper(100, 50), Paper(100, 200), Paper(100, 100)])
def test_hpgl_counts_40_units_a_mm_from_the_lower_left_corner(paper: Paper) -> None:
    content = encode(Page(paper, (Line(INK),)), ".hpgl")[0].decode()
    y = round((paper.height - 20) * 40)
    assert content == f"IN;DF;VS4;SP1;PU400,{y};PR;PD1200,0;PU1600,0;PD0,0;PA;PU;SP0;IN;\n"


def test_gcode_is_in_mm_and_lifts_the_pen() -> None:
    rows = [
        row
        for row in encode(Page(Paper(100, 50), (Line(INK),), {"text": "a\nb;(c) é"}), ".gcode")[0].decode().splitlines()
    ]
    assert rows[0] == "; a b;(c) ?"
    assert rows[1].startswith("; 100 x 50 mm, about 3 s to plot")
    assert rows[2:] == [
        "G21", "G90", "G17", "G0 Z4",
        "G0 X10.000 Y30.000 F6000", "G1 Z0 F2400", "G1 X40.000 Y30.000 F2400", "G0 Z4",
        "G0 X80.000 Y30.000 F6000", "G1 Z0 F2400", "G1 X80.000 Y30.000 F2400", "G0 Z4",
        "G0 X0 Y0 F6000", "M2",
    ]  # fmt: skip


def test_pens_are_changed_and_paper_is_not_drawn(page: Page) -> None:
    page = replace(page, paper=Paper(60, 50, "#eeeeee", "squared"))
    hpgl, gcode = (encode(page, ending)[0].decode() for ending in (".hpgl", ".gcode"))
    assert re.findall(r"SP\d", hpgl) == ["SP1", "SP2", "SP0"]
    assert len(re.findall("PD", hpgl)) == 12
    assert gcode.count("M0\n") == 1
    assert gcode.count("G1 Z0") == 12


def test_chords_follow_the_curve_in_writing_order(page: Page) -> None:
    gcode = encode(page, ".gcode")[0].decode()
    places = np.array([list(map(float, place)) for place in re.findall(r"X(\S+) Y(\S+)", gcode)])[:-1]
    wanted = np.concatenate([stroke for _, stroke in plotter._strokes(page)]) * [1, -1] + [0, 50]
    # Every corner that was kept is one of the curve's, in order.
    at = -1
    for place in places:
        at = at + 1 + int(np.flatnonzero(np.abs(wanted[at + 1 :] - place).max(1) < 6e-4)[0])
    assert len(places) < 0.6 * len(wanted)


def test_time_is_estimated_from_ways_and_lifts() -> None:
    found = plotter.plotting(Page(Paper(100, 20), (Line(INK),)))
    assert found.drawn == pytest.approx(30)
    assert found.travelled == pytest.approx(10 + 40 + 80)
    assert found.strokes == 2
    assert found.seconds == pytest.approx(30 / 40 + 130 / 100 + 4 * 0.15)
    assert str(found) == "about 3 s to plot: 0.03 m drawn in 2 strokes, 0.13 m in the air"


def test_without_vpype_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotter, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"show-and-scribe\[plotter\]"):
        encode(Page(Paper(100, 50), (Line(INK, "", Pen()),)), ".hpgl")
