from __future__ import annotations

import dataclasses

import pytest
import torch
import torchvision
from torch import Tensor, nn

from captioning.config import ModelConfig
from captioning.encoder import Encoder
from shared.errors import UserError

# One small network of each of torchvision's convolutional families, and the size from which it makes a grid.
FAMILIES = {
    "alexnet": 64, "convnext_tiny": 32, "densenet121": 32, "efficientnet_b0": 32, "googlenet": 32, "inception_v3": 80,
    "mnasnet0_5": 32, "mobilenet_v2": 32, "mobilenet_v3_small": 32, "regnet_y_400mf": 32, "resnet18": 32,
    "shufflenet_v2_x0_5": 32, "squeezenet1_1": 32, "vgg11_bn": 32,
}  # fmt: skip


def pixels(size: int, photos: int = 2) -> Tensor:
    return torch.randint(0, 256, (photos, 3, size, size), dtype=torch.uint8)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_makes_a_grid_that_folding_keeps(name: str) -> None:
    size = FAMILIES[name]
    encoder = Encoder(ModelConfig(encoder=name, image_size=size))
    photos = pixels(size)
    with torch.no_grad():
        grid, folded = encoder(photos), encoder.folded()(photos)
    assert grid.shape == (2, encoder.rows * encoder.columns, encoder.channels)
    torch.testing.assert_close(grid, folded, atol=1e-3 * float(grid.abs().max()) + 1e-6, rtol=1e-3)


@pytest.mark.parametrize(("name", "head"), [("densenet121", "classifier"), ("resnet18", "fc")])
def test_the_grid_is_what_the_classifier_pools(name: str, head: str) -> None:
    network = torchvision.models.get_model(name, weights=None).eval()
    encoder = Encoder(ModelConfig(encoder=name, image_size=64))
    for stage_name, stage in zip(encoder.names, encoder.stages, strict=True):
        if stage_name != "relu" or name == "resnet18":
            stage.load_state_dict(network.get_submodule(stage_name).state_dict())
    photos = pixels(64)
    with torch.no_grad():
        expected = network((photos / 255 - encoder.mean) / encoder.std)
        torch.testing.assert_close(getattr(network, head)(encoder(photos).mean(1)), expected, atol=1e-4, rtol=1e-4)


def test_locations_are_in_reading_order() -> None:
    encoder = Encoder(ModelConfig(encoder="squeezenet1_1", image_size=64))
    encoder.stages = nn.ModuleList([nn.AvgPool2d(32)])
    encoder.split = 1
    photo = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    photo[:, :, :32, 32:] = 255  # upper right
    assert encoder(photo)[0, :, 0].argmax() == 1


def test_the_suffix_alone_is_trainable_and_starts_from_the_prefix_s_maps() -> None:
    encoder = Encoder(ModelConfig(encoder="resnet18", image_size=64, trainable_from="layer4"))
    assert all(p.requires_grad == (stage == "layer4") for stage, p in _parameters(encoder))
    photos = pixels(64)
    maps = encoder.prefix(photos)
    assert not maps.requires_grad
    torch.testing.assert_close(encoder.suffix(maps), encoder(photos))
    encoder.suffix(maps).sum().backward()
    assert all(p.grad is not None for stage, p in _parameters(encoder) if stage == "layer4")


def test_statistics_never_move() -> None:
    encoder = Encoder(ModelConfig(encoder="resnet18", image_size=64, trainable_from="layer1")).train()
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    encoder(pixels(64))
    assert all(torch.equal(tensor, before[name]) for name, tensor in encoder.state_dict().items())
    assert not any(module.training for module in encoder.modules())


def test_the_digest_knows_the_prefix_alone() -> None:
    config = ModelConfig(encoder="resnet18", image_size=64, trainable_from="layer4")
    encoder = Encoder(config)
    digest = encoder.prefix_digest()
    with torch.no_grad():
        next(encoder.stages[-1].parameters()).add_(1)
        assert encoder.prefix_digest() == digest
        next(encoder.stages[0].parameters()).add_(1)
    assert encoder.prefix_digest() != digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder": "resnet19"}, "no classification network 'resnet19'"),
        ({"trainable_from": "layer9"}, "no stage 'layer9'; its stages are features.0"),
        ({"image_size": 4}, "no grid out of 4 pixels"),
    ],
)
def test_what_cannot_be_is_a_user_error(changes: dict[str, object], message: str) -> None:
    config = dataclasses.replace(ModelConfig(encoder="squeezenet1_1", image_size=64), **changes)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=message):
        Encoder(config)


def test_a_network_without_a_grid_is_a_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("captioning.encoder._build", lambda name: nn.Sequential(nn.Flatten()))
    with pytest.raises(UserError, match="makes no grid"):
        Encoder(ModelConfig(image_size=8))


def _parameters(encoder: Encoder) -> list[tuple[str, nn.Parameter]]:
    return [(n, p) for n, stage in zip(encoder.names, encoder.stages, strict=True) for p in stage.parameters()]
