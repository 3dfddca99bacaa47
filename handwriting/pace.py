"""When the pen is where: ink is played back as fast as people write."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from handwriting.strokes import Strokes

POINTS_PER_SECOND = 72.0
"""while the pen is down: points of a stroke in IAM-OnDB are 13.9 ms apart"""
LIFT_SECONDS = 0.07
TRAVEL_SPEED = 150.0
"""mm/s of the pen in the air"""


def pen_times(strokes: Strokes) -> Float[np.ndarray, " T"]:
    """When the pen is at each point, in seconds from the start; strokes are in mm.

    Points are evenly spaced in time, as a tablet records them; between strokes the pen travels through the air.
    """
    step = np.full(len(strokes), 1 / POINTS_PER_SECOND)
    begins = np.concatenate([[True], strokes[:-1, 2] > 0.5])[: len(strokes)]
    step[begins] = LIFT_SECONDS + np.hypot(strokes[begins, 0], strokes[begins, 1]) / TRAVEL_SPEED
    step[:1] = 0.0
    return np.cumsum(step)
