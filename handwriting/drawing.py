"""Lines drawn until they are good: in batches, again where something is missing or hard to read, and chosen from several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from handwriting import tail
from handwriting.manuscript import Row
from handwriting.model import SynthesisNetwork
from handwriting.prime import Hand, MadeUp, Opening, Prime
from handwriting.recogniser.reader import Reader
from handwriting.sample import Line, Request, Sampler
from handwriting.shape import OWN
from handwriting.strokes import MM_PER_UNIT, Strokes

BATCH = 32
"""lines written at a time"""
ATTEMPTS = 5
"""how often a line is drawn, until every character is there once and can be read"""
SEEDS, FAR = 2**63, 1_000_003
"""seeds are below the first; a line's next draw has one so much further on, behind those of any text's lines (torch makes use of
the lowest 32 bits alone, so it cannot lie further off)"""
ENOUGH = 20
"""characters that show a hand"""
MODELS = 3
"""how many lines are tried to show it, until one is good"""
READABLE = -0.3
"""nats a character that a reader gives a good line at least; one in twenty lines that people wrote (IAM-OnDB, split 2) has less"""


class Stretch(NamedTuple):
    """Ink of one line, fresh from the pen; none where several draws are chosen from and nothing is chosen yet."""

    line: int
    """which of the ink's lines"""
    attempt: int
    """0, or one more each time that the line is drawn again: what came of it before is void"""
    strokes: Strokes
    """in mm, as the network made them: the line is turned level when it is whole"""
    characters: Int[np.ndarray, " T"]
    """the character of the line that each point belongs to"""


class Draw(NamedTuple):
    """One attempt at a row."""

    line: Line
    faults: float
    """0 for a whole line; infinite for one without end"""
    log_probability: float
    """nats a character of its text, says a reader; 0 without one"""

    @property
    def is_good(self) -> bool:
        """Whether all of its text is there and can be read."""
        return not self.faults and self.log_probability >= READABLE

    @property
    def rank(self) -> tuple[float, float]:
        """The smallest is the best."""
        return self.faults, -self.log_probability


class Drawing:
    """The drawing of rows, in batches, until each is good.

    Args:
        network: what moves the pen.
        rows: what to write, none empty.
        seed: where chance comes from.
        best_of: how often each row is drawn at each attempt.
        reader: who chooses among them, and tells what is no part of a line; without one, the first with the fewest faults is taken
            as it is.
    """

    def __init__(
        self, network: SynthesisNetwork, rows: Sequence[Row], seed: int, best_of: int, reader: Reader | None
    ) -> None:
        self.network, self.rows, self.seed, self.best_of, self.reader = network, rows, seed, best_of, reader
        self.best: dict[int, Draw] = {}
        self.attempts: Counter[int] = Counter()
        self.draws = self.failures = 0
        self.shape = OWN

    def run(self, style: Hand | None) -> Iterator[Stretch]:
        """Draws all rows. Without a style, the hand is the seed's own. A network that cannot be told of it shows it by one row, and
        goes on from there."""
        rows = list(range(len(self.rows)))
        if not style and self.network.traits:
            style = MadeUp(self.seed)
        opening = style.opening(self.network) if style else None
        self.shape = style.shape if style else OWN
        if len(rows) > 1 and not opening:
            shown = yield from self._show(rows)
            opening = Prime(self.best[shown].line.strokes, self.rows[shown].text).opening(self.network)
            rows.remove(shown)
        yield from self.draw(rows, opening)

    def _show(self, rows: Sequence[int]) -> Generator[Stretch, None, int]:
        """Draws the line that shows the hand; which one it is. Whatever is wrong with it would go wrong in all."""
        order = sorted(rows, key=lambda row: -min(ENOUGH, len(self.rows[row].text)))
        for row in order[:MODELS]:
            yield from self.draw([row], None)
            if self.best[row].is_good:
                break
        shown, draw = min(self.best.items(), key=lambda item: item[1].rank)
        self.best = {shown: draw}
        return shown

    def draw(self, rows: Sequence[int], opening: Opening | None, attempts: int = ATTEMPTS) -> Iterator[Stretch]:
        """Draws these rows, all from one opening, until each is good; of its attempts the first good one counts, or else the best.

        Args:
            opening: without one, each draw is in a hand of its own.
            attempts: how many are made at most.
        """
        made = 0
        while made < attempts and (
            missed := [row for row in rows if row not in self.best or not self.best[row].is_good]
        ):
            # A batch of few rows takes as long as one of many: those that failed are drawn several times at once.
            ahead = min(attempts - made, max(1, BATCH // (len(missed) * self.best_of))) if made else 1
            wanted = [(row, attempt) for row in missed for attempt in range(made, made + ahead)]
            size = max(1, BATCH // (self.best_of * ahead)) * ahead
            made += ahead
            for start in range(0, len(wanted), size):
                yield from self._sample(wanted[start : start + size], opening, again=made < attempts)

    def _requests(self, row: int, attempt: int, opening: Opening | None) -> list[Request]:
        """The draws of an attempt. Their seeds depend on their place alone, so it matters not what is drawn beside them."""
        draws = range(attempt * self.best_of, (attempt + 1) * self.best_of)
        seeds = [(self.seed + row + draw * FAR) % SEEDS for draw in draws]
        return [Request(self.rows[row].text, self.rows[row].biases, seed, opening) for seed in seeds]

    def _sample(self, wanted: Sequence[tuple[int, int]], opening: Opening | None, again: bool) -> Iterator[Stretch]:
        """Makes these attempts at rows in one batch; without a choice of several, shows the first at each row as it is made.
        If rows will be drawn again, no more is made of it than it takes to see that it is lost.
        """
        requests = [request for row, attempt in wanted for request in self._requests(row, attempt, opening)]
        texts = [request.text for request in requests]
        rows = dict.fromkeys(row for row, _ in wanted)
        sampler = Sampler(self.network, requests)
        shown = dict.fromkeys(rows, 0)

        @cache
        def is_good(place: int) -> bool:
            return judge([self._shaped(sampler.line(place))], texts[place : place + 1], self.reader)[0].is_good

        first = {row: place for place, (row, _) in reversed(list(enumerate(wanted)))}
        live = {row: first[row] for row in rows} if self.best_of == 1 else {}
        while not sampler.done:
            sampler.advance()
            if 0 < len(live) < len(wanted):
                _drop_idle(sampler, [row for row, _ in wanted], is_good)
            for row, place in live.items():
                line = self._shaped(sampler.line(place))
                if again and line.coverage.lost:
                    sampler.drop(place)
                settled = tail.settled(line.strokes, line.characters, len(texts[place]))
                yield from self._fresh(row, line, shown[row], settled)
                shown[row] = max(shown[row], settled)
            if not live:
                yield self._nothing(wanted[0][0])
        drawn = judge([self._shaped(sampler.line(place)) for place in range(len(requests))], texts, self.reader)
        for row, place in live.items():
            yield from self._fresh(row, drawn[place].line, shown[row], len(drawn[place].line.strokes))
        improved = self._choose(wanted, drawn)
        for row in rows:
            if row in improved and not (row in live and self.best[row] is drawn[live[row]]):
                self.attempts[row] += row in live
                yield from self._fresh(row, self.best[row].line, 0, len(self.best[row].line.strokes))
            self.attempts[row] += 1

    def _choose(self, wanted: Sequence[tuple[int, int]], drawn: Sequence[Draw]) -> set[int]:
        """Keeps the best draw of each row; the rows that have a better one now. After a good attempt, no other counts."""
        improved = set()
        for number, (row, _) in enumerate(wanted):
            if row in self.best and self.best[row].is_good:
                continue
            for draw in drawn[number * self.best_of : (number + 1) * self.best_of]:
                self.draws += 1
                self.failures += bool(draw.faults)
                if row not in self.best or draw.rank < self.best[row].rank:
                    self.best[row] = draw
                    improved.add(row)
        return improved

    def _shaped(self, line: Line) -> Line:
        return replace(line, strokes=self.shape.mend(line.strokes))

    def _nothing(self, row: int) -> Stretch:
        """A moment in which whoever waits may do something else, or give up."""
        return Stretch(row, self.attempts[row], np.zeros((0, 3)), np.zeros(0, dtype=np.int64))

    def _fresh(self, row: int, line: Line, shown: int, upto: int) -> Iterator[Stretch]:
        if upto > shown:
            fresh = slice(shown, upto)
            yield Stretch(row, self.attempts[row], to_mm(line.strokes[fresh]), line.characters[fresh])


def _drop_idle(sampler: Sampler, rows: Sequence[int], is_good: Callable[[int], bool]) -> None:
    """Where one of several attempts at a row is good, makes no more of those after it; where one is whole, no more of those that
    cannot be any more."""
    for row in dict.fromkeys(rows):
        places = [place for place, other in enumerate(rows) if other == row]
        attempts = [sampler.line(place).coverage for place in places]
        whole = [number for number, attempt in enumerate(attempts) if attempt.whole]
        good = next((number for number in whole if is_good(places[number])), len(places))
        for number, place in enumerate(places):
            if whole and (number > good or attempts[number].lost):
                sampler.drop(place)


def judge(lines: Sequence[Line], texts: Sequence[str], reader: Reader | None) -> list[Draw]:
    """What lines are worth that were to say these texts, each without what is no part of it."""
    chances = [0.0] * len(lines)
    if reader:
        lines, chances = tail.without_what_is_no_part(lines, texts, reader)
    faults = [line.coverage.faults if line.coverage.finished else np.inf for line in lines]
    found = zip(lines, faults, chances, texts, strict=True)
    return [Draw(line, fault, chance / len(text)) for line, fault, chance, text in found]


def to_mm(strokes: Strokes) -> Float[np.ndarray, "T 3"]:
    return strokes * np.array([MM_PER_UNIT, MM_PER_UNIT, 1.0])
