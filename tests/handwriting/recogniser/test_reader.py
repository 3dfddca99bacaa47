from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from handwriting.data import load_lines
from handwriting.recogniser.config import RecogniserConfig
from handwriting.recogniser.evaluate import evaluate, missed
from handwriting.recogniser.network import Recogniser
from handwriting.recogniser.reader import Reader
from handwriting.strokes import Strokes
from shared.errors import UserError
from shared.pretrained import count_parameters


@pytest.fixture
def ink(lines_file: Path) -> list[Strokes]:
    lines = load_lines(lines_file)
    return [lines.strokes(line) for line in range(6)]


def test_a_line_reads_the_same_alone_and_among_others(recogniser: Recogniser, ink: list[Strokes]) -> None:
    reader = Reader(recogniser)
    together = reader.log_probabilities(ink)
    assert len({len(line) for line in together}) > 1, "lines of one length need no padding"
    for line, scores in zip(ink, together, strict=True):
        np.testing.assert_allclose(reader.log_probabilities([line])[0], scores, atol=2e-4)
    assert reader.read(ink) == [reader.read([line])[0] for line in ink]


def test_units_and_place_do_not_change_what_is_read(recogniser: Recogniser, ink: list[Strokes]) -> None:
    reader = Reader(recogniser)
    moved = [line * [0.016, 0.016, 1] + [[30, 40, 0], *[[0, 0, 0]] * (len(line) - 1)] for line in ink]
    assert reader.read(moved) == reader.read(ink)
    assert any(reader.read(ink)), "it reads something"


def test_candidates_are_texts_with_their_probabilities(recogniser: Recogniser, ink: list[Strokes]) -> None:
    reader = Reader(recogniser)
    for line, candidates in zip(ink, reader.candidates(ink, beam=8), strict=True):
        exact = reader.log_probability([line] * len(candidates), [text for text, _ in candidates])
        for candidate, at_most in zip(candidates, exact, strict=True):
            assert candidate.log_probability <= at_most + 1e-4
        assert candidates == sorted(candidates, key=lambda candidate: -candidate.log_probability)
    assert reader.read(ink, beam=8) == [candidates[0].text for candidates in reader.candidates(ink, beam=8)]


def test_a_text_longer_than_its_ink_is_impossible(recogniser: Recogniser, ink: list[Strokes]) -> None:
    assert Reader(recogniser).log_probability(ink[:1], ["long" * 100]) == [float("-inf")]
    assert Reader(recogniser).log_probability([], []) == []
    with pytest.raises(ValueError, match="each line needs its text"):
        Reader(recogniser).log_probability(ink, ["one"])


def test_a_folder_gives_the_reader_back_in_half_precision(
    recogniser: Recogniser, ink: list[Strokes], tmp_path: Path
) -> None:
    recogniser.save_pretrained(tmp_path, half=True)
    again = Reader.from_pretrained(tmp_path)
    assert again.network.config == recogniser.config
    for ours, theirs in zip(Reader(recogniser).log_probabilities(ink), again.log_probabilities(ink), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=0.3)


def test_a_folder_of_another_kind_is_one_sentence(model_folder: Path) -> None:
    with pytest.raises(UserError, match="holds no reading network that can be loaded"):
        Reader.from_pretrained(model_folder)


def test_the_default_recogniser_fits_into_three_mebibytes_with_a_second_one() -> None:
    one, other = (count_parameters(Recogniser(RecogniserConfig(kind))) for kind in ("curve", "pen"))
    assert 2 * (one + other) < 3 * 2**20


@pytest.mark.parametrize("setting", [{"features": "pixels"}, {"layers": 0}, {"hidden_size": 0}, {"dropout": 1.0}])
def test_impossible_settings_are_refused(setting: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        RecogniserConfig(**setting)  # type: ignore[arg-type]


def test_evaluation_counts_what_was_misread(recogniser: Recogniser, ink: list[Strokes]) -> None:
    reader = Reader(recogniser)
    right = evaluate(reader, ink, reader.read(ink))
    assert right["character_error_rate"] == right["word_error_rate"] == 0
    assert right["lines_without_error"] == 1
    assert right["lines"] == len(ink)
    wrong = evaluate(reader, ink, ["~" * 9] * len(ink))
    assert wrong["character_error_rate"] >= 1
    assert wrong["missed"] == {"signs": 1.0}


def test_each_kind_of_character_is_counted_by_itself() -> None:
    shares = missed(["Tle 4 cat"], ["The 4 Cats"])
    assert shares == {"letters": 2 / 5, "capitals": 1 / 2, "digits": 0.0, "spaces": 0.0}


def test_dropout_is_drawn_in_training_alone(recogniser: Recogniser) -> None:
    frames, lengths = torch.randn(2, 7, recogniser.layers[0].input_size), torch.tensor([7, 5])
    assert torch.equal(recogniser(frames, lengths), recogniser(frames, lengths))
    recogniser.train()
    assert not torch.equal(recogniser(frames, lengths), recogniser(frames, lengths))
