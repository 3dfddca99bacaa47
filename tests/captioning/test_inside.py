"""What the cells did is what the words were chosen with."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from captioning import Captioner
from captioning.decoder import Glance
from captioning.inside import CaptionInside, lively_cells, look_inside
from tests.captioning.conftest import draw


def test_the_cells_are_those_that_each_word_was_chosen_with(captioner: Captioner) -> None:
    grid = captioner.encode([draw("red", "ball"), draw("blue", "box")])
    (caption,) = captioner.describe_all(grid, beam=3)[0]
    seen = look_inside(captioner, grid, caption.text)
    assert seen.words == [*caption.words, ""]
    assert seen.cells.shape == (len(seen.words), captioner.config.hidden_size)
    # What the first cells say of the first word, by the decoder's own last layer.
    decoder = captioner.members[0][1]
    with torch.no_grad():
        look = decoder.look(grid.features[0][:1])
        start = decoder.embed(torch.tensor([1]))
        glance = look.glance(look(start, look.initial_state(1))[0])
        hidden = torch.from_numpy(seen.cells[:1])
        scores = decoder.logits(start, Glance(hidden, glance.context, glance.attention, glance.log_chance)).log_softmax(
            -1
        )
    first = captioner.vocabulary.encode(caption.words[0])[0]
    assert float(scores[0, first]) == pytest.approx(caption.word_log_probs[0], abs=1e-4)


def test_the_liveliest_cell_comes_first(captioner: Captioner) -> None:
    cells = np.zeros((4, 20))
    cells[:, 7] = [0, 1, 0, 1]
    cells[:, 3] = [0, 0, 0, 1]
    assert lively_cells(CaptionInside(["a", "b", "c", ""], cells))[:2] == [7, 3]


def test_no_words_no_cells(captioner: Captioner) -> None:
    with pytest.raises(ValueError, match="without words"):
        look_inside(captioner, captioner.encode([draw("red", "ball")]), "")
