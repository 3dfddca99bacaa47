from __future__ import annotations

import pytest
import torch

from captioning.search import Ensemble, beam_search
from tests.captioning.search.conftest import V, captions, everything, log_prob, make_decoder, make_grid, same


def test_probabilities_are_the_mean_of_the_members() -> None:
    grid, words = make_grid(2), torch.tensor([4, 5])
    looks = [make_decoder(seed).look(grid) for seed in range(3)]
    ensemble = Ensemble(looks)
    log_probs, attention, _ = ensemble.predict(words, ensemble.initial_state(2))
    single = [look.predict(words, look.initial_state(2)) for look in looks]
    torch.testing.assert_close(log_probs.exp(), sum(part[0].exp() for part in single) / 3)
    torch.testing.assert_close(attention, sum(part[1] for part in single) / 3)
    assert log_probs.shape == (2, V)


@torch.inference_mode()
def test_it_is_searched_as_one_decoder() -> None:
    decoders = [make_decoder(0), make_decoder(1, "hard"), make_decoder(2, "none")]
    grids = [make_grid(2), make_grid(2), make_grid(2, places=3)]

    def bind(photos: slice) -> Ensemble:
        return Ensemble([decoder.look(grid[photos]) for decoder, grid in zip(decoders, grids, strict=True)])

    together = beam_search(bind(slice(None)), 2, 27, maximum=3, length_power=0.0, thorough=True)
    for photo in range(2):
        one = bind(slice(photo, photo + 1))
        assert captions(together, photo)[0] == max(everything(3), key=lambda words: log_prob(one, words))
        same(beam_search(one, 1, 27, maximum=3, length_power=0.0, thorough=True), together, photo)


def test_a_decoder_with_itself_is_that_decoder() -> None:
    look = make_decoder().look(make_grid())
    alone, twice = (beam_search(predictor, 3, 3, best=2) for predictor in (look, Ensemble([look, look])))
    for photo in range(3):
        assert captions(alone, photo) == captions(twice, photo)
    torch.testing.assert_close(alone.scores, twice.scores)


def test_refuses_no_decoders() -> None:
    with pytest.raises(ValueError, match="needs a decoder at least"):
        Ensemble([])
