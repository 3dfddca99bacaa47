from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import ImageOps

from captioning import Caption, Captioner
from captioning.config import SearchConfig
from captioning.model import CaptionModel
from captioning.photos import PhotoError
from captioning.tokens import SPECIAL, Vocabulary
from shared.errors import UserError
from tests.captioning.conftest import COLOURS, SHAPES, TINY, draw

PHOTOS = [draw(colour, shape) for colour in COLOURS for shape in SHAPES]


def test_a_caption_comes_with_all_that_was_noted(captioner: Captioner) -> None:
    captions = captioner.describe(PHOTOS[0], beam=4, n_best=3)
    assert len({caption.text for caption in captions}) == 3
    for caption in captions:
        assert caption.text == " ".join(caption.words)
        assert len(caption.word_log_probs) == len(caption.words) + 1
        assert sum(caption.word_log_probs) == pytest.approx(caption.log_prob, abs=1e-4)
        assert caption.attention.shape == (len(caption.words), captioner.encoder.rows, captioner.encoder.columns)
        np.testing.assert_allclose(caption.attention.sum((1, 2)), 1, atol=1e-5)
    assert captioner.caption(PHOTOS[0], beam=4) == captions[0].text


def test_files_bytes_and_images_are_the_same_photo(captioner: Captioner, tmp_path: Path) -> None:
    PHOTOS[0].save(path := tmp_path / "photo.png")
    assert captioner.caption(path) == captioner.caption(str(path)) == captioner.caption(path.read_bytes())
    assert captioner.caption(path) == captioner.caption(PHOTOS[0])


def test_encodes_once_and_captions_often(captioner: Captioner) -> None:
    grid = captioner.encode(PHOTOS)
    assert len(grid) == len(PHOTOS)
    for beam in (1, 3):
        texts = [captions[0].text for captions in captioner.describe_all(grid, beam=beam)]
        assert texts == [captioner.caption(photo, beam=beam) for photo in PHOTOS]
    assert captioner.describe_all([]) == []


def test_a_photo_seen_mirrored_too_is_described_as_its_mirror_image_is(captioner: Captioner) -> None:
    size = captioner.config.image_size
    photo = PHOTOS[0].resize((size, size))
    image = ImageOps.mirror(photo)
    (caption,), (same,) = (captioner.describe(which, mirrored=True) for which in (photo, image))
    assert caption.words == same.words
    assert caption.log_prob == pytest.approx(same.log_prob, abs=1e-5)
    np.testing.assert_allclose(caption.attention, same.attention[:, :, ::-1], atol=1e-5)
    once, mirror = (captioner.describe(which)[0].log_prob for which in (photo, image))
    assert abs(once - mirror) > 1e-4  # it does see a difference
    grid = captioner.encode([photo], mirrored=True)
    assert captioner.describe_all(grid, mirrored=True)[0][0].words == caption.words
    assert captioner.describe_all(grid)[0][0].log_prob == pytest.approx(once, abs=1e-4)
    with pytest.raises(ValueError, match="not seen mirrored"):
        captioner.describe_all(captioner.encode([photo]), mirrored=True)


def test_threads_share_it(captioner: Captioner) -> None:
    expected = [captioner.caption(photo) for photo in PHOTOS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(captioner.caption, PHOTOS * 3)) == expected * 3


def test_what_is_no_photo_gives_its_reason(captioner: Captioner) -> None:
    with pytest.raises(PhotoError, match="not a photo"):
        captioner.caption(b"no photo")


def test_options_come_as_one_configuration_or_one_by_one(captioner: Captioner) -> None:
    wanted = SearchConfig(beam=4, n_best=2, minimum_words=3)
    captions = captioner.describe(PHOTOS[0], wanted)
    assert [len(caption.words) >= 3 for caption in captions] == [True, True]
    assert texts([captions]) == texts([captioner.describe(PHOTOS[0], beam=4, n_best=2, minimum_words=3)])
    assert texts([captions[:1]]) == texts([captioner.describe(PHOTOS[0], wanted, n_best=1)])
    with pytest.raises(ValueError, match="n_best must be at most beam"):
        captioner.describe(PHOTOS[0], n_best=9)


def test_banned_and_required_words(captioner: Captioner) -> None:
    for caption in captioner.describe(PHOTOS[0], beam=4, n_best=4, banned="a, red ball", required=("Snow", "box on")):
        assert "a" not in caption.words
        assert "snow" in caption.words
        assert "red ball" not in caption.text
        assert "box on" in caption.text
    with pytest.raises(UserError, match="no word 'boxes' among its .* did you mean 'box'"):
        captioner.caption(PHOTOS[0], required="boxes")
    with pytest.raises(UserError, match="^no caption of at most 2 words has the words red, blue, green$"):
        captioner.caption(PHOTOS[0], required="red, blue, green", maximum_words=2)


def test_draws_hang_on_photo_and_seed_alone(captioner: Captioner) -> None:
    draws = {"temperature": 1.0, "n_best": 3, "maximum_words": 6}
    together = texts(captioner.describe_all(PHOTOS, seed=5, **draws))
    assert together == [texts([captioner.describe(photo, seed=5, **draws)])[0] for photo in PHOTOS]
    assert together == texts(captioner.describe_all(PHOTOS[::-1], seed=5, **draws))[::-1]
    assert together != texts(captioner.describe_all(PHOTOS, seed=6, **draws))
    # An untrained network makes next to no difference between photos: only chance can.
    assert len({tuple(captions) for captions in together}) > 1


def test_models_together_say_what_their_mean_says(tiny_model: CaptionModel, tmp_path: Path) -> None:
    torch.manual_seed(1)
    other = CaptionModel(dataclasses.replace(TINY, attention="none"), tiny_model.vocabulary).eval()
    other.encoder.load_state_dict(tiny_model.encoder.state_dict())
    for name, model in (("a", tiny_model), ("b", other)):
        model.save_pretrained(tmp_path / name)
    first, second = (Captioner.from_pretrained(tmp_path / name, "cpu") for name in "ab")
    both = Captioner.from_pretrained(f"{tmp_path / 'a'}, {tmp_path / 'b'}", "cpu")
    assert len(both.encoders) == 1
    alone, apart, mean = (first_words(one) for one in (first, second, both))
    assert alone.keys() == apart.keys() == mean.keys()
    for word, probability in mean.items():
        assert probability == pytest.approx((alone[word] + apart[word]) / 2, rel=1e-3)
    twice = Captioner([tiny_model, tiny_model], "cpu")
    assert twice.caption(PHOTOS[1]) == first.caption(PHOTOS[1])


def first_words(captioner: Captioner) -> dict[str, float]:
    """The probability of each word that a caption may begin with."""
    every = len(captioner.vocabulary) - len(SPECIAL)
    captions = captioner.describe(PHOTOS[0], beam=every, n_best=every, maximum_words=1)
    return {caption.text: np.exp(caption.word_log_probs[0]) for caption in captions}


def test_models_that_differ_in_words_or_sight_cannot_work_together(tiny_model: CaptionModel) -> None:
    other = CaptionModel(TINY, Vocabulary.from_captions(["a dog"]))
    with pytest.raises(UserError, match="one vocabulary; that of model 2"):
        Captioner([tiny_model, other])
    larger = CaptionModel(dataclasses.replace(TINY, image_size=96), tiny_model.vocabulary)
    with pytest.raises(UserError, match="image_size is 64 in the first, 96 in model 2"):
        Captioner([tiny_model, larger])
    with pytest.raises(UserError, match="needs a model at least"):
        Captioner([])


def test_a_word_said_in_pieces_is_one_word(tiny_model: CaptionModel) -> None:
    pieces = Vocabulary.of_pieces(["red ball"], 0)
    captioner = Captioner(CaptionModel(TINY, pieces), "cpu")
    for caption in captioner.describe(PHOTOS[0], beam=3, n_best=3, minimum_words=9, maximum_words=12):
        assert caption.text == " ".join(caption.words)
        assert len(caption.text.replace(" ", "")) >= 9
        assert sum(caption.word_log_probs) == pytest.approx(caption.log_prob, abs=1e-4)
        assert len(caption.attention) == len(caption.words) == len(caption.word_log_probs) - 1
        np.testing.assert_allclose(caption.attention.sum((1, 2)), 1, atol=1e-5)


def texts(described: list[list[Caption]]) -> list[list[str]]:
    return [[caption.text for caption in captions] for captions in described]
