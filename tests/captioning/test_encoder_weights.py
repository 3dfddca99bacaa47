from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import pytest
import torch
import torchvision
from safetensors.torch import save_file

from captioning.config import ModelConfig
from captioning.encoder import Encoder
from captioning.encoder_weights import load_encoder_weights
from shared.errors import UserError

NAME = "squeezenet1_1"


@pytest.fixture
def encoder() -> Encoder:
    return Encoder(ModelConfig(encoder=NAME, image_size=64))


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_reads_half_precision_files(encoder: Encoder, tmp_path: Path, suffix: str) -> None:
    network = torchvision.models.get_model(NAME, weights=None).half()
    path = tmp_path / f"weights{suffix}"
    save_file(network.state_dict(), path) if suffix == ".safetensors" else torch.save(network.state_dict(), path)
    load_encoder_weights(encoder, NAME, str(path))
    weight = encoder.stages[0].weight
    assert weight.dtype == torch.float32
    assert torch.equal(weight, network.features[0].weight.float())


def test_reads_old_densenet_names(tmp_path: Path) -> None:
    encoder = Encoder(ModelConfig(encoder="densenet121", image_size=32))
    state = torchvision.models.get_model("densenet121", weights=None).state_dict()
    old = {key.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): tensor for key, tensor in state.items()}
    torch.save(old, tmp_path / "old.pth")
    load_encoder_weights(encoder, "densenet121", str(tmp_path / "old.pth"))


def test_none_keeps_what_is_there(encoder: Encoder) -> None:
    before = encoder.prefix_digest()
    load_encoder_weights(encoder, NAME, "none")
    assert encoder.prefix_digest() == before


def test_weights_of_another_network_and_other_files_are_user_errors(encoder: Encoder, tmp_path: Path) -> None:
    torch.save(torchvision.models.get_model("squeezenet1_0", weights=None).state_dict(), tmp_path / "other.pth")
    torch.save(encoder, tmp_path / "pickled.pth")
    (tmp_path / "text.pth").write_text("no weights")
    (tmp_path / "text.safetensors").write_text("no weights")
    torch.save([1], tmp_path / "list.pth")
    for file, message in {
        "other.pth": "does not hold weights for squeezenet1_1",
        "pickled.pth": "cannot read encoder weights",
        "text.pth": "cannot read encoder weights",
        "text.safetensors": "cannot read encoder weights",
        "list.pth": "holds no state dict",
        "missing.pth": "no encoder weights at",
    }.items():
        with pytest.raises(UserError, match=message):
            load_encoder_weights(encoder, NAME, str(tmp_path / file))


def test_offline_says_what_to_do(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise URLError("no network")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", refuse)
    with pytest.raises(UserError, match="bring that file and give its path with --encoder-weights"):
        load_encoder_weights(encoder, NAME, "DEFAULT")
    with pytest.raises(UserError, match="torchvision has no weights 'BEST'"):
        load_encoder_weights(encoder, NAME, "BEST")
