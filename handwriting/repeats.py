"""Lines with rare characters learnt more often: repeat-factor sampling (Gupta et al. 2019, *LVIS*, sec. 4).

A character c that a share f(c) of the lines have, and a threshold t:

    r(c) = max(1, √(t / f(c)))          r(line) = max r(c) over its characters

A line comes r times in an epoch; the fraction is left to chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float


def repeat_factors(texts: Sequence[str], threshold: float) -> Float[np.ndarray, " N"]:
    """How often each of these texts should come for each time that one without rare characters does; at least 1.

    Args:
        threshold: t, the share of the lines that a character is rare below; 0 for none.
    """
    having = Counter(character for text in texts for character in set(text))
    factor = {character: max(1.0, (threshold * len(texts) / count) ** 0.5) for character, count in having.items()}
    return np.array([max((factor[character] for character in text), default=1.0) for text in texts])


def rounds(chosen: Sequence[int], factors: Float[np.ndarray, " N"], random: np.random.Generator) -> list[list[int]]:
    """Rounds, in none of which a line comes twice: all lines first, then those that come at least twice, and so on."""
    times = np.floor(factors + random.random(len(factors))).astype(int)
    return [[line for line, often in zip(chosen, times, strict=True) if often > lap] for lap in range(times.max())]
