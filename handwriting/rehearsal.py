"""Which hands a network writes well: it tries many that chance makes up. Of those whose lines can all be read, some are kept that
differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from handwriting.drawing import check_trials
from handwriting.judging import PANGRAMS, attempt
from handwriting.model import SynthesisNetwork
from handwriting.prime import of_traits
from handwriting.recogniser.reader import Reader
from handwriting.styles.draw import farthest
from handwriting.traits import HANDS
from shared.errors import UserError

LINES = 3
"""of people that each hand writes besides"""


def rehearse(
    network: SynthesisNetwork, reader: Reader, texts: Sequence[str], tried: int, bias: float, seed: int
) -> list[float]:
    """Has a network that is told of hands keep `HANDS` of them, which its seeds are drawn from then on.

    Args:
        reader: who must be able to read their lines.
        texts: lines of people, of which some are drawn by chance for each hand, besides the pangrams.
        tried: hands that are tried at first.
        bias: of the lines.
        seed: where chance comes from.

    Returns:
        which share of the hands tried had a good first, second, … line.

    Raises:
        UserError: for a bias, seed or number that is out of range, if the network is told of no hands, or if too few of those are
            good.
    """
    check_trials(bias, seed, tried=tried)
    traits = network.traits
    if not traits:
        raise UserError(
            "this network is told of no hands: train one with --model.traits 16, or --lesson.traits 16 --from it"
        )
    random = np.random.default_rng(seed)
    hands = [traits.imagine(seed + number) for number in range(tried)]
    shares = []
    for choice in [[text] for text in PANGRAMS] + [texts] * LINES:
        said = [choice[int(place)] for place in random.integers(len(choice), size=len(hands))]
        openings = [of_traits(network, hand) for hand in hands]
        chance = random.integers(2**31, size=len(hands)).tolist()
        draws = attempt(network, reader, said, bias, chance, openings)
        hands = [hand for hand, drawn in zip(hands, draws, strict=True) if drawn.is_good]
        shares.append(len(hands) / tried)
    if len(hands) < HANDS:
        raise UserError(f"of {tried} hands {len(hands)} could be read in every line; {HANDS} are wanted: try more")
    traits.keep([hands[place] for place in farthest([hand.numpy() for hand in hands], HANDS)])
    return shares
