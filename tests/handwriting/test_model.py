"""The networks, made of any cell, with and without a text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from torch import nn

import handwriting
from handwriting import alphabet
from handwriting.config import LessonConfig, ModelConfig
from handwriting.model import Network, SynthesisNetwork
from handwriting.practice import Practice
from handwriting.sample import Request, sample
from shared.cells import CELLS
from shared.config import from_dict
from shared.errors import UserError
from shared.pretrained import count_parameters
from shared.rnn import Core, loop, unroll
from tests.handwriting.conftest import TINY
from tests.handwriting.test_train import run, train

PRESETS = sorted((Path(handwriting.__file__).parent / "presets").glob("*.yaml"))
TEXTS, LENGTHS = torch.tensor([alphabet.encode("abc"), [*alphabet.encode("no"), 0]]), torch.tensor([3, 2])
every_cell = pytest.mark.parametrize("cell", CELLS)
with_text_or_without = pytest.mark.parametrize("text", [True, False], ids=["synthesis", "prediction"])


def network_of(**changes: object) -> Network:
    torch.manual_seed(0)
    return Network(replace(TINY, points_per_character=2.0, **changes))  # type: ignore[arg-type]


def assert_whole_is_stepped(network: Network, core: Core) -> None:
    """A whole line gives what its points give one by one, outputs and gradients."""
    points, state = torch.randn(2, 9, 3, dtype=torch.float64), core.initial_state(2)
    whole, _ = unroll(core, points, state)
    stepped, _ = loop(core, points.unbind(1), state)
    torch.testing.assert_close(whole, stepped)
    parameters = list(network.parameters())
    # What a core computes when it is bound is shared by all that is done with it, so its graph is kept for the second.
    gradients = (
        torch.autograd.grad(y.square().sum(), parameters, None, True, allow_unused=True) for y in (whole, stepped)
    )
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


@every_cell
@with_text_or_without
def test_a_whole_line_is_its_points_one_by_one(cell: str, text: bool) -> None:
    network = network_of(cell=cell, text=text).double()
    assert_whole_is_stepped(network, network.read(TEXTS, LENGTHS))


def test_layers_without_skips_are_torchs_stack() -> None:
    """Nothing but the layer below reaches a layer, nothing but the last reaches the output."""
    network = network_of(text=False, skips=False).double()
    config = network.config
    stack = nn.LSTM(3, config.hidden_size, config.layers, batch_first=True).double()
    for number, layer in enumerate(network.above):
        own = layer.library
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(stack, f"{name}_l{number}").data.copy_(getattr(own, f"{name}_l0"))
    points = torch.randn(2, 9, 3, dtype=torch.float64)
    torch.testing.assert_close(network(points, TEXTS, LENGTHS)[0], network.head(stack(points)[0]))
    assert_whole_is_stepped(network, network.read(TEXTS, LENGTHS))


@every_cell
def test_it_writes_and_comes_back_from_its_folder(cell: str, tmp_path: Path) -> None:
    network = SynthesisNetwork(network_of(cell=cell).config).eval()
    network.save_pretrained(tmp_path)
    again = SynthesisNetwork.from_pretrained(tmp_path)
    first, second = (sample(net, [Request("abc", 1.0, 3)])[0].strokes for net in (network, again))
    assert len(first) > 0
    assert (first == second).all()


@with_text_or_without
def test_a_hierarchical_cell_is_all_layers_at_once(text: bool) -> None:
    network = network_of(cell="hm-lstm", layers=3, text=text)
    hierarchy = network.window.core if network.window else network.above[0]
    assert len(network.above) == (0 if text else 1)
    assert len(hierarchy.levels) == 3


@pytest.mark.parametrize(
    ("preset", "weights"),
    [
        ("graves2013-prediction-1x900", 3_366_121),
        ("graves2013-prediction-3x400", 3_368_121),
        ("graves2013-synthesis", 3_653_751),
        ("hm-lstm", 5_023_726),
    ],
)
def test_a_preset_has_as_many_weights_as_its_paper(preset: str, weights: int) -> None:
    """Graves 2013: skips, peepholes and a bias for each sum; 121 outputs, 57 signs, 10 Gaussians in the window."""
    options = yaml.safe_load(next(file for file in PRESETS if file.stem == preset).read_text())
    assert count_parameters(Network(from_dict(ModelConfig, options["model"]))) == weights


@pytest.mark.parametrize("preset", [file.stem for file in PRESETS])
def test_every_preset_trains(preset: str, lines_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = ["--model.hidden_size=6", "--model.mixtures=2", "--lines.lines=12", "--lines.shortest=0"]
    files = [f"--data={lines_file}", f"--out={tmp_path / 'run'}"]
    if preset == "fine-tune":  # which goes on from a network
        network_of().save_pretrained(tmp_path / "start")
        files.append(f"--from={tmp_path / 'start'}")
    assert run(monkeypatch, "train", "--preset", preset, *files, *small, "--training.epochs=0.5") == 0
    assert (tmp_path / "run" / "best" / "model.safetensors").exists()


def test_to_graves_digits_are_one_sign(tmp_path: Path) -> None:
    network = network_of(alphabet="graves2013").eval()
    points = torch.randn(1, 9, 3)
    raw = {
        text: network(points, torch.tensor([alphabet.encode(text)]), torch.tensor([len(text)]))[0]
        for text in ("a1b", "a2b", "a.b")
    }
    torch.testing.assert_close(raw["a1b"], raw["a2b"])
    assert not torch.allclose(raw["a1b"], raw["a.b"])
    assert len(set(alphabet.folding())) == alphabet.FOLDED_SIZE == 57


def test_a_network_without_a_text_is_not_asked_to_write_one(tmp_path: Path) -> None:
    network = network_of(text=False)
    points = torch.randn(2, 9, 3)
    torch.testing.assert_close(network(points, TEXTS, LENGTHS)[0], network(points, TEXTS[:, :0], LENGTHS * 0)[0])
    network.save_pretrained(tmp_path)
    assert not Network.from_pretrained(tmp_path).config.text
    with pytest.raises(UserError, match="reads no text"):
        SynthesisNetwork.from_pretrained(tmp_path)


@with_text_or_without
def test_writers_are_told_apart_and_strangers_are_anybody(text: bool, tmp_path: Path) -> None:
    network = network_of(writers=(7, 3), text=text).eval()
    network.save_pretrained(tmp_path)
    points = torch.randn(1, 9, 3).expand(2, -1, -1)
    texts = TEXTS[:1].expand(2, -1)

    def raw(net: Network, *writers: int) -> torch.Tensor:
        return net(points, texts, torch.tensor([3, 3]), None, torch.tensor(writers) if writers else None)[0]

    first, second = raw(network, 7, 3)
    assert not torch.allclose(first, second)
    nobody = raw(network)
    for stranger in (-1, 8):
        torch.testing.assert_close(raw(network, stranger, 3), torch.stack([nobody[0], second]))
    torch.testing.assert_close(raw(Network.from_pretrained(tmp_path), 7, 3), torch.stack([first, second]))
    core = network.double().read(texts, torch.tensor([3, 3]), torch.tensor([7, -1]))
    assert_whole_is_stepped(network, core)


@with_text_or_without
@pytest.mark.parametrize("practice", [Practice(0.3, 0.2), Practice(0.0, 0.2), Practice(sum_limit=1e-3)])
def test_practice_is_the_same_point_by_point(practice: Practice, text: bool) -> None:
    network = network_of(cell="peephole-lstm", text=text).double()
    core = network.read(TEXTS, LENGTHS, around=practice)
    assert_whole_is_stepped(network, core)
    points = torch.randn(2, 9, 3, dtype=torch.float64)
    plain, _ = unroll(network.read(TEXTS, LENGTHS), points)
    # Dropout changes what comes out; clipping only what flows back.
    assert torch.allclose(unroll(core, points)[0], plain) == bool(practice.sum_limit)


@with_text_or_without
def test_clipped_sums_pass_on_no_more_than_their_limit(text: bool) -> None:
    """So the gradient of a bias of the first layer is at most limit · batch · steps."""
    network, limit = network_of(cell="peephole-lstm", text=text).double(), 1e-6
    points = torch.randn(2, 9, 3, dtype=torch.float64)
    raw, _ = unroll(network.read(TEXTS, LENGTHS, around=Practice(sum_limit=limit)), points)
    (1e6 * raw.square().sum()).backward()
    first = network.window.core if network.window else network.above[0]
    assert isinstance(first.bias.grad, torch.Tensor)
    assert 0.5 * limit * 18 < first.bias.grad.abs().max() <= limit * 18 * (1 + 1e-9)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UserError, match="clip_sums cannot reach inside the cell hm-lstm: set --lesson.clip_sums 0"):
        LessonConfig(clip_sums=10.0).check(ModelConfig(cell="hm-lstm"), begins=True)
    for lesson in (LessonConfig(foresee=True), LessonConfig(traits=2), LessonConfig(widen=9)):
        lesson.check(ModelConfig(), begins=False)
        with pytest.raises(UserError, match="is for a network that goes on: name it with --start"):
            lesson.check(ModelConfig(), begins=True)
    with pytest.raises(ValueError, match="take one of them"):
        LessonConfig(clip_sums=10.0, output_dropout=0.1)
    with pytest.raises(ValueError, match="levels have a boundary between them"):
        ModelConfig(cell="hm-lstm", layers=1, text=False)
    with pytest.raises(ValueError, match="one reads the text, one writes"):
        ModelConfig(layers=1)
    with pytest.raises(ValueError, match="the window must reach every layer"):
        ModelConfig(skips=False)
    with pytest.raises(ValueError, match="different numbers of at least 0"):
        ModelConfig(writers=(1, 1))


@pytest.mark.parametrize("cell", ["gru", "peephole-lstm", "hm-lstm"])
def test_one_word_trains_another_network(cell, lines_file, tmp_path, monkeypatch) -> None:
    command = [*train(lines_file, tmp_path / "run"), "--training.epochs=0.5", f"--model.cell={cell}"]
    assert run(monkeypatch, *command) == 0
    assert SynthesisNetwork.from_pretrained(tmp_path / "run" / "best").config.cell == cell


def test_a_wrong_word_is_answered_with_the_near_ones(lines_file, tmp_path, monkeypatch, capsys) -> None:
    for word, answer in (("lstn", "did you mean lstm"), ("echo-state", "nothing to train")):
        assert run(monkeypatch, *train(lines_file, tmp_path / "run"), f"--model.cell={word}") == 2
        message = capsys.readouterr().err
        assert answer in message
        assert "Traceback" not in message
    assert not (tmp_path / "run").exists()
