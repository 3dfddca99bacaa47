"""Several trainings that went out from one model, as one: the mean of their weights (Wortsman et al. 2022, "Model soups")."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from captioning.model import CaptionModel
from shared.errors import UserError
from shared.files import whole_folder


def average(names: Sequence[str], folder: Path, half: bool = False) -> None:
    """Writes the model whose weights are the mean of others' into a new folder, which appears when it is complete.

    What all of them have in common, such as an encoder's frozen stages, stays bit for bit.

    Args:
        names: shipped models, model folders or hub ids; one alone is its own mean.
        folder: where to.
        half: whether to store half precision.

    Raises:
        UserError: for no model, for models of different networks or vocabularies, for a folder that is there.
    """
    if not names:
        raise UserError("an average takes models, got none")
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
    with whole_folder(folder) as scratch:
        first.save_pretrained(scratch, half)


def _check_alike(first: CaptionModel, other: CaptionModel, name: str, other_name: str) -> None:
    shapes, others = ({key: w.shape for key, w in model.state_dict().items()} for model in (first, other))
    words, other_words = (model.vocabulary.tokenizer.get_vocab() for model in (first, other))
    photos, other_photos = ((c.mean, c.std, c.image_size, c.fit) for c in (first.config, other.config))
    for what, alike in {
        "networks": shapes == others,
        "vocabularies": words == other_words,
        "ways to lay out a photo": photos == other_photos,
    }.items():
        if not alike:
            raise UserError(
                f"{name} and {other_name} have different {what}; only trainings of one model (--start) have a mean"
            )
