"""Several trainings that went out from one model, as one: the mean of their weights (Wortsman et al. 2022, "Model soups")."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import torch

from captioning.model import CaptionModel
from shared.errors import UserError


def average(names: Sequence[str], folder: Path, half: bool = False) -> None:
    """Writes the model whose weights are the mean of others' into a new folder, which appears when it is complete.

    What all of them have in common, such as an encoder's frozen stages, stays bit for bit.

    Args:
        names: shipped models, model folders or hub ids.
        folder: where to.
        half: whether to store half precision.

    Raises:
        UserError: for fewer than two models, for models of different networks or vocabularies, for a folder that is there.
    """
    if len(names) < 2:
        raise UserError(f"an average takes at least two models, got {len(names)}")
    if folder.exists():
        raise UserError(f"{folder} is there already; the average wants a new folder")
    first, *others = (CaptionModel.from_pretrained(name) for name in names)
    for name, other in zip(names[1:], others, strict=True):
        _check_alike(first, other, names[0], name)
    states = [other.state_dict() for other in others]
    first.load_state_dict(
        {
            name: weight + sum(state[name] - weight for state in states) / len(names)
            if weight.is_floating_point()
            else weight
            for name, weight in first.state_dict().items()
        }
    )
    scratch = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(scratch, ignore_errors=True)  # of a run that came to a sudden end
        first.save_pretrained(scratch, half)
        scratch.replace(folder)
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check_alike(first: CaptionModel, other: CaptionModel, name: str, other_name: str) -> None:
    shapes, others = ({key: w.shape for key, w in model.state_dict().items()} for model in (first, other))
    words = first.vocabulary.tokenizer.get_vocab() == other.vocabulary.tokenizer.get_vocab()
    pixels = all(
        torch.equal(getattr(first.encoder, part), getattr(other.encoder, part)) for part in ("mean", "std")
    ) and (first.config.image_size, first.config.fit) == (other.config.image_size, other.config.fit)
    if not (shapes == others and words and pixels):
        differ = "networks" if shapes != others else "vocabularies" if not words else "ways to lay out a photo"
        raise UserError(
            f"{name} and {other_name} have different {differ}; only trainings of one model (--start) have a mean"
        )
