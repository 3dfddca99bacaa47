"""What can be chosen about a handwriting network and its data. Free of torch, so that `--help` is quick."""

from __future__ import annotations

from dataclasses import dataclass

from shared.cells import check_cell


@dataclass(frozen=True)
class ModelConfig:
    """The synthesis network of Graves 2013, sec. 5: recurrent layers with skips, a soft window on the text, a mixture density."""

    cell: str = "lstm"
    """What each layer is made of: tanh, residual, leaky, multi-timescale, lstm, peephole-lstm, layer-norm-lstm, gru,
    gru-reset-before, hm-lstm or ntm. hm-lstm is one hierarchy with as many levels as there would be layers."""
    hidden_size: int = 400
    """Units of each layer."""
    layers: int = 3
    """Recurrent layers; the first carries the window."""
    window_components: int = 10
    """Gaussians in the soft window."""
    mixtures: int = 20
    """bivariate Gaussians in the mixture density."""
    points_per_character: float = 21.0
    """How many points the data spends on a character: the pace at which a fresh window begins to read."""
    sigma_floor: float = 0.0068
    """Least standard deviation of a component, in sd of the data. Tablets count whole units, so an exact density could grow
    without bound on repeated values; 0.0068 sd is 0.29 units, the spread of rounding itself."""

    def __post_init__(self) -> None:
        check_cell(self.cell)
        for name in ("hidden_size", "layers", "window_components", "mixtures"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.layers < 2:
            raise ValueError(f"layers must be at least 2 (one reads the text, one writes), got {self.layers}")
        if self.points_per_character <= 0 or self.sigma_floor < 0:
            raise ValueError("points_per_character must be positive and sigma_floor not negative")

    @property
    def is_hierarchical(self) -> bool:
        """Whether the cell brings its own layers."""
        return self.cell == "hm-lstm"


@dataclass(frozen=True)
class DataConfig:
    """Which lines of the ink are used, and how they are laid into batches."""

    train: tuple[int, ...] = (0, 2, 3)
    """splits to train on (0 trainset, 1 testset_v, 2 testset_t, 3 testset_f); this is Graves' protocol"""
    validate: int = 1
    """the split to validate on"""
    lines: int = 32
    """lines in a batch"""
    chunk: int = 100
    """points between two updates; the state is carried over (truncated back-propagation through time)"""
    beginning: int = 0
    """points of each line to train on, 0 for all: where lines begin, a young window still reads the right character"""
    scale: float = 0.1
    """each training line is stretched by up to this share in x and in y (Ha et al. 2016)"""
