"""Text to ink: the handwriting synthesis of Graves 2013, "Generating Sequences With Recurrent Neural Networks" (1308.0850).

Letters in the shapes: B lines, T points, U characters, C symbols of the alphabet, K mixtures or window components, H units.
Offsets are in tablet units with y downward in a file of ink, in standard deviations inside a network, in mm on paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handwriting.ink import Ink
    from handwriting.scribe import Scribe

__all__ = ["Ink", "Scribe"]


def __getattr__(name: str) -> Any:
    # Lazy: `handwriting --help` must not wait for torch.
    if name in __all__:
        from handwriting import ink, scribe

        return getattr(ink if name == "Ink" else scribe, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
