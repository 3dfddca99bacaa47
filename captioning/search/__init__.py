"""From next-word probabilities to captions, of many photos at once: by beam, or by drawing words.

Nothing here knows the network. A search needs something that predicts (`Predictor`): a decoder bound to its photos, or
several of them (`Ensemble`).

Letters besides those of the package: N captions a photo, G groups of a beam, P = B*G places where a beam is kept.
"""

from captioning.search.beam import beam_search
from captioning.search.draw import draw_captions, seeded_chance
from captioning.search.ensemble import Ensemble
from captioning.search.predictor import NEVER, Found, Predictor
from captioning.search.rules import Rules

__all__ = [
    "NEVER",
    "Ensemble",
    "Found",
    "Predictor",
    "Rules",
    "beam_search",
    "draw_captions",
    "seeded_chance",
]
