"""Photo -> sentence: Show, Attend and Tell (Xu et al. 2015, soft attention).

Letters in shapes: B photos, K rows a photo (captions in training, beams in search), R = B*K rows, T words of a caption,
L locations of the grid, D features of a location, A attention features, H hidden units, G = 4H gates, E word features,
V vocabulary, S side of a photo in pixels, C x X x Y maps of the encoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from captioning.captioner import Caption, Captioner

__all__ = ["Caption", "Captioner"]


def __getattr__(name: str) -> Any:
    """Imports the two names on first use, so that the command line can print its help without waiting for torch."""
    if name in __all__:
        from captioning import captioner

        return getattr(captioner, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
