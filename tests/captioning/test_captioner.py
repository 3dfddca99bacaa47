from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from captioning import Captioner
from captioning.photos import PhotoError
from tests.captioning.conftest import COLOURS, SHAPES, draw

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
        assert texts == [captioner.caption(photo, beam) for photo in PHOTOS]
    assert captioner.describe_all([]) == []


def test_threads_share_it(captioner: Captioner) -> None:
    expected = [captioner.caption(photo) for photo in PHOTOS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(captioner.caption, PHOTOS * 3)) == expected * 3


def test_what_is_no_photo_gives_its_reason(captioner: Captioner) -> None:
    with pytest.raises(PhotoError, match="not a photo"):
        captioner.caption(b"no photo")
