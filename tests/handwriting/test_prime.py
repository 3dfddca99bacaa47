"""Where a prime leaves the window."""

from __future__ import annotations

import pytest
import torch

from handwriting.model import SynthesisNetwork
from handwriting.prime import ASTRAY, END, Prime, _put_back, read
from handwriting.window import WindowState
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
