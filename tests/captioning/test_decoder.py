from __future__ import annotations

import pytest
import torch
from torch import Tensor

from captioning.decoder import Decoder, Glance
from captioning.search import beam_search
from shared.cells import CELLS
from shared.rnn import unroll

WORDS, CHANNELS = 11, 6


def make_decoder(**changes: object) -> Decoder:
    torch.manual_seed(0)
    sizes = {"word_size": 4, "hidden_size": 5, "context_size": 3, "attention_size": 7, **changes}
    return Decoder(WORDS, CHANNELS, **sizes).double().eval()  # type: ignore[arg-type]


def grid(photos: int = 2, locations: int = 4) -> Tensor:
    return torch.randn(photos, locations, CHANNELS, dtype=torch.double, generator=torch.Generator().manual_seed(1))


def test_one_step_is_the_paper_s_equations() -> None:
    decoder = make_decoder()
    look = decoder.look(grid(1))
    state = look.initial_state(1)
    word = decoder.embed(torch.tensor([3]))
    glance = look.glance(look(word, state)[0])

    a, look_at = decoder.annotations(grid(1))[0], decoder.attention
    energies = [look_at.score(torch.tanh(look_at.keys(a_i) + look_at.query(state.h[0]))) for a_i in a]
    alpha = torch.softmax(torch.cat(energies), 0)
    z = torch.sigmoid(decoder.gate(state.h[0])) * sum(alpha[i] * a[i] for i in range(len(a)))
    h, _ = decoder.core(torch.cat([word[0], z])[None], state)
    for part, expected in zip(glance[:3], (h[0], z, alpha), strict=True):
        torch.testing.assert_close(part[0], expected)


every_cell = pytest.mark.parametrize("cell", CELLS)


@every_cell
def test_unrolling_is_stepping(cell: str) -> None:
    decoder = make_decoder(cell=cell)
    look = decoder.look(grid())
    words = torch.randint(WORDS, (6, 5), generator=torch.Generator().manual_seed(2))
    ys, _ = unroll(look, decoder.embed(words))
    state = look.initial_state(6)
    for t in range(5):
        y, state = look(decoder.embed(words[:, t]), state)
        torch.testing.assert_close(ys[:, t], y)


def test_rows_of_a_photo_share_it_and_no_other() -> None:
    decoder, photos = make_decoder(), grid(2)
    word = decoder.embed(torch.tensor([1, 2, 3, 1, 2, 3]))
    both, _ = (look := decoder.look(photos))(word, look.initial_state(6))
    for photo in range(2):
        rows = slice(3 * photo, 3 * photo + 3)
        alone, _ = (look := decoder.look(photos[photo : photo + 1]))(word[rows], look.initial_state(3))
        torch.testing.assert_close(both[rows], alone)


@every_cell
def test_reading_is_unrolling_with_the_same_gradients(cell: str) -> None:
    lengths = torch.tensor([[5, 3, 1], [4, 3, 0]])
    words = torch.randint(WORDS, (2, 3, 5), generator=torch.Generator().manual_seed(2))
    real = torch.arange(5) < lengths[..., None]

    def run(fast: bool) -> tuple[list[Tensor], list[Tensor]]:
        decoder = make_decoder(cell=cell)
        look, xs = decoder.look(grid()), decoder.embed(words)
        stepped = look.glance(unroll(look, xs.flatten(0, 1))[0].unflatten(0, (2, 3)))
        parts = [part[real] for part in (look.read(xs, lengths) if fast else stepped)]
        everything = (*parts, decoder.logits(xs[real], Glance(*parts)))
        torch.cat([part.flatten() for part in everything]).pow(2).sum().backward()
        return parts, [parameter.grad for parameter in decoder.parameters() if parameter.grad is not None]

    for slow, fast in zip(run(False), run(True), strict=True):
        assert len(slow) == len(fast)
        for a, b in zip(slow, fast, strict=True):
            torch.testing.assert_close(a, b)


def test_attention_is_a_distribution_and_predictions_are_log_probabilities() -> None:
    look = make_decoder().look(grid())
    log_probs, attention, _ = look.predict(torch.tensor([1, 1, 2, 2]), look.initial_state(4))
    torch.testing.assert_close(attention.sum(-1), torch.ones(4, dtype=torch.double))
    torch.testing.assert_close(log_probs.exp().sum(-1), torch.ones(4))


@every_cell
def test_captions_are_the_same_alone_and_in_company(cell: str) -> None:
    decoder, photos = make_decoder(cell=cell), grid(3)
    together = beam_search(decoder.look(photos), 3, beam=2, maximum=5)
    for photo in range(3):
        alone = beam_search(decoder.look(photos[photo : photo + 1]), 1, beam=2, maximum=5)
        torch.testing.assert_close(alone.log_probs[0], together.log_probs[photo])


def test_weights_of_the_time_when_the_context_had_its_own_still_load() -> None:
    decoder, state = make_decoder(), {}
    for name, value in decoder.state_dict().items():
        if name == "core.lstm.weight_ih_l0":
            state["lstm.lstm.weight_ih_l0"], state["context_to_gates.weight"] = value.split([4, 3], 1)
        else:
            state[name.replace("core.lstm.", "lstm.lstm.").removeprefix("attention.")] = value
    other = make_decoder()
    torch.nn.init.zeros_(other.core.lstm.weight_ih_l0)  # type: ignore[union-attr]
    other.load_state_dict(state)
    torch.testing.assert_close(other.state_dict(), decoder.state_dict())


def test_tied_words_are_stored_once() -> None:
    assert not [name for name in make_decoder().state_dict() if "said_words" in name]
    untied = make_decoder(tied=False)
    assert untied.said_words is not None
    assert untied.said_words.weight.shape == untied.words.weight.shape
