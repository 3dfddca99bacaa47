"""Several trainings that went out from one model, as one: the mean of their weights (Wortsman et al. 2022, "Model soups")."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.errors import UserError
from shared.files import whole_folder
from shared.pretrained import Pretrained


def average(kind: type[Pretrained], names: Sequence[str], folder: Path, half: bool = False) -> None:
    """Writes the model whose weights are the mean of others' into a new folder, which appears when it is complete.

    What all of them have in common, such as an encoder's frozen stages, stays bit for bit.

    Args:
        kind: of the models.
        names: shipped models, model folders or hub ids; one alone is its own mean.
        folder: where to.
        half: whether to store half precision.

    Raises:
        UserError: for no model, for models that have no mean (`Pretrained.kin`), for a folder that is there.
    """
    if not names:
        raise UserError("an average takes models, got none")
    if folder.exists():
        raise UserError(f"{folder} is there already; the average wants a new folder")
    first, *others = (kind.from_pretrained(name) for name in names)
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


def _check_alike(first: Pretrained, other: Pretrained, name: str, other_name: str) -> None:
    kin = other.kin()
    for what, own in first.kin().items():
        if own != kin[what]:
            raise UserError(
                f"{name} and {other_name} have different {what}; only trainings of one model (--start) have a mean"
            )
