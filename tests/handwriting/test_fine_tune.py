"""Whether some lines are enough to learn a hand: the shipped scribe goes on with 20 lines of a stranger, by the README's command.

By default one writer of IAM-OnDB's split 1, whom the shipped network has never seen; WRITERS=5 takes more, and -s shows all
figures.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from handwriting.cli import main
from handwriting.data import Lines, load_lines
from handwriting.model import SynthesisNetwork
from handwriting.prime import Hand, MadeUp
from handwriting.recogniser.distance import character_error_rate
from handwriting.recogniser.reader import Reader
from handwriting.sample import Request, sample
from handwriting.strokes import Strokes, split
from handwriting.styles.features import Hands, features
from handwriting.styles.fidelity import _by_writer, _features
from handwriting.styles.style import Style

WRITERS = int(os.environ.get("WRITERS", "1"))
LEARNT, WRITTEN, BIAS = 20, 12, 0.75


class Found(NamedTuple):
    """What a stranger says of ink."""

    whose: float
    """the share of lines that are nearer to this writer's other lines than to any of the other writers'"""
    distance: float
    """from the writer's other lines"""
    character_error_rate: float


class Strangers:
    """The writers of split 1, and how their lines are told apart."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.known = {writer: own for writer, own in _by_writer(lines, 1).items() if len(own) >= LEARNT + 8}
        self.described = {line: _features(lines, line) for own in self.known.values() for line in own}
        others = [line for line in lines.of([0]) if lines.writer[line] >= 0][::3]
        self.hands = Hands(np.stack([_features(lines, line) for line in others]), lines.writer[others])
        self.reader = Reader.from_pretrained(device="cpu")

    def ask(self, writer: int, ink: Sequence[Strokes], texts: Sequence[str]) -> Found:
        """Whose hand is it? The lines that were learnt are never among those that are compared."""
        means = [np.mean([self.described[line] for line in own[LEARNT:]], 0) for own in self.known.values()]
        apart = np.array(
            [self.hands.distances(features(line, text), means) for line, text in zip(ink, texts, strict=True)]
        )
        own = apart[:, list(self.known).index(writer)]
        read = character_error_rate(self.reader.read(ink), texts)
        return Found(float((own <= apart.min(1)).mean()), float(own.mean()), float(read))

    def misread(self, writer: int) -> float:
        """The character error rate of the writer's own lines."""
        own = self.known[writer]
        ink, texts = [self.lines.strokes(line) for line in own], [self.lines.texts[line] for line in own]
        return character_error_rate(self.reader.read(ink), texts)


def write_rows(lines: Lines, chosen: Sequence[int], file: Path) -> None:
    """Lines as a user keeps their own."""
    rows = [{"text": lines.texts[i], "strokes": [s.tolist() for s in split(lines.strokes(i))]} for i in chosen]
    file.write_text("\n".join(json.dumps(row) for row in rows))


def write(network: SynthesisNetwork, texts: Sequence[str], hands: Sequence[Hand]) -> list[Strokes]:
    """Each text's first draw, in its hand."""
    asked = [
        Request(text, BIAS, seed, hand.opening(network))
        for seed, (text, hand) in enumerate(zip(texts, hands, strict=True))
    ]
    return [hand.shape.mend(line.strokes) for hand, line in zip(hands, sample(network, asked), strict=True)]


def test_twenty_lines_are_enough_to_learn_a_hand(data: Path, tmp_path: Path, monkeypatch) -> None:
    lines = load_lines(data / "iam-ondb" / "lines.npz")
    strangers, random = Strangers(lines), np.random.default_rng(0)
    shipped = SynthesisNetwork.from_pretrained("default")
    gathered: dict[str, list[Found]] = {"by itself": [], "after a line": [], "having learnt 20": []}
    writers = list(strangers.known)
    for writer in writers[:: max(1, len(writers) // WRITERS)][:WRITERS]:
        learnt = strangers.known[writer][:LEARNT]
        out = tmp_path / str(writer)
        write_rows(lines, learnt, tmp_path / "mine.jsonl")
        command = f"handwriting train --preset fine-tune --from default --data {tmp_path}/mine.jsonl --out {out}"
        monkeypatch.setattr(sys, "argv", command.split())
        assert main() == 0
        tuned = SynthesisNetwork.from_pretrained(out / "best")
        strange = [line for other, own in strangers.known.items() if other != writer for line in own]
        texts = [lines.texts[line] for line in random.choice(strange, WRITTEN, replace=False)]
        styles = [Style("", lines.texts[line], lines.strokes(line)) for line in learnt[:WRITTEN]]
        made_up = [MadeUp(seed) for seed in range(WRITTEN)]
        inks = write(shipped, texts, made_up), write(shipped, texts, styles), write(tuned, texts, made_up)
        for found, ink in zip(gathered.values(), inks, strict=True):
            found.append(strangers.ask(writer, ink, texts))
            print(writer, found[-1])
        print(writer, "wrote with", strangers.misread(writer), "errors a character, says the same reader")
    means = [Found(*np.mean(found, 0).tolist()) for found in gathered.values()]
    print(*(f"{name}: {mean}" for name, mean in zip(gathered, means, strict=True)), sep="\n")
    itself, primed_, tuned_ = means
    assert tuned_.distance < min(primed_.distance, itself.distance)
    assert tuned_.whose > 0.4
    assert (
        tuned_.character_error_rate < 0.5
    )  # it can be read; which characters go wrong differs from machine to machine
