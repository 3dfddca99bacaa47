"""Model folders: what is saved comes back, and whoever asks for a wrong one is told so in a sentence."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

from shared.errors import UserError
from shared.pretrained import Pretrained


@dataclass(frozen=True)
class Size:
    width: int = 3
    names: tuple[str, ...] = ("a",)


class Model(Pretrained):
    config_class = Size

    def __init__(self, config: Size) -> None:
        super().__init__()
        self.config = config
        self.layer = nn.Linear(config.width, 2)


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Model, "shipped", tmp_path / "weights", raising=False)
    return tmp_path / "weights"


def test_folder_and_shipped_name_come_back(tmp_path: Path, shipped: Path) -> None:
    model = Model(Size(width=5, names=("b", "c")))
    for folder, name in ((tmp_path / "mine", str(tmp_path / "mine")), (shipped / "default", "default")):
        model.save_pretrained(folder)
        again = Model.from_pretrained(name)
        assert again.config == model.config
        assert torch.equal(again.layer.weight, model.layer.weight)
        assert not again.training


def test_half_precision_halves_the_file_and_loads_as_float32(tmp_path: Path) -> None:
    model = Model(Size(width=500))
    model.save_pretrained(tmp_path / "whole")
    model.save_pretrained(tmp_path / "half", half=True)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.55 * sizes[0]
    again = Model.from_pretrained(tmp_path / "half")
    assert again.layer.weight.dtype == torch.float32
    torch.testing.assert_close(again.layer.weight, model.layer.weight, atol=1e-3, rtol=1e-3)


def test_who_may_read_a_configuration_may_read_the_weights(tmp_path: Path) -> None:
    Model(Size()).save_pretrained(tmp_path)
    modes = {(tmp_path / name).stat().st_mode for name in ("config.json", "model.safetensors")}
    assert len(modes) == 1


def test_unknown_names_are_answered_with_what_there_is(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    Model(Size()).save_pretrained(shipped / "default")
    with pytest.raises(UserError, match="no model 'defualt'; give a folder.*shipped models: default"):
        Model.from_pretrained("defualt")
    with pytest.raises(UserError, match="could not be downloaded from the Hugging Face hub.*without a network"):
        Model.from_pretrained("owner/name-that-is-not-cached")


def test_damaged_folders_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    with pytest.raises(UserError, match="holds no model"):
        Model.from_pretrained(folder)
    model = Model(Size())
    for damage, reason in (
        (lambda: (folder / "config.json").write_text("{"), "Expecting property name"),
        (lambda: (folder / "config.json").write_text(json.dumps({"widht": 3})), "has no setting 'widht'; 'width'"),
        (lambda: (folder / "config.json").write_text(json.dumps({"width": 4, "names": []})), "size mismatch|Error"),
        (lambda: (folder / "model.safetensors").write_bytes(pickle.dumps({"a": 1})), "Error|header"),
        (lambda: (folder / "model.safetensors").unlink(), "No such file"),
    ):
        model.save_pretrained(folder)
        damage()
        with pytest.raises(UserError, match=f"holds no model that can be loaded: .*({reason})"):
            Model.from_pretrained(folder)
