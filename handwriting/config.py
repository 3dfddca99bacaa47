"""What can be chosen about a handwriting network and its data. Free of torch, so that `--help` is quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from shared.cells import check_cell
from shared.config import check_least, check_shares
from shared.errors import UserError

HOLDING_NO_CELL = ("hm-lstm", "ntm")
"""cells whose sums cannot be reached from outside: their recurrent dropout and the clipping of their sums are not to be had"""


@dataclass(frozen=True)
class ModelConfig:
    """The networks of Graves 2013: recurrent layers with skips and a mixture density; with a soft window on a text (synthesis,
    sec. 5) or without (prediction, sec. 4)."""

    text: bool = True
    """whether it reads the text that it writes (synthesis); without, it foresees ink alone (prediction)"""
    cell: str = "lstm"
    """What each layer is made of: tanh, residual, leaky, multi-timescale, lstm, peephole-lstm, layer-norm-lstm, gru,
    gru-reset-before, hm-lstm or ntm. hm-lstm is one hierarchy with as many levels as there would be layers."""
    hidden_size: int = 400
    """Units of each layer."""
    layers: int = 3
    """Recurrent layers; the first carries the window."""
    skips: bool = True
    """whether each layer also reads the point, and the output reads each layer (Graves 2013); without (in networks that read no
    text), only the layer below and only the last; hm-lstm without them is as in Chung et al. 2016"""
    window_components: int = 10
    """Gaussians in the soft window."""
    alphabet: Literal["printable", "graves2013"] = "printable"
    """the signs that it tells apart: all printable ASCII characters, or Graves' 57, to which digits and most others are one sign"""
    mixtures: int = 20
    """bivariate Gaussians in the mixture density."""
    writers: tuple[int, ...] = ()
    """the numbers of the writers it knows, each by a learned vector, beside anybody; --lesson.know_writers finds them"""
    writer_size: int = 32
    """features of a writer's vector"""
    traits: int = 0
    """numbers that tell it whose hand it is to write in, found in ink (handwriting.traits); 0: it is not told"""
    points_per_character: float = 21.0
    """How many points the data spends on a character: the pace at which a fresh window begins to read."""
    sigma_floor: float = 0.0068
    """Least standard deviation of a component, in sd of the data. Tablets count whole units, so an exact density could grow
    without bound on repeated values; 0.0068 sd is 0.29 units, the spread of rounding itself."""

    def __post_init__(self) -> None:
        check_cell(self.cell)
        object.__setattr__(self, "writers", tuple(self.writers))  # YAML knows only lists
        check_least(self, 1, "hidden_size", "layers", "window_components", "mixtures", "writer_size")
        check_least(self, 0, "traits")
        if self.layers < 2 and (self.text or self.is_hierarchical):
            why = "one reads the text, one writes" if self.text else "levels have a boundary between them"
            raise ValueError(f"layers must be at least 2 ({why}), got {self.layers}")
        if not self.skips and self.text:
            raise ValueError(
                "skips can be left out of layers that read no text: here the window must reach every layer"
            )
        if self.alphabet not in ("printable", "graves2013"):
            raise ValueError(f"alphabet must be printable or graves2013, got {self.alphabet!r}")
        if len(set(self.writers)) < len(self.writers) or min(self.writers, default=0) < 0:
            raise ValueError(f"writers are different numbers of at least 0, got {self.writers}")
        if self.points_per_character <= 0 or self.sigma_floor < 0:
            raise ValueError("points_per_character must be positive and sigma_floor not negative")

    @property
    def is_hierarchical(self) -> bool:
        """Whether the cell brings its own layers."""
        return self.cell == "hm-lstm"


class Protocol(NamedTuple):
    """Which splits of IAM-OnDB are for what (0 trainset, 1 testset_v, 2 testset_t, 3 testset_f)."""

    train: tuple[int, ...]
    stop: int
    report: int


PROTOCOLS = {"graves": Protocol(train=(0, 2, 3), stop=1, report=1), "strict": Protocol(train=(0,), stop=1, report=3)}
"""Graves' own reports the very lines that training stops by; the strict one those that nothing was chosen by."""
ProtocolName = Literal["graves", "strict"]


@dataclass(frozen=True)
class DataConfig:
    """Which lines of the ink are used, and how they are laid into batches."""

    train: tuple[int, ...] = (0, 2, 3)
    """splits to train on (0 trainset, 1 testset_v, 2 testset_t, 3 testset_f); this is Graves' protocol"""
    validate: int = 1
    """the split to validate on"""
    shortest: int = 0
    """points that a training line has at least (Ha et al. 2016 leave out those under 300)"""
    lines: int = 32
    """lines in a batch"""
    buckets: bool = True
    """whether lines of like length come into a batch together, so that little of it is padding"""
    chunk: int = 100
    """points between two updates; the state is carried over (truncated back-propagation through time). 0: whole lines"""
    beginning: int = 0
    """points of each line to train on, 0 for all: where lines begin, a young window still reads the right character"""
    joined: bool = False
    """whether two lines of a writer are learnt as one, so that the network learns to go on in a hand that it is primed with"""
    rare: float = 0.0
    """lines with a character that fewer than this share of the lines have are learnt more often (see `handwriting.repeats`)"""
    scale: float = 0.1
    """each training line is stretched by up to this share in x and in y (Ha et al. 2016)"""
    slant: float = 0.0
    """each training line leans by up to this share of its height more, to either side: hands differ most in that"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "train", tuple(self.train))
        check_least(self, 1, "lines")
        check_least(self, 0, "chunk", "beginning", "shortest")
        check_shares(self, "rare", "slant")
        if not 0 <= self.scale < 1:
            raise ValueError(f"scale is a share, at least 0 and below 1, got {self.scale}")


@dataclass(frozen=True)
class LessonConfig:
    """How the ink is learnt: what the loss is, and what keeps the network from learning its lines by heart."""

    loss: Literal["point", "line"] = "point"
    """what the loss is a mean of: nats a point, or nats a line as in Graves 2013, whose optimiser minds the size of gradients"""
    recurrent_dropout: float = 0.0
    """share of h that is hidden from the layer itself, the same units for a whole line (variational dropout)"""
    output_dropout: float = 0.0
    """share of h that is hidden from all that reads the layer, the same units for a whole line"""
    clip_outputs: float = 0.0
    """largest gradient, of nats a line, of each raw output of the network; Graves 2013 takes 100, 0 leaves it alone"""
    clip_sums: float = 0.0
    """largest gradient, of nats a line, of each sum inside a cell, before its gates; Graves 2013 takes 10, 0 leaves it alone"""
    weight_noise: float = 0.0
    """deviation that adaptive weight noise starts from, to be used with --start; Graves 2013 takes 0.075, 0 is none"""
    know_writers: bool = False
    """whether each writer of the training lines gets a vector of their own"""
    traits: int = 0
    """with --start: numbers that tell hands apart, of which a network is told from now on that was told of none"""
    foresee: bool = False
    """with --start: whether the network is told no text and no hand from now on, and foresees ink alone (prediction)"""
    widen: int = 0
    """with --start: units that each layer has from now on; 0 leaves them at what they are"""
    interpolate: float = 1.0
    """with --start: how far from its first weights to those that it has learnt the network is kept, as a share of the way; before
    its end it can still do more of what it could before (see `handwriting.halfway`)"""
    anybody: float = 0.2
    """share of the lines of known writers that are learnt as anybody's"""

    def __post_init__(self) -> None:
        if self.loss not in ("point", "line"):
            raise ValueError(f"loss must be point or line, got {self.loss!r}")
        check_shares(self, "recurrent_dropout", "output_dropout")
        if not 0 <= self.anybody <= 1:
            raise ValueError(f"anybody is a share from 0 to 1, got {self.anybody}")
        if not 0 < self.interpolate <= 1:
            raise ValueError(f"interpolate is a share of the way, above 0 and at most 1, got {self.interpolate}")
        if self.interpolate < 1 and self.weight_noise:
            raise ValueError(
                "interpolate and weight_noise each keep a network in a way of their own: leave one of them out"
            )
        check_least(self, 0, "traits", "widen", "clip_outputs", "clip_sums", "weight_noise")
        if self.foresee and (self.traits or self.know_writers):
            raise ValueError(
                "a network that is to foresee ink alone is told of no hand: leave traits and know_writers out"
            )
        if self.clip_sums and (self.recurrent_dropout or self.output_dropout):
            raise ValueError(
                "clip_sums is Graves' recipe and dropout is another's: take one of them, and set the other to 0"
            )

    def check(self, model: ModelConfig, begins: bool) -> None:
        """Refuses a recipe that the network cannot follow: its cell, or one that only begins.

        Raises:
            UserError: saying what to leave out.
        """
        for name in ("recurrent_dropout", "clip_sums"):
            if getattr(self, name) and model.cell in HOLDING_NO_CELL:
                raise UserError(
                    f"{name} cannot reach inside the cell {model.cell}: set --lesson.{name} 0, or take another cell"
                )
        if begins and self.interpolate < 1:
            raise UserError("--lesson.interpolate is for a network that goes on: name it with --start (or --from)")
        for name, instead in (("foresee", "text false"), ("traits", "traits"), ("widen", "hidden_size")):
            if getattr(self, name) and begins:
                raise UserError(
                    f"--lesson.{name} is for a network that goes on: name it with --start, or give a new one "
                    f"--model.{instead}"
                )
