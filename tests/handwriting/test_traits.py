"""What tells hands apart is found in ink, told to a network while it learns, and asked for when it writes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from handwriting.config import DataConfig, LessonConfig
from handwriting.data import UNKNOWN, Lines, load_lines
from handwriting.drawing import ATTEMPTS, FAR
from handwriting.evaluate import evaluate
from handwriting.inside import look_inside, write_line
from handwriting.model import Network, SynthesisNetwork
from handwriting.prime import MadeUp, Prime
from handwriting.recogniser.reader import Reader
from handwriting.rehearsal import rehearse
from handwriting.sample import Request, sample
from handwriting.scribe import Scribe
from handwriting.styles.features import describe
from handwriting.styles.style import Blend
from handwriting.train import WritingTask
from handwriting.traits import DESCRIBED, LIMIT, Hearsay, Traits
from shared.errors import UserError
from shared.processes import Part
from tests.handwriting.conftest import TINY
from tests.handwriting.test_train import metrics, run, train


class Blind(Reader):
    """Finds all ink as good as any."""

    def __init__(self) -> None:
        pass

    def log_probability(self, ink, texts) -> list[float]:
        return [0.0 for _ in ink]


TOLD = replace(TINY, traits=2, points_per_character=2.0)


def people(count: int, lines: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lines in numbers: writers differ along the first two, less along the second; all of the others are as chance has it."""
    hands = np.zeros((count, DESCRIBED))
    hands[:, :2] = random.normal(0, [5.0, 2.0], (count, 2))
    writer = np.repeat(np.arange(count), lines)
    return hands[writer] + random.normal(0, 1, (len(writer), DESCRIBED)), writer, hands


@pytest.fixture(scope="module")
def ink(lines_file: Path) -> Lines:
    """Lines of four hands, two of which lean over, and two of which write small."""
    lines = load_lines(lines_file)
    writer, points = np.arange(len(lines.texts)) // 4 % 4, lines.points.copy()
    for line, one in enumerate(writer.tolist()):
        own = points[lines.ends[line] : lines.ends[line + 1]]
        own[:, 0] -= 0.6 * (one % 2) * own[:, 1]
        own[:, :2] *= 1 - 0.4 * (one // 2)
    return replace(lines, points=points, writer=writer)


def test_traits_are_the_directions_in_which_writers_differ() -> None:
    described, writer, hands = people(60, 12, np.random.default_rng(0))
    traits = Traits(2)
    traits.learn(described, writer)
    found = traits.of(np.stack([described[writer == one].mean(0) for one in range(60)])).numpy()
    assert found.std(0, ddof=1) == pytest.approx([1.0, 1.0], rel=1e-3)
    assert abs(np.corrcoef(found[:, 0], hands[:, 0])[0, 1]) > 0.99
    assert abs(np.corrcoef(found[:, 1], hands[:, 1])[0, 1]) > 0.95
    assert np.abs(traits.of(1e6 * described).numpy()).max() == LIMIT


def test_strangers_tell_nothing_and_few_writers_too_little() -> None:
    described, writer, _ = people(9, 8, np.random.default_rng(1))
    traits, with_strangers = Traits(3), Traits(3)
    traits.learn(described, writer)
    strangers = np.full((5, DESCRIBED), np.nan)
    with_strangers.learn(np.concatenate([described, strangers]), np.append(writer, [UNKNOWN] * 5))
    torch.testing.assert_close(traits.basis, with_strangers.basis)
    with pytest.raises(UserError, match="9 traits take the lines of more than 9 known writers; here are 9"):
        Traits(9).learn(described, writer)


def test_hands_that_are_made_up_are_spread_as_peoples() -> None:
    traits = Traits(2)
    # Two hands: lines of a hand have the same first trait, and differ in the second as much as lines of both do.
    traits.settle(torch.tensor([[1.0, 4.0], [1.0, 6.0], [3.0, 4.0], [3.0, 6.0]]), np.array([0, 0, 1, 1]))
    drawn = torch.stack([traits.draw(seed) for seed in range(400)])
    assert torch.equal(drawn[7], traits.draw(7))
    assert drawn[:, 0].mean() == pytest.approx(2.0, abs=0.15)
    assert drawn[:, 0].std() == pytest.approx(1.0, abs=0.15)
    assert (drawn[:, 1] == 5.0).all()
    # Where lines differ from their writer as much as writers differ, less.
    traits.settle(torch.tensor([[0.0, 0.0], [2.0, 0.0], [2.0, 0.0], [4.0, 0.0]]), np.array([0, 0, 1, 1]))
    torch.testing.assert_close(traits.spread, torch.tensor([0.5**0.5, 0.0]))


def test_of_one_persons_lines_all_made_up_hands_are_that_persons() -> None:
    traits = Traits(2)
    traits.settle(torch.tensor([[1.0, 4.0], [1.0, 6.0], [4.0, 5.0]]), np.zeros(3))
    assert torch.equal(traits.draw(1), torch.tensor([2.0, 5.0]))


def test_a_network_keeps_its_traits_in_its_folder(tmp_path: Path) -> None:
    network = Network(TOLD)
    assert network.traits
    network.traits.learn(*people(9, 8, np.random.default_rng(1))[:2])
    network.save_pretrained(tmp_path)
    again = Network.from_pretrained(tmp_path)
    assert again.traits
    torch.testing.assert_close(again.traits.basis, network.traits.basis)


def test_a_line_is_learnt_by_what_others_tell_of_its_writer(ink: Lines) -> None:
    traits = Traits(2)
    chosen = ink.of([0, 1, 2])
    hearsay = Hearsay(traits, ink, chosen)
    for line in chosen[:6]:
        told = {tuple(hearsay.of([(line,)])[0].tolist()) for _ in range(60)}
        others = [other for other in chosen if ink.writer[other] == ink.writer[line] and other != line]
        assert told == {tuple(hearsay.told[other].tolist()) for other in others}
    stranger = hearsay.of_strangers(ink.of([3]))
    assert (stranger[ink.of([3])] != 0).any(1).all()
    assert (stranger[chosen] == 0).all()


def test_lines_of_unknown_writers_are_one_persons(ink: Lines) -> None:
    traits = Traits(2)
    Hearsay(traits, ink, ink.of([0]))
    nobodys = replace(ink, writer=np.full(len(ink.texts), -1))
    hearsay = Hearsay(traits, nobodys, ink.of([0]))
    assert (hearsay.of([(line,) for line in ink.of([0])]) != 0).any(1).all()
    torch.testing.assert_close(hearsay.of_strangers(ink.of([1]))[0], traits.center)
    # Of several writers some of whom are known, the others are strangers to each other.
    some = replace(ink, writer=np.where(ink.writer == 0, -1, ink.writer))
    hearsay = Hearsay(traits, some, ink.of([0]))
    unknown = [line for line in ink.of([0]) if some.writer[line] < 0]
    assert (hearsay.of([(line,) for line in unknown]) == 0).all()


def test_a_network_learns_what_traits_mean(ink: Lines) -> None:
    """Strangers' lines are likelier with the traits of another line of theirs than with other people's."""
    data = DataConfig(train=(0, 1, 2), validate=3, lines=8, chunk=0, scale=0.0)
    task = WritingTask(ink, replace(TINY, traits=2), data, 0, LessonConfig(anybody=0.0))
    optimiser = torch.optim.Adam(task.network.parameters(), 1e-2)
    for epoch in range(20):
        for batch in task.batches(epoch):
            for loss, _ in task.losses(task.network, Part(batch)):
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    assert task.told is not None
    told = {ink.writer[line]: task.told[line] for line in task.held_out}
    others = torch.stack([told[3 - one] for one in ink.writer])  # the other lean, and the other size
    right, wrong = (
        evaluate(task.network, ink, task.held_out, traits=traits)["nats_a_line"] for traits in (task.told, others)
    )
    assert right < wrong - 3


def test_a_network_is_told_of_hands_from_its_second_training_on(lines_file, tmp_path, monkeypatch) -> None:
    data = dict(np.load(lines_file).items())
    data["writer"] = np.arange(len(data["length"])).astype(np.int32) // 4 % 4
    np.savez(tmp_path / "lines.npz", **data)
    first, second = tmp_path / "first", tmp_path / "second"
    assert run(monkeypatch, *train(tmp_path / "lines.npz", first, "--training.epochs=1")) == 0
    more = [f"--start={first / 'best'}", "--lesson.traits=2", "--training.epochs=1"]
    assert run(monkeypatch, *train(tmp_path / "lines.npz", second, *more)) == 0
    assert SynthesisNetwork.from_pretrained(second / "best").config.traits == 2
    (validation,) = metrics(second, "validation")
    assert validation["log_likelihood"] == -validation["told_nats_a_line"] != -validation["nats_a_line"]
    # Lines that nobody is known to have written can be gone on with, but traits cannot be found in them.
    assert run(monkeypatch, *train(lines_file, tmp_path / "third", f"--start={second / 'best'}", *more[2:])) == 0
    assert run(monkeypatch, *train(lines_file, tmp_path / "fourth", f"--start={first / 'best'}", *more[1:])) == 2


@pytest.fixture(scope="module")
def told() -> SynthesisNetwork:
    """A network that is told of hands, and has learnt nothing else."""
    network = SynthesisNetwork(TOLD).eval()
    assert network.traits
    described, writer, _ = people(9, 8, np.random.default_rng(1))
    network.traits.learn(described, writer)
    network.traits.settle(network.traits.of(described), writer)
    return network


def test_all_lines_of_a_text_are_in_a_hand_that_the_seed_makes_up(told: SynthesisNetwork) -> None:
    one, two = MadeUp(1).opening(told), MadeUp(2).opening(told)
    assert one.traits is not None
    assert two.traits is not None
    assert not torch.equal(one.traits, two.traits)
    ink = Scribe(told, Blind()).write("one line of it\nanother line", seed=1, bias=1.0)
    # The second line is one of the attempts at it, each in the hand of the seed; its last stroke may have been no part of it.
    attempts = sample(told, [Request("another line", 1.0, 2 + FAR * attempt, one) for attempt in range(ATTEMPTS)])
    pen = ink.lines[1].strokes[:-1, 2]
    assert any(np.array_equal(line.strokes[: len(pen), 2], pen) for line in attempts)


def test_a_prime_is_told_of_and_what_lies_between_two_hands_is_between_their_traits(told: SynthesisNetwork) -> None:
    hands = [Prime(sample(told, [Request("a hand", 1.0, seed)])[0].strokes, "a hand") for seed in (1, 2)]
    traits = [hand.opening(told).traits for hand in hands]
    assert told.traits
    torch.testing.assert_close(traits[0], told.traits.of(describe(hands[0].strokes, "a hand")[None]))
    between = Blend(*hands, 0.25).opening(told).traits
    torch.testing.assert_close(between, torch.lerp(traits[0], traits[1], 0.25))


def test_a_look_inside_tells_the_network_what_it_was_told_as_it_wrote(told: SynthesisNetwork) -> None:
    line = write_line(Scribe(told, Blind()), "tea and cake", 0.5, 4)
    assert line.traits is not None
    assert torch.equal(line.traits, MadeUp(4).opening(told).traits)
    (written,) = sample(told, [Request("tea and cake", 0.5, 4)])
    seen, mistaken = look_inside(told, *line), look_inside(told, *line[:2])
    np.testing.assert_array_equal(line.strokes, written.strokes[: len(line.strokes)])
    np.testing.assert_array_equal(seen.reading, written.characters[1 : len(line.strokes)])
    assert not np.allclose(seen.cells["layer 2"], mistaken.cells["layer 2"], atol=1e-3)


def test_hands_that_cannot_be_read_are_not_made_up_after_a_rehearsal(told, monkeypatch) -> None:
    network = deepcopy(told)
    # As if a hand were good in every line if its first trait is above 0, and its lines were the requests.
    monkeypatch.setattr("handwriting.judging.sample", lambda network, requests: requests)
    fair = lambda lines, texts, reader: [SimpleNamespace(is_good=line.opening.traits[0, 0] > 0) for line in lines]  # noqa: E731
    monkeypatch.setattr("handwriting.judging.judge", fair)
    before = [network.traits.draw(seed)[0] > 0 for seed in range(100)]
    shares = rehearse(network, Blind(), ["a text", "another"], tried=300, bias=0.75, seed=7)
    assert 0.3 < shares[0] == shares[-1] < 0.7
    after = torch.stack([network.traits.draw(seed) for seed in range(100)])
    assert not all(before)
    assert (after[:, 0] > 0).all()
    assert 40 < len(after.unique(dim=0)) <= 64
    with pytest.raises(UserError, match=r"of 66 hands \d\d could be read in every line; 64 are wanted"):
        rehearse(network, Blind(), ["a text"], tried=66, bias=0.75, seed=7)


def test_what_cannot_be_rehearsed_is_said(lines_file, model_folder, tmp_path, monkeypatch, capsys) -> None:
    command = ["rehearse", f"--data={lines_file}", f"--model={model_folder}"]
    assert run(monkeypatch, *command, f"--out={tmp_path / 'out'}") == 2
    assert "this network is told of no hands" in capsys.readouterr().err
    assert run(monkeypatch, *command, f"--out={tmp_path / 'out'}", "--tried=0") == 2
    assert "tried must be at least 1" in capsys.readouterr().err
    assert run(monkeypatch, *command, f"--out={tmp_path}") == 2
    assert "it is a folder" in capsys.readouterr().err
