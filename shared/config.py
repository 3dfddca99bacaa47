"""Settings as frozen dataclasses, read strictly. Free of torch, so that `--help` is quick."""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

Config = TypeVar("Config")


class ConfigError(ValueError):
    """A setting that does not exist or cannot be."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained."""

    epochs: float = 10.0
    """passes over the training data; the learning rate's decay is laid out over all of them"""
    learning_rate: float = 1e-3
    """the highest learning rate"""
    optimiser: str = "adamw"
    """adamw, or rmsprop-graves: centred RMSprop with momentum, as in Graves 2013 (whose learning rate is 1e-4 throughout)"""
    rate_at_end: float = 0.0
    """share of the learning rate that is left at the end, to which it falls in a straight line; 1 keeps it as it is"""
    warmup: float = 0.02
    """share of the updates in which the learning rate rises to its highest"""
    weight_decay: float = 0.0
    """decoupled weight decay, for adamw"""
    clip_norm: float = 5.0
    """largest norm of the gradient of all parameters together; 0 leaves it alone"""
    clip_value: float = 0.0
    """largest absolute value of the gradient of any one parameter; 0 leaves it alone"""
    ema: float = 0.0
    """decay of the running average of the weights that is validated and kept; 0 keeps the weights themselves"""
    precision: str = "auto"
    """no, bf16 or auto: bf16 where the hardware has it"""
    seed: int = 0
    """where all chance in the run comes from"""
    patience: int = 0
    """validations without an improvement after which to stop; 0 never stops early"""
    validate_every: float = 1.0
    """epochs between two validations"""
    samples: int = 3
    """examples of what the model does that each validation leaves in the run's folder samples/; 0 leaves none"""
    save_minutes: float = 5.0
    """minutes between two saves of the whole training state"""
    max_minutes: float = 0.0
    """minutes after which this call saves and stops, to be resumed later; 0 sets no limit"""

    def __post_init__(self) -> None:
        positive = {"epochs", "learning_rate", "validate_every"}
        shares = {"warmup", "ema"}
        others = {
            "rate_at_end",
            "weight_decay",
            "clip_norm",
            "clip_value",
            "patience",
            "save_minutes",
            "max_minutes",
            "samples",
            "seed",
        }
        for name in positive | shares | others:
            value = getattr(self, name)
            if value < 0 or (name in positive and value == 0) or (name in shares and value >= 1):
                raise ConfigError(f"{name} cannot be {value}")
        if self.optimiser not in ("adamw", "rmsprop-graves"):
            raise ConfigError(f"optimiser must be adamw or rmsprop-graves, got {self.optimiser!r}")
        if self.weight_decay and self.optimiser != "adamw":
            raise ConfigError(f"weight_decay is decoupled from the gradient by adamw alone, not by {self.optimiser}")
        if self.rate_at_end > 1:
            raise ConfigError(f"rate_at_end is a share of the learning rate, at most 1, got {self.rate_at_end}")
        if self.precision not in ("auto", "no", "bf16"):
            raise ConfigError(f"precision must be auto, no or bf16, got {self.precision!r}")


def from_dict(config_class: type[Config], values: dict[str, Any]) -> Config:
    """A dataclass from JSON's plain values; nested dataclasses and tuples are rebuilt.

    Raises:
        ConfigError: for a name that the dataclass does not have, with the nearest one that it has.
    """
    hints = get_type_hints(config_class)
    for name in values.keys() - hints.keys():
        near = difflib.get_close_matches(name, hints, 1)
        raise ConfigError(f"{config_class.__name__} has no setting {name!r}" + (f"; {near[0]!r}?" if near else ""))
    return config_class(**{name: _rebuild(hints[name], value) for name, value in values.items()})


def _rebuild(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return from_dict(hint, value)  # type: ignore[arg-type]
    return tuple(value) if isinstance(value, list) else value


def check_least(config: object, least: int, *names: str) -> None:
    """Raises:
    ValueError: at the first of these settings that is below the least that it can be.
    """
    for name in names:
        if getattr(config, name) < least:
            raise ValueError(f"{name} must be at least {least}, got {getattr(config, name)}")


def check_shares(config: object, *names: str) -> None:
    """Raises:
    ValueError: at the first of these settings that is no share of a whole, or all of it.
    """
    for name in names:
        if not 0 <= getattr(config, name) < 1:
            raise ValueError(f"{name} must be at least 0 and below 1, got {getattr(config, name)}")
