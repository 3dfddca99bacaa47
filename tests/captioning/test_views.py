"""Views of a photo."""

from __future__ import annotations

import torch

from captioning.photos import photo_to_tensor
from captioning.views import view
from tests.captioning.conftest import SIDE, draw

PHOTO = photo_to_tensor(draw("red", "ball"), SIDE)


def test_the_first_two_are_the_photo_and_its_mirror_image() -> None:
    assert torch.equal(view(PHOTO, 0, "a.jpg"), PHOTO)
    assert torch.equal(view(PHOTO, 1, "a.jpg"), PHOTO.flip(-1))


def test_others_are_chance_once_and_for_all() -> None:
    pictures = [view(PHOTO, number, name) for number in (2, 3) for name in ("a.jpg", "b.jpg")]
    assert all(picture.shape == PHOTO.shape and picture.dtype == PHOTO.dtype for picture in pictures)
    assert len({tuple(picture.flatten().tolist()) for picture in pictures}) == 4
    assert torch.equal(view(PHOTO, 2, "a.jpg"), pictures[0])


def test_a_crop_still_shows_the_subject() -> None:
    red = torch.tensor([230, 10, 10])
    for number in range(2, 40):
        picture = view(PHOTO, number, "a.jpg").flatten(1).T.int()
        close = ((picture - red).abs() < 90).all(-1).float().mean()
        assert close > 0.1, number
