"""Where a prime leaves the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from handwriting.model import SynthesisNetwork
from handwriting.prime import ASTRAY, END, KnownWriter, Prime, _put_back, read
from handwriting.sample import Request, sample
from handwriting.scribe import Scribe
from handwriting.styles.shelf import load
from handwriting.window import WindowState
from shared.errors import UserError
from tests.handwriting.conftest import TINY
from tests.handwriting.styles.test_normal import TEXT, ink


def window_at(place: int, places: int = 10) -> WindowState:
    phi = torch.zeros(1, places)
    phi[0, place] = 0.3
    return WindowState((), torch.tensor([[place - 0.5, place + 2.0]]), torch.zeros(1, 4), phi)


@pytest.mark.parametrize("place", [2, 5, 9])
def test_a_window_that_went_astray_is_put_back_to_the_end_of_the_text(place: int) -> None:
    found = _put_back(window_at(place), 9)
    torch.testing.assert_close(found.kappa, torch.tensor([[9 + END - 0.5, 9 + END + 2.0]]))


def test_one_that_is_about_there_stays() -> None:
    window = window_at(8)
    assert abs(8 - 9 - END) < ASTRAY
    assert _put_back(window, 9) is window


def test_words_that_are_not_in_the_ink_are_behind_the_window(network: SynthesisNetwork) -> None:
    ends = []
    for text in (TEXT, f"{TEXT} and then some more"):
        opening = read(network, Prime(ink(), text))
        ends.append(float(opening.state.window.kappa.mean()) - len(opening.text))
    assert ends[0] == pytest.approx(ends[1], abs=2 * ASTRAY + 1)


@pytest.fixture(scope="module")
def acquainted() -> SynthesisNetwork:
    """A network that knows the writers 4 and 9."""
    torch.manual_seed(0)
    return SynthesisNetwork(replace(TINY, writers=(4, 9), points_per_character=2.0)).eval()


def test_a_known_writer_writes_in_any_company(acquainted: SynthesisNetwork) -> None:
    hands = [None, KnownWriter(4), KnownWriter(9)]
    requests = [Request("a line", seed=3, opening=hand.opening(acquainted) if hand else None) for hand in hands]
    together = sample(acquainted, requests)
    for request, line in zip(requests, together, strict=True):
        np.testing.assert_allclose(line.strokes, sample(acquainted, [request])[0].strokes, atol=1e-3)
    anybody, one, other = (line.strokes[:10] for line in together)
    assert not np.allclose(anybody, one)
    assert not np.allclose(one, other)


def test_a_known_writer_is_asked_for_as_a_style(acquainted: SynthesisNetwork, network: SynthesisNetwork) -> None:
    hand = load("writer:9")
    assert hand == KnownWriter(9)
    ink = Scribe(acquainted).write("two words", seed=1, style=hand)
    assert ink.style == "writer:9"
    with pytest.raises(UserError, match="writer 5 is not known to this network; it knows the writers 4, 9$"):
        Scribe(acquainted).write("two words", style=load("writer:5"))
    with pytest.raises(UserError, match="it knows no writers: train one with --lesson.know-writers true"):
        Scribe(network).write("two words", style=hand)
    with pytest.raises(UserError, match=r"0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … \(30 in all\)"):
        KnownWriter(99).opening(SynthesisNetwork(replace(TINY, writers=tuple(range(30)))))
