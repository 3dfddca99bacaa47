"""The caption decoder of Xu et al. 2015, soft attention: an LSTM that looks at the grid before every word.

Per word, with y the word before, h and c the LSTM's state, a_i the L locations (equation numbers of the paper):

    e_i = v · tanh(K a_i + Q h₋)      α = softmax(e)                  eq. 4-6
    β = σ(f h₋)                       z = β Σ_i α_i a_i               eq. 13, section 4.2.1
    h, c = LSTM([E y, z], h₋, c₋)                                      eq. 1-3
    p ∝ exp(O tanh(E y + L_h h + L_z z))                               eq. 7, with arctic-captions' tanh

The decoder is bound to a grid by `look`, and what is bound is a `Core`. Three things that the paper's formulas repeat
at every step are computed once: the keys K a, the words' share of the LSTM's gates, and, after the last step, the
words' probabilities.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from shared.rnn import LSTM, Core, DeferredWeight, LSTMState, loop


class Glance(NamedTuple):
    """What one step gives: the LSTM's output, what it saw, and where it looked. Any leading dimensions."""

    hidden: Float[Tensor, "... H"]
    context: Float[Tensor, "... D"]
    attention: Float[Tensor, "... L"]


class Decoder(nn.Module):
    """The parameters of the decoder.

    Args:
        vocabulary: number of words V.
        channels: features of a location as the encoder gives them.
        word_size: features E of a word.
        hidden_size: units H of the LSTM.
        context_size: features D of a location as the decoder sees it.
        attention_size: features A in which locations and state are compared.
        dropout: share of word features and output features that training hides.
        tied: whether the words read and the words said share one matrix.
    """

    def __init__(
        self,
        vocabulary: int,
        channels: int,
        word_size: int,
        hidden_size: int,
        context_size: int,
        attention_size: int,
        dropout: float = 0.0,
        tied: bool = True,
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, word_size)
        # Networks differ a hundredfold in the size of their features; the normalisation makes them alike.
        self.annotations = nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, context_size))
        self.keys = nn.Linear(context_size, attention_size)
        self.query = nn.Linear(hidden_size, attention_size, bias=False)
        self.score = nn.Linear(attention_size, 1, bias=False)
        self.gate = nn.Linear(hidden_size, 1)
        self.lstm = LSTM(word_size, hidden_size)
        self.context_to_gates = nn.Linear(context_size, 4 * hidden_size, bias=False)
        self.initial_hidden = nn.Linear(context_size, hidden_size)
        self.initial_cell = nn.Linear(context_size, hidden_size)
        self.hidden_to_word = nn.Linear(hidden_size, word_size)
        self.context_to_word = nn.Linear(context_size, word_size, bias=False)
        self.said_words = None if tied else nn.Embedding(vocabulary, word_size)
        self.said_bias = nn.Parameter(torch.zeros(vocabulary))
        self.dropout = nn.Dropout(dropout)
        for table in (self.words, self.said_words):
            if table is not None:
                nn.init.normal_(table.weight, std=word_size**-0.5)

    def look(self, grid: Float[Tensor, "B L channels"]) -> LookingDecoder:
        """The decoder in front of B photos."""
        return LookingDecoder(self, self.annotations(grid))

    def embed(self, words: Int[Tensor, ...]) -> Float[Tensor, "... E"]:
        """The features of the words read."""
        return self.dropout(self.words(words))

    def logits(self, word: Float[Tensor, "... E"], glance: Glance) -> Float[Tensor, "... V"]:
        """The deep output: scores of the next word, from the word before, the state and the context (eq. 7)."""
        features = torch.tanh(word + self.hidden_to_word(glance.hidden) + self.context_to_word(glance.context))
        said = self.words if self.said_words is None else self.said_words
        return F.linear(self.dropout(features), said.weight, self.said_bias)


class LookingDecoder(Core):
    """The decoder bound to the grids of B photos: a Core over word features, whose state is the LSTM's.

    It takes B*K rows for any K: the rows of one photo lie together, and share its locations and keys without a copy.
    """

    def __init__(self, decoder: Decoder, locations: Float[Tensor, "B L D"]) -> None:
        self.decoder = decoder
        self.locations = locations
        self.keys: Float[Tensor, "B 1 L A"] = decoder.keys(locations)[:, None]
        self.input_size = decoder.lstm.input_size
        self.sizes = [decoder.lstm.hidden_size, locations.shape[2], locations.shape[1]]
        self.output_size = sum(self.sizes)

    def initial_state(self, batch: int) -> LSTMState:
        """Two perceptrons read the mean location (section 3.1.2); rows of one photo begin alike."""
        mean = self.locations.mean(1)
        hidden = torch.tanh(self.decoder.initial_hidden(mean))
        cell = torch.tanh(self.decoder.initial_cell(mean))
        rows = batch // len(mean)
        return LSTMState(hidden.repeat_interleave(rows, 0), cell.repeat_interleave(rows, 0))

    def forward(self, x: Float[Tensor, "R E"], state: LSTMState) -> tuple[Float[Tensor, "R O"], LSTMState]:
        """One word. The output is a `Glance` laid side by side; `glance` takes it apart."""
        return self._advance(self.decoder.lstm.project(x), state)

    def unroll(
        self, xs: Float[Tensor, "R T E"], state: LSTMState, lengths: Int[Tensor, " R"] | None = None
    ) -> tuple[Float[Tensor, "R T O"], LSTMState]:
        return loop(self._advance, self.decoder.lstm.project(xs).unbind(1), state, lengths)

    def read(self, xs: Float[Tensor, "B K T E"], lengths: Int[Tensor, "B K"]) -> Glance:
        """What all steps of K given captions a photo give, [B, K, T, ·]: `unroll`, as fast as training wants it.

        Weight gradients are taken once, after the loop (`DeferredWeight`). A column of captions that have all ended
        leaves the loop, so captions should stand in falling order of length; what is given past an end means nothing.
        """
        photos, columns, steps, _ = xs.shape
        weight = torch.cat([self.decoder.context_to_gates.weight, self.decoder.lstm.recurrent_weight], 1)
        inputs: list[Tensor] = []
        projected = DeferredWeight.apply(self.decoder.lstm.project(xs).permute(2, 0, 1, 3), weight, inputs)
        state, outputs = self.initial_state(photos * columns), []
        last = int(lengths.max())
        for t, gates in enumerate(projected.unbind(0)[:last]):
            alive = int((lengths > t).any(0).nonzero().amax()) + 1
            state = LSTMState(*(part.unflatten(0, (photos, -1))[:, :alive].flatten(0, 1) for part in state))
            context, attention = self._attend(state.h)
            before = torch.cat([context, state.h], -1)
            inputs.append(before.detach().unflatten(0, (photos, alive)))
            state = LSTM.remember(gates[:, :alive].flatten(0, 1) + F.linear(before, weight.detach()), state.c)
            output = torch.cat([state.h, context, attention], -1).unflatten(0, (photos, alive))
            outputs.append(F.pad(output, (0, 0, 0, columns - alive)))
        return self.glance(F.pad(torch.stack(outputs, 2), (0, 0, 0, steps - last)))

    def glance(self, outputs: Float[Tensor, "... O"]) -> Glance:
        """The parts of the core's output."""
        return Glance(*outputs.split(self.sizes, -1))

    def predict(
        self, words: Int[Tensor, " R"], state: LSTMState
    ) -> tuple[Float[Tensor, "R V"], Float[Tensor, "R L"], LSTMState]:
        """One step of a search: log-probabilities of the next words, where it looked for them, and the state after."""
        x = self.decoder.embed(words)
        outputs, state = self(x, state)
        glance = self.glance(outputs)
        return F.log_softmax(self.decoder.logits(x, glance).float(), -1), glance.attention, state

    def _advance(self, projected: Float[Tensor, "R G"], state: LSTMState) -> tuple[Float[Tensor, "R O"], LSTMState]:
        context, attention = self._attend(state.h)
        hidden, state = self.decoder.lstm.advance(projected + self.decoder.context_to_gates(context), state)
        return torch.cat([hidden, context, attention], -1), state

    def _attend(self, hidden: Float[Tensor, "R H"]) -> tuple[Float[Tensor, "R D"], Float[Tensor, "R L"]]:
        photos = len(self.locations)
        query = self.decoder.query(hidden).view(photos, -1, 1, self.keys.shape[-1])
        scores = self.decoder.score(torch.tanh(self.keys + query)).squeeze(-1)
        attention = torch.softmax(scores, -1)
        context = (attention @ self.locations).flatten(0, 1)
        return torch.sigmoid(self.decoder.gate(hidden)) * context, attention.flatten(0, 1)
