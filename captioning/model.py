"""Encoder, decoder and vocabulary: everything that a folder of a saved captioner holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor
from torch.nn import functional as F

from captioning.config import ModelConfig
from captioning.decoder import Decoder, Glance
from captioning.encoder import Encoder
from captioning.tokens import Vocabulary
from shared.pretrained import Pretrained

WEIGHTS = Path(__file__).parent / "weights"


class Reading(NamedTuple):
    """What the network makes of captions that it is given: N is the number of their words, ends included."""

    logits: Float[Tensor, "N V"]
    attention: Float[Tensor, "B K T L"]
    log_chance: Float[Tensor, "B K T"]
    """for hard attention, the log-probability of where chance looked"""

    def among(self, words: Bool[Tensor, " N"]) -> Reading:
        """What it makes of some of the words alone."""
        return self._replace(logits=self.logits[words])


class CaptionModel(Pretrained):
    """The network: photos to grids, and given captions to the scores of their words.

    How captions are found is not here (`search`), nor what a photo file is (`photos`).
    """

    config_class = ModelConfig
    what = "captioning network"
    shipped = WEIGHTS

    def __init__(self, config: ModelConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        self.encoder = Encoder(config)
        if config.attention == "hard":
            self.baseline: Float[Tensor, ""]
            self.register_buffer("baseline", torch.zeros(()))
        self.decoder = Decoder(
            len(vocabulary),
            self.encoder.channels,
            config.word_size,
            config.hidden_size,
            config.context_size,
            config.attention_size,
            config.dropout,
            config.tied,
            config.cell,
            config.attention,
        )

    @classmethod
    def from_config(cls, config: ModelConfig, folder: Path) -> CaptionModel:
        return cls(config, Vocabulary.load(folder / "tokenizer.json"))

    def save_extra(self, folder: Path) -> None:
        self.vocabulary.save(folder / "tokenizer.json")

    def kin(self) -> dict[str, Any]:
        laid_out = self.config.mean, self.config.std, self.config.image_size, self.config.fit
        words = self.vocabulary.tokenizer.get_vocab()
        return {**super().kin(), "vocabularies": words, "ways to lay out a photo": laid_out}

    def encode(self, pixels: UInt8[Tensor, "B 3 S S"]) -> Float[Tensor, "B L channels"]:
        """The grids of photos."""
        return self.encoder(pixels)

    def forward(
        self, maps: Float[Tensor, "B C X Y"], words: Int[Tensor, "B K T"], spoken: Bool[Tensor, "B K T"]
    ) -> Reading:
        """Reads K captions of each of B photos, as training does (teacher forcing).

        Args:
            maps: what the encoder's frozen stages made of the photos.
            words: the words that are read, beginning with the start word.
            spoken: the positions that have a next word to be said.
        """
        look = self.decoder.look(self.encoder.suffix(maps))
        xs = self.decoder.embed(words)
        glance = look.read(xs, spoken.sum(-1))
        logits = self.decoder.logits(xs[spoken], Glance(*(part[spoken] for part in glance)))
        return Reading(logits, glance.attention, glance.log_chance.squeeze(-1))


def caption_loss(
    reading: Reading,
    words: Int[Tensor, "B K T"],
    spoken: Bool[Tensor, "B K T"],
    label_smoothing: float,
    doubly_stochastic: float,
) -> tuple[Float[Tensor, ""], dict[str, Float[Tensor, ""]]]:
    """Nats a word, with the doubly stochastic term (Xu et al. 2015, eq. 14).

        -log p(y | photo) + λ Σ_i (1 - Σ_t α_ti)²

    summed over the locations i, as the original code does: a mean over them would make λ a hundred times weaker.

    Args:
        reading: what the model made of the captions.
        words: the words that should have been said.
        spoken: which of them count.
        label_smoothing: share of probability given away to all other words.
        doubly_stochastic: λ.

    Returns:
        The loss, and its parts by name.
    """
    targets = words[spoken]
    nats = F.cross_entropy(reading.logits.float(), targets, label_smoothing=label_smoothing)
    looked = (reading.attention.float() * spoken[..., None]).sum(2)
    real = spoken.any(2)
    unevenness = ((1 - looked) ** 2).sum(-1)[real].mean() * real.sum() / len(targets)
    loss = nats + doubly_stochastic * unevenness
    return loss, {"nats": nats, "unevenness": unevenness}
