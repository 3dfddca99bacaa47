"""Exported captioners, run by onnxruntime, against the networks that they were made from."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from captioning.captioner import Captioner
from captioning.cli import main
from captioning.export import caption as example
from captioning.export.folder import export_captioner
from captioning.export.graphs import Graph, examples, graphs
from captioning.export.trace import open_session, trace
from captioning.model import CaptionModel
from captioning.photos import photo_to_tensor
from captioning.tokens import END, PAD, START, UNKNOWN, Vocabulary
from shared.errors import UserError
from shared.rnn import leaves
from tests.captioning.conftest import COLOURS, SHAPES, SIDE, TINY, draw

PHOTOS = [draw(colour, shape) for colour in COLOURS for shape in SHAPES]


def lively(model: CaptionModel) -> CaptionModel:
    """The same, with larger weights: what an untrained network sees hardly changes what it says."""
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.mul_(3)
        model.decoder.said_bias.normal_()
    return model.eval()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, tiny_model: CaptionModel) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("source")
    lively(CaptionModel(TINY, tiny_model.vocabulary)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def exported(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "new" / "captioner"
    assert main(["export", "--format", "onnx", "--model", str(source), "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def by_torch(source: Path) -> Captioner:
    return Captioner.from_pretrained(source, "cpu")


@pytest.fixture(scope="module")
def by_onnx(exported: Path) -> example.Captioner:
    return example.Captioner(exported, threads=1)


def test_the_folder_is_complete_and_says_what_it_is(exported: Path, source: Path) -> None:
    names = {path.name for path in exported.iterdir()}
    graphs_there = {"encoder.onnx", "look.onnx", "step.onnx"}
    assert names == graphs_there | {"README.md", "caption.py", "config.json", "tokenizer.json"}
    assert [path.name for path in exported.parent.iterdir()] == ["captioner"]
    assert (exported / "tokenizer.json").read_text() == (source / "tokenizer.json").read_text()
    config = json.loads((exported / "config.json").read_text())
    assert config["preprocessing"] == {"size": SIDE, "fit": "squash"}
    assert config["network"] == json.loads((source / "config.json").read_text())
    step = config["graphs"]["step"]
    assert list(step["inputs"]) == ["words", *config["known"], *config["state"]]
    assert step["inputs"]["words"] == {"type": "int64", "shape": ["photos", "rows"]}
    assert step["outputs"]["log_probs"]["shape"] == [
        "photos",
        "rows",
        len(Vocabulary.load(exported / "tokenizer.json")),
    ]
    assert config["graphs"]["encoder"]["inputs"]["pixels"] == {"type": "uint8", "shape": ["photos", 3, SIDE, SIDE]}
    readme = (exported / "README.md").read_text()
    assert "`words`, `locations`, `keys`, `h`, `c`" in readme
    assert "{" not in readme


def test_photos_together_get_the_captions_of_the_captioner(by_torch: Captioner, by_onnx: example.Captioner) -> None:
    pixels = np.stack([photo_to_tensor(photo, SIDE).numpy() for photo in PHOTOS])
    said = greedy(by_onnx, pixels)
    assert said == [captions[0].text for captions in by_torch.describe_all(PHOTOS, beam=1, length_power=0)]
    assert said == [greedy(by_onnx, photo[None])[0] for photo in pixels]
    assert len(set(said)) > 1


def greedy(captioner: example.Captioner, pixels: np.ndarray, maximum: int = 24) -> list[str]:
    """The captions of photos, a row each: of the ends along the likeliest words, that of the likeliest caption."""
    found = captioner.run("look", grid=captioner.run("encoder", pixels=pixels)["grid"])
    words, total = np.full((len(pixels), 1), START), np.zeros(len(pixels))
    said = np.zeros((len(pixels), 0), int)
    best: list[tuple[float, list[int]]] = [(-np.inf, [])] * len(pixels)
    for length in range(maximum + 1):
        out = captioner.run("step", words=words, **found)
        found |= {name: out[f"next_{name}"] for name in captioner.config["state"]}
        log_probs = out["log_probs"][:, 0]
        if length:
            ends = total + log_probs[:, END]
            best = [
                max(old, (end, row.tolist()), key=lambda one: one[0])
                for old, end, row in zip(best, ends, said, strict=True)
            ]
        log_probs[:, [PAD, START, END, UNKNOWN]] = -np.inf
        words, total = log_probs.argmax(1)[:, None], total + log_probs.max(1)
        said = np.concatenate([said, words], 1)
    return [captioner.text(numbers) for _, numbers in best]


@pytest.mark.parametrize("beam", [1, 4])
def test_the_program_in_the_folder_captions_as_the_captioner_does(
    beam: int, by_torch: Captioner, by_onnx: example.Captioner, tmp_path: Path
) -> None:
    for number, photo in enumerate(PHOTOS):
        photo.save(path := tmp_path / f"{number}.jpg", quality=95)
        assert by_onnx.caption(by_onnx.load(path), beam) == by_torch.caption(path, beam=beam)


def test_the_program_needs_neither_torch_nor_this_package(exported: Path, by_torch: Captioner, tmp_path: Path) -> None:
    PHOTOS[0].save(path := tmp_path / "photo.png")
    program = (
        "import runpy, sys\n"
        f"sys.argv = ['caption.py', {str(path)!r}]\n"
        f"runpy.run_path({str(exported / 'caption.py')!r}, run_name='__main__')\n"
        "assert not {'torch', 'captioning', 'shared'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.stdout == f"{path}\t{by_torch.caption(path)}\n", done.stderr


@pytest.mark.parametrize(("cell", "attention"), [("multi-timescale", "hard"), ("ntm", "none")])
def test_other_cells_and_other_ways_to_look(
    cell: str, attention: Any, tiny_model: CaptionModel, tmp_path: Path
) -> None:
    config = dataclasses.replace(TINY, cell=cell, attention=attention)
    decoders_agree(lively(CaptionModel(config, tiny_model.vocabulary)), tmp_path)


def test_the_decoder_of_the_shipped_model(tmp_path: Path) -> None:
    decoders_agree(CaptionModel.from_pretrained(), tmp_path)


@torch.no_grad()
def decoders_agree(model: CaptionModel, folder: Path) -> None:
    """Three steps of both, for one photo and row, and for more than the graphs were made with."""
    three = graphs(model)
    _, look, step = three
    made = examples(model, three, 2, 3)
    # Each takes seconds, and `look` is another only where it is the whole look at a photo.
    looks_once = model.config.attention == "none"
    if looks_once:
        trace(look, [made[1]], folder / "look.onnx")
    trace(step, [made[2]], folder / "step.onnx")
    for photos, rows in ((1, 1), (3, 2)):
        _, (grid,), (words, known, state) = examples(model, three, photos, rows)
        if looks_once:
            close(run(look, folder, grid), look.module(grid))
        for _ in range(3):
            wanted = step.module(words, known, state)
            close(run(step, folder, words, known, state), wanted)
            log_probs, _, state = wanted
            words = log_probs.argmax(-1)


def run(graph: Graph, folder: Path, *inputs: Any) -> list[np.ndarray]:
    given = dict(zip(graph.inputs, (tensor.numpy() for tensor in leaves(inputs)), strict=True))
    return open_session(folder / f"{graph.name}.onnx").run(None, given)


def close(got: list[np.ndarray], wanted: tuple[Any, ...] | Tensor) -> None:
    for one, other in zip(got, leaves(wanted), strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other.numpy(), atol=1e-4, rtol=0)


def test_a_folder_that_is_not_empty_is_left_alone(exported: Path, source: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in exported.iterdir()}
    with pytest.raises(UserError, match="is there already"):
        export_captioner(str(source), exported)
    assert before == {path: path.stat().st_mtime_ns for path in exported.iterdir()}


def test_what_cannot_be_exported_leaves_nothing(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no such operator\nand a long tale")

    monkeypatch.setattr(torch.onnx, "export", fail)
    with pytest.raises(UserError, match="no ONNX form for the captioner's encoder.*: no such operator$"):
        export_captioner(str(source), tmp_path / "new")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("package", ["onnx", "onnxscript", "onnxruntime"])
def test_the_extra_is_named_where_it_is_not_installed(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["export", "-o", str(tmp_path / "new")]) == 2
    assert capsys.readouterr().err == f"error: captioning export needs {package}: install show-and-scribe[export]\n"
