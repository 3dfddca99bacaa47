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
from handwriting.judging import Draw, good_beginnings, judge
from handwriting.manuscript import Row, check_bias
from handwriting.model import SynthesisNetwork
from handwriting.prime import Hand, MadeUp, Opening, Prime
from handwriting.recogniser.reader import Reader
from handwriting.sample import Begun, Line, Request, Sampler
from handwriting.shape import OWN
from handwriting.strokes import MM_PER_UNIT, Strokes
from shared.errors import UserError, at_least

BATCH = 32
"""lines written at a time"""
ATTEMPTS = 4
"""how often a line is drawn, until every character is there once and can be read"""
SEEDS, FAR = 2**63, 1_000_003
"""seeds are below the first; a line's next draw has one so much further on, behind those of any text's lines (torch makes use of
the lowest 32 bits alone, so it cannot lie further off)"""
TAKES = 2
"""how often at a time, when it is drawn again"""
ENOUGH = 20
"""characters that show a hand"""
MODELS = 3
"""how many lines are tried to show it, until one is good"""


def check_seed(seed: int) -> None:
    """Refuses a seed that is out of range.

    Raises:
        UserError: saying what it may be.
    """
    if not 0 <= seed < SEEDS:
        raise UserError(f"seed must be a whole number from 0 to 2^63 - 1, got {seed}")


def check_trials(bias: float, seed: int, **counts: int) -> None:
    """Refuses what no lines can be tried with: a bias or seed that is out of range, or a number of something that is below 1.

    Raises:
        UserError: saying what it may be.
    """
    check_bias(bias)
    check_seed(seed)
    at_least(1, **counts)


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
        self.begun: dict[int, Begun] = {}
        self.taken: Counter[int] = Counter()
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
        """Draws these rows, all from one opening, until each is good; of its draws the first good one counts, or else the best.
        What is drawn again keeps the words that are good, and goes on behind them.

        Args:
            opening: without one, each draw is in a hand of its own.
            attempts: how many are made at most.
        """
        self.begun = {}
        for attempt in range(attempts):
            missed = [row for row in rows if row not in self.best or not self.best[row].is_good]
            takes = max(self.best_of, TAKES) if attempt else self.best_of
            size = max(1, BATCH // takes)
            for start in range(0, len(missed), size):
                yield from self._sample(missed[start : start + size], takes, opening, again=attempt + 1 < attempts)

    def _requests(self, row: int, takes: int, opening: Opening | None) -> list[Request]:
        """Draws of a row. Their seeds depend on their place alone, so it matters not what is drawn beside them."""
        numbers = range(self.taken[row], self.taken[row] + takes)
        self.taken[row] += takes
        text, biases, begun = self.rows[row].text, self.rows[row].network_biases, self.begun.get(row)
        return [Request(text, biases, (self.seed + row + n * FAR) % SEEDS, opening, begun) for n in numbers]

    def _sample(self, rows: Sequence[int], takes: int, opening: Opening | None, again: bool) -> Iterator[Stretch]:
        """Draws each of these rows so many times in one batch; without a choice of several, shows the first take as it is made.
        If rows will be drawn again, no more is made of a draw than it takes to see that it is lost.
        """
        requests = [request for row in rows for request in self._requests(row, takes, opening)]
        texts = [request.text for request in requests]
        sampler = Sampler(self.network, requests)
        live = {row: number * takes for number, row in enumerate(rows)} if self.best_of == 1 else {}
        shown = dict.fromkeys(live, 0)

        @cache
        def is_good(place: int) -> bool:
            return judge([self._shaped(sampler.line(place))], texts[place : place + 1], self.reader)[0].is_good

        while not sampler.done:
            sampler.advance()
            lines = [sampler.line(place) for place in range(len(requests))]
            _drop_idle(sampler, lines, takes, again, is_good if live and takes > 1 else None)
            for row, place in live.items():
                line = self._shaped(lines[place])
                settled = tail.settled(line.strokes, line.characters, len(texts[place]))
                yield from self._fresh(row, line, shown[row], settled)
                shown[row] = max(shown[row], settled)
            if not live:
                yield self._nothing(rows[0])
        drawn = judge([self._shaped(sampler.line(place)) for place in range(len(requests))], texts, self.reader)
        for row, place in live.items():
            yield from self._fresh(row, drawn[place].line, shown[row], len(drawn[place].line.strokes))
        improved = self._choose(rows, takes, drawn)
        for row in rows:
            if row in improved and not (row in live and self.best[row] is drawn[live[row]]):
                self.attempts[row] += row in live
                yield from self._fresh(row, self.best[row].line, 0, len(self.best[row].line.strokes))
            self.attempts[row] += 1
        if again:
            self._keep_what_is_good(rows, takes, sampler, drawn)

    def _choose(self, rows: Sequence[int], takes: int, drawn: Sequence[Draw]) -> set[int]:
        """Keeps the best draw of each row, or the first good one if no choice is wanted; the rows that have a better one now."""
        improved = set()
        for number, row in enumerate(rows):
            for draw in drawn[number * takes : (number + 1) * takes]:
                if self.best_of == 1 and row in self.best and self.best[row].is_good:
                    continue
                self.draws += 1
                self.failures += bool(draw.faults)
                if row not in self.best or draw.rank < self.best[row].rank:
                    self.best[row] = draw
                    improved.add(row)
        return improved

    def _keep_what_is_good(self, rows: Sequence[int], takes: int, sampler: Sampler, drawn: Sequence[Draw]) -> None:
        """Of the takes of each row that is not good yet, the one that went wrong last: what came before that."""
        missed = [number for number, row in enumerate(rows) if not self.best[row].is_good]
        places = [place for number in missed for place in range(number * takes, (number + 1) * takes)]
        lines = [drawn[place].line for place in places]
        kept = good_beginnings(lines, [sampler.requests[place].text for place in places], self.reader)
        for place, beginning in zip(places, kept, strict=True):
            row = rows[place // takes]
            before = self.begun.get(row)
            if beginning.points > (len(before.points) if before else 0):
                self.begun[row] = sampler.begun(place, beginning.points)

    def _shaped(self, line: Line) -> Line:
        return replace(line, strokes=self.shape.mend(line.strokes))

    def _nothing(self, row: int) -> Stretch:
        """A moment in which whoever waits may do something else, or give up."""
        return Stretch(row, self.attempts[row], np.zeros((0, 3)), np.zeros(0, dtype=np.int64))

    def _fresh(self, row: int, line: Line, shown: int, upto: int) -> Iterator[Stretch]:
        if upto > shown:
            fresh = slice(shown, upto)
            yield Stretch(row, self.attempts[row], to_mm(line.strokes[fresh]), line.characters[fresh])


def _drop_idle(
    sampler: Sampler, lines: Sequence[Line], takes: int, again: bool, is_good: Callable[[int], bool] | None
) -> None:
    """Makes no more of draws that are lost, if the row is drawn again anyway or another take of it is whole; nor of those behind a
    good one, where the first counts."""
    for start in range(0, len(lines), takes):
        own = [line.coverage for line in lines[start : start + takes]]
        whole = [number for number, one in enumerate(own) if one.whole]
        good = next((number for number in whole if is_good and is_good(start + number)), takes)
        for number, one in enumerate(own):
            if number > good or (one.lost and (again or whole)):
                sampler.drop(start + number)


def to_mm(strokes: Strokes) -> Float[np.ndarray, "T 3"]:
    return strokes * np.array([MM_PER_UNIT, MM_PER_UNIT, 1.0])
