"""A plain reference to compare with: attention over a photo as the public Show-Attend-Tell decoders have it.

It does what their texts say, one thing after the other, and nothing beforehand:

- the encoder's grid is pooled up to 14 × 14, so the decoder looks at 196 locations, however few the encoder has;
- the keys of all of them are computed anew before every word;
- what is seen is gated feature by feature, so it cannot be projected once for all words;
- each word has its step of the LSTM and its product with the vocabulary, in a Python loop;
- a photo stands in a batch once for each of its captions, and is encoded as often;
- captions are looked for one photo at a time. The photo's features stand there once for each caption of the beam, and
  captions are ranked by the sums of their log-probabilities.

Letters: N captions, R rows of a beam, L locations, C channels of the encoder, T time, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from captioning.config import ModelConfig
from captioning.tokens import END, START

SIDE = 14


class Memory(NamedTuple):
    """The state of the LSTM."""

    h: Float[Tensor, "R H"]
    c: Float[Tensor, "R H"]


class ReferenceDecoder(nn.Module):
    """The decoder, of the sizes of one of ours. It attends to the encoder's channels as they are.

    Args:
        config: sizes of the words, the LSTM and the attention, and the dropout.
        vocabulary: number of words V.
        channels: features C of a location.
    """

    def __init__(self, config: ModelConfig, vocabulary: int, channels: int) -> None:
        super().__init__()
        hidden = config.hidden_size
        self.words = nn.Embedding(vocabulary, config.word_size)
        self.key = nn.Linear(channels, config.attention_size)
        self.query = nn.Linear(hidden, config.attention_size)
        self.score = nn.Linear(config.attention_size, 1)
        self.gate = nn.Linear(hidden, channels)
        self.cell = nn.LSTMCell(config.word_size + channels, hidden)
        self.first_h, self.first_c = nn.Linear(channels, hidden), nn.Linear(channels, hidden)
        self.said = nn.Linear(hidden, vocabulary)
        self.dropout = nn.Dropout(config.dropout)

    def begin(self, grid: Float[Tensor, "R L C"]) -> Memory:
        """The state before the first word."""
        mean = grid.mean(1)
        return Memory(self.first_h(mean), self.first_c(mean))

    def step(
        self, grid: Float[Tensor, "R L C"], words: Int[Tensor, " R"], memory: Memory
    ) -> tuple[Float[Tensor, "R V"], Float[Tensor, "R L"], Memory]:
        """Scores of the next words, where it looked for them, and the state after."""
        compared = torch.relu(self.key(grid) + self.query(memory.h)[:, None])
        attention = torch.softmax(self.score(compared).squeeze(2), 1)
        seen = torch.sigmoid(self.gate(memory.h)) * (grid * attention[..., None]).sum(1)
        memory = Memory(*self.cell(torch.cat([self.words(words), seen], 1), memory))
        return self.said(self.dropout(memory.h)), attention, memory

    def forward(
        self, grid: Float[Tensor, "N L C"], heard: Int[Tensor, "N T"], lengths: Sequence[int]
    ) -> tuple[Float[Tensor, "N T V"], Float[Tensor, "N T L"]]:
        """Reads captions, which stand in falling order of length: those that have ended leave the batch."""
        logits = grid.new_zeros(*heard.shape, self.said.out_features)
        looked = grid.new_zeros(*heard.shape, grid.shape[1])
        memory = self.begin(grid)
        for t in range(lengths[0]):
            going = sum(length > t for length in lengths)
            memory = Memory(memory.h[:going], memory.c[:going])
            logits[:going, t], looked[:going, t], memory = self.step(grid[:going], heard[:going, t], memory)
        return logits, looked


def pool_up(maps: Float[Tensor, "N C X Y"]) -> Float[Tensor, "N 196 C"]:
    """The 14 × 14 grid."""
    return F.adaptive_avg_pool2d(maps, SIDE).flatten(2).transpose(1, 2)


def reference_loss(
    decoder: ReferenceDecoder, maps: Float[Tensor, "N C X Y"], captions: Sequence[Sequence[int]]
) -> Float[Tensor, ""]:
    """Nats a word, with the doubly stochastic term, of one caption for each of N maps."""
    order = sorted(range(len(captions)), key=lambda number: -len(captions[number]))
    words = nn.utils.rnn.pad_sequence([torch.tensor([START, *captions[n], END]) for n in order], batch_first=True)
    words, lengths = words.to(maps.device), [len(captions[n]) + 1 for n in order]
    logits, looked = decoder(pool_up(maps[torch.tensor(order, device=maps.device)]), words[:, :-1], lengths)
    said = nn.utils.rnn.pack_padded_sequence(logits, torch.tensor(lengths), batch_first=True).data
    targets = nn.utils.rnn.pack_padded_sequence(words[:, 1:], torch.tensor(lengths), batch_first=True).data
    return F.cross_entropy(said, targets) + ((1 - looked.sum(1)) ** 2).mean()


@torch.inference_mode()
def reference_search(decoder: ReferenceDecoder, maps: Float[Tensor, "1 C X Y"], beam: int, length: int) -> list[int]:
    """The caption of one photo that the beam finds best, by the sum of its log-probabilities.

    Args:
        decoder: in evaluation mode.
        maps: the photo's.
        beam: captions side by side.
        length: words of the captions. An untrained decoder cannot know when to end, so it is told: the time that a search
            takes hangs on it.
    """
    grid = pool_up(maps).expand(beam, -1, -1)
    memory = decoder.begin(grid)
    captions = torch.full((beam, 1), START, device=maps.device)
    totals = torch.zeros(beam, 1, device=maps.device)
    for said in range(length):
        logits, _, memory = decoder.step(grid, captions[:, -1], memory)
        logits[:, END] = float("-inf")
        scores = totals + F.log_softmax(logits, 1)
        # At first all rows are alike.
        best, places = (scores if said else scores[:1]).flatten().topk(beam)
        parents, words = places // scores.shape[1], places % scores.shape[1]
        captions, totals = torch.cat([captions[parents], words[:, None]], 1), best[:, None]
        grid, memory = grid[parents], Memory(memory.h[parents], memory.c[parents])
    logits, _, _ = decoder.step(grid, captions[:, -1], memory)
    totals = totals[:, 0] + F.log_softmax(logits, 1)[:, END]
    return captions[totals.argmax(), 1:].tolist()
