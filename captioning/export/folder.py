"""The folder of an exported captioner: three graphs, the vocabulary, what to know of them, and a program that runs them."""

from __future__ import annotations

import dataclasses
import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch

from captioning.export.graphs import Graph, examples, graphs
from captioning.export.trace import trace
from captioning.model import CaptionModel
from captioning.tokens import END, INSIDE, PAD, START, UNKNOWN
from shared.errors import UserError
from shared.files import whole_folder

SIZES = ((2, 3), (1, 1))
"""photos and rows on which a graph is tried"""

FIT = {
    "squash": "A photo is squashed to the square, whatever its shape (bilinear).",
    "crop": "A photo's shorter side is scaled to the square's, and its middle kept (bilinear).",
}

README = """# An exported captioner

`{model}`, in the ONNX format: it says in a sentence what a photo shows, without torch.

    pip install numpy onnxruntime pillow
    python caption.py photo.jpg

`caption.py` is a complete example in numpy, with a beam search, to build on. The graphs, in the order in which they run:

| graph | takes | gives | runs |
| --- | --- | --- | --- |
| `encoder.onnx` | `pixels` | `grid`: {rows} x {columns} locations in reading order | once for each photo |
| `look.onnx` | `grid` | {looked} | once for each photo |
| `step.onnx` | {taken} | {given} | once for each word |

- `pixels` are uint8 [photos, 3, {size}, {size}], RGB, 0 to 255; their normalisation is in the graph. {fit}
- Any numbers of photos and rows will do. Rows are captions of one photo that are tried side by side (a beam): they share
  what is known of the photo. `look.onnx` gives a state of one row; `part[:, chosen]` of each part chooses rows, or repeats
  them.
- A step takes the word said last, {start} at first, and the state that `look.onnx` or the step before (`next_...`) gave.
  It gives `log_probs` of the next word (natural logarithms), and in `attention` how much it looked at each location.
- {end} ends a caption. {pad}, {start} and {unknown} are in the vocabulary, but are not to be said.
- `config.json` has the name, type and shape of every tensor, which of them are the `state` and which are `known` of a
  photo, and all the numbers above. `tokenizer.json` is the vocabulary as the library `tokenizers` has it; a token that
  begins with `{inside}` goes on with the word before.
"""


def export_captioner(name: str, folder: Path) -> float:
    """Writes a captioner into a new folder, which appears when it is complete and each graph does what the network does.

    Args:
        name: a shipped model's name, a model folder, or a hub id.
        folder: where to; it may be there if it is empty.

    Returns:
        The largest difference between graphs and network.

    Raises:
        UserError: without the packages of the extra `export`; for a model that is none; for a folder that is not empty, or cannot
            be made; for a network that cannot be exported.
    """
    _check_packages()
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise UserError(f"{folder} is there already; an exported captioner wants a new folder, or an empty one")
    model = CaptionModel.from_pretrained(name)
    with whole_folder(folder) as scratch:
        config = _write_graphs(model, scratch) | {"model": name}
        _write_beside(model, config, scratch)
    return config["largest_difference"]


def _check_packages() -> None:
    for package in ("onnx", "onnxscript", "onnxruntime"):
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise UserError(f"captioning export needs {package}: install show-and-scribe[export]") from error


@torch.no_grad()
def _write_graphs(model: CaptionModel, folder: Path) -> dict[str, Any]:
    """Writes the three, and returns what config.json says."""
    three = graphs(model)
    tried = zip(*(examples(model, three, *sizes) for sizes in SIZES), strict=True)
    traced = {g.name: trace(g, inputs, folder / f"{g.name}.onnx") for g, inputs in zip(three, tried, strict=True)}
    step, config = three[-1], model.config
    state = _state(step)
    return {
        "preprocessing": {"size": config.image_size, "fit": config.fit},
        "grid": {"rows": model.encoder.rows, "columns": model.encoder.columns},
        "tokens": {"pad": PAD, "start": START, "end": END, "unknown": UNKNOWN, "inside": INSIDE},
        "known": [name for name in step.inputs[1:] if name not in state],
        "state": state,
        "graphs": {name: {"inputs": one.inputs, "outputs": one.outputs} for name, one in traced.items()},
        "network": dataclasses.asdict(config),
        "largest_difference": max(one.difference for one in traced.values()),
        "versions": {"torch": torch.__version__, "onnx_operators": traced["step"].operators},
    }


def _state(step: Graph) -> list[str]:
    return [name for name in step.inputs if f"next_{name}" in step.outputs]


def _write_beside(model: CaptionModel, config: dict[str, Any], folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    listed = {
        name: ", ".join(f"`{tensor}`" for tensor in config["graphs"][graph][side])
        for name, graph, side in (
            ("looked", "look", "outputs"),
            ("taken", "step", "inputs"),
            ("given", "step", "outputs"),
        )
    }
    fit = FIT[config["preprocessing"]["fit"]]
    numbers = config["grid"] | config["tokens"] | {"size": config["preprocessing"]["size"]}
    (folder / "README.md").write_text(README.format(model=config["model"], fit=fit, **listed, **numbers))
    shutil.copyfile(Path(__file__).with_name("caption.py"), folder / "caption.py")
    model.vocabulary.save(folder / "tokenizer.json")
