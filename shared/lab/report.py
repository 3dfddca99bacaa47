"""What an experiment leaves behind: results.json, picture.png, and its answer on standard output."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.errors import UserError, at_least

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Results = dict[str, Any]
FROM_ZERO = {"seed", "threads", "watch"}
"""settings that are whole numbers and may be 0; of all others there must be one at least"""


def perform(
    out: Path,
    run: Callable[..., Results],
    draw: Callable[[Results], Figure],
    tell: Callable[[Results], str] = lambda results: json.dumps(results["found"], indent=2),
    **settings: Any,
) -> None:
    """Carries out an experiment, saves what came of it, and prints what was found.

    Args:
        out: the folder to save in.
        run: the experiment; called with the settings, its chance seeded with `seed`. Returns JSON's plain values, among them
            `found`, a dict of the few numbers that matter.
        draw: the picture, from the results as they will be saved.
        tell: what to print of them; `found` unless said otherwise.
        settings: all that the results depend on.

    Raises:
        UserError: if a setting is none, or nothing could be saved or drawn, before any time is spent.
    """
    from shared.device import seed_everything

    for name, value in settings.items():
        if isinstance(value, int) or (isinstance(value, tuple) and all(isinstance(one, int) for one in value)):
            at_least(0 if name in FROM_ZERO else 1, **{name: value})
    _check_drawing()
    _make(out)
    seed_everything(settings["seed"])
    start = time.perf_counter()
    results = {"settings": settings, **run(**settings), "seconds": round(time.perf_counter() - start, 1)}
    save(out, results, draw(results))
    print(tell(results))


def save(folder: Path, results: Results, figure: Figure) -> None:
    """Writes results.json, one key a line, and picture.png, and says where."""
    _make(folder)
    versions = {"python": platform.python_version(), "torch": version("torch")}
    told = {**results, "versions": versions, "command": sys.argv}
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value, default=str)}" for key, value in told.items())
    (folder / "results.json").write_text("{\n" + lines + "\n}\n")
    figure.savefig(folder / "picture.png")
    print(f"wrote {folder / 'results.json'} and {folder / 'picture.png'}", file=sys.stderr)


def new_figure(height: float = 5.0, **layout: Any) -> Figure:
    """A blank figure, 9 inches wide at 100 dots an inch, in the lab's quiet style; `height` in inches.

    `axes = new_figure().subplots()` is ready to draw on; `tidy(axes)` takes away the frame's upper and right lines.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(9.0, height), dpi=100, layout="constrained", **layout)


def tidy(axes: Any, **labels: str) -> None:
    """Takes the chart junk off, and sets what is given: xlabel, ylabel, title, …"""
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(**labels)


def _check_drawing() -> None:
    if find_spec("matplotlib") is None:
        raise UserError("the lab draws with matplotlib, which is not installed; install it by `uv sync --extra lab`")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror}; choose another --out") from error
