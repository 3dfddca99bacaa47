"""The caption decoder of Xu et al. 2015, soft attention: a recurrent core that looks at the grid before every word.

Per word, with y the word before, h₋ the core's output for it, a_i the L locations (equation numbers of the paper):

    e_i = v · tanh(K a_i + Q h₋)      α = softmax(e)                  eq. 4-6
    β = σ(f h₋)                       z = β Σ_i α_i a_i               eq. 13, section 4.2.1
    h = LSTM([E y, z], h₋), or another core                            eq. 1-3
    p ∝ exp(O tanh(E y + L_h h + L_z z))                               eq. 7, with arctic-captions' tanh

The decoder is bound to a grid by `look`, and what is bound is a `Core`. Three things that the paper's formulas repeat
at every step are computed once: the keys K a, the words' share of the core's gates, and, after the last step, the
words' probabilities.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from captioning.eyes import Eyes, Hard, Look, Shut, Soft
from shared.rnn import Core, Feedback, State, loop, map_state
from shared.rnn.attention import AdditiveAttention
from shared.rnn.choice import build
from shared.rnn.feedback import FeedbackStep


class Glance(NamedTuple):
    """What one step gives: the core's output, and the `eyes.Look` before it. Any leading dimensions."""

    hidden: Float[Tensor, "... H"]
    context: Float[Tensor, "... D"]
    attention: Float[Tensor, "... L"]
    log_chance: Float[Tensor, "... 1"]


class Decoder(nn.Module):
    """The parameters of the decoder.

    Args:
        vocabulary: number of words V.
        channels: features of a location as the encoder gives them.
        word_size: features E of a word.
        hidden_size: units H of the core.
        context_size: features D of a location as the decoder sees it.
        attention_size: features A in which locations and state are compared.
        dropout: share of word features and output features that training hides.
        tied: whether the words read and the words said share one matrix.
        cell: the core's name, of `shared.cells.CELLS`.
        attention: how it looks: soft, hard, or none.
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
        cell: str = "lstm",
        attention: Literal["soft", "hard", "none"] = "soft",
    ) -> None:
        super().__init__()
        self.way_to_look = attention
        self.words = nn.Embedding(vocabulary, word_size)
        # Networks differ a hundredfold in the size of their features; the normalisation makes them alike.
        self.annotations = nn.Sequential(nn.LayerNorm(channels), nn.Linear(channels, context_size))
        if attention == "none":
            self.core = build(cell, word_size, hidden_size)
            self.photo_to_word = nn.Linear(context_size, word_size)
        else:
            self.attention = AdditiveAttention(context_size, hidden_size, attention_size)
            self.gate = nn.Linear(hidden_size, 1)
            self.core = build(cell, word_size + context_size, hidden_size)
            self.initial_hidden = nn.Linear(context_size, hidden_size)
            self.initial_cell = nn.Linear(context_size, hidden_size) if _has_memory(self.core) else None
        self.hidden_to_word = nn.Linear(self.core.output_size, word_size)
        self.context_to_word = None if attention == "none" else nn.Linear(context_size, word_size, bias=False)
        self.said_words = None if tied else nn.Embedding(vocabulary, word_size)
        self.said_bias = nn.Parameter(torch.zeros(vocabulary))
        self.dropout = nn.Dropout(dropout)
        for table in (self.words, self.said_words):
            if table is not None:
                nn.init.normal_(table.weight, std=word_size**-0.5)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        # Weights saved before the core could be another than an LSTM: W was in two parts, one for words and one for the context.
        context = state_dict.pop(f"{prefix}context_to_gates.weight", None)
        if context is not None:
            for old, new in (
                ("lstm.lstm.", "core.lstm."),
                *((n, f"attention.{n}") for n in ("keys.", "query.", "score.")),
            ):
                for name in [name for name in state_dict if name.startswith(prefix + old)]:
                    state_dict[prefix + new + name.removeprefix(prefix + old)] = state_dict.pop(name)
            words = f"{prefix}core.lstm.weight_ih_l0"
            state_dict[words] = torch.cat([state_dict[words], context], 1)
        super()._load_from_state_dict(state_dict, prefix, *others)

    def look(self, grid: Float[Tensor, "B L channels"]) -> LookingDecoder:
        """The decoder in front of B photos."""
        return LookingDecoder(self, self._eyes(self.annotations(grid)))

    def _eyes(self, locations: Float[Tensor, "B L D"]) -> Eyes:
        if self.way_to_look == "none":
            return Shut(locations)
        return (
            Hard(self.attention, locations, self.training)
            if self.way_to_look == "hard"
            else Soft(self.attention, locations)
        )

    def embed(self, words: Int[Tensor, ...]) -> Float[Tensor, "... E"]:
        """The features of the words read."""
        return self.dropout(self.words(words))

    def logits(self, word: Float[Tensor, "... E"], glance: Glance) -> Float[Tensor, "... V"]:
        """The deep output: scores of the next word, from the word before, the state and the context (eq. 7)."""
        seen = 0 if self.context_to_word is None else self.context_to_word(glance.context)
        features = torch.tanh(word + self.hidden_to_word(glance.hidden) + seen)
        said = self.words if self.said_words is None else self.said_words
        return F.linear(self.dropout(features), said.weight, self.said_bias)


class LookingDecoder(Core):
    """The decoder bound to the grids of B photos: a Core over word features, whose state is that of the decoder's core.

    It takes B*K rows for any K: the rows of one photo lie together, and share its locations and keys without a copy.
    """

    def __init__(self, decoder: Decoder, eyes: Eyes) -> None:
        self.decoder, self.eyes = decoder, eyes
        self.input_size = decoder.words.embedding_dim
        self.feedback = Feedback(decoder.core, self.input_size)
        self.sizes = [decoder.core.output_size, eyes.context_size, eyes.locations.shape[1], 1]
        self.output_size = sum(self.sizes)

    def initial_state(self, batch: int) -> State:
        """What the mean location begins; rows of one photo begin alike.

        Perceptrons read it (section 3.1.2). Without attention it is the core's first input, before any word.
        """
        mean, core = self.eyes.locations.mean(1), self.decoder.core
        state = core.initial_state(mean.shape[0])
        if self.decoder.way_to_look == "none":
            _, state = core(self.decoder.photo_to_word(mean), state)
        else:
            perceptrons = {"h": self.decoder.initial_hidden, "c": self.decoder.initial_cell}
            state = state._replace(
                **{n: torch.tanh(layer(mean)) for n, layer in perceptrons.items() if layer is not None}
            )
        return map_state(lambda part: part.repeat_interleave(batch // mean.shape[0], 0), state)

    def forward(self, x: Float[Tensor, "R E"], state: State) -> tuple[Float[Tensor, "R O"], State]:
        """One word. The output is a `Glance` laid side by side; `glance` takes it apart."""
        return self._advance(self.feedback.step, self.feedback.project(x), state)

    def unroll(
        self, xs: Float[Tensor, "R T E"], state: State, lengths: Int[Tensor, " R"] | None = None
    ) -> tuple[Float[Tensor, "R T O"], State]:
        step = partial(self._advance, self.feedback.looping())
        return loop(step, self.feedback.project(xs.transpose(0, 1)).unbind(0), state, lengths)

    def read(self, xs: Float[Tensor, "B K T E"], lengths: Int[Tensor, "B K"]) -> Glance:
        """What all steps of K given captions a photo give, [B, K, T, ·]: `unroll`, as fast as training wants it.

        A column of captions that have all ended leaves the loop, so captions should stand in falling order of length; what
        is given past an end means nothing.
        """
        photos, columns, steps, _ = xs.shape
        projected = self.feedback.project(xs.permute(2, 0, 1, 3)).unbind(0)
        advance, last = self.feedback.looping(), int(lengths.max())
        state, outputs = self.initial_state(photos * columns), []
        for t, words in enumerate(projected[:last]):
            alive = int((lengths > t).any(0).nonzero().amax()) + 1
            state = map_state(partial(_first_columns, photos=photos, columns=alive), state)
            output, state = self._advance(advance, words[:, :alive].flatten(0, 1), state)
            outputs.append(F.pad(output.unflatten(0, (photos, alive)), (0, 0, 0, columns - alive)))
        return self.glance(F.pad(torch.stack(outputs, 2), (0, 0, 0, steps - last)))

    def glance(self, outputs: Float[Tensor, "... O"]) -> Glance:
        """The parts of the core's output."""
        return Glance(*outputs.split(self.sizes, -1))

    def predict(
        self, words: Int[Tensor, " R"], state: State
    ) -> tuple[Float[Tensor, "R V"], Float[Tensor, "R L"], State]:
        """One step of a search: log-probabilities of the next words, where it looked for them, and the state after."""
        x = self.decoder.embed(words)
        outputs, state = self(x, state)
        glance = self.glance(outputs)
        return F.log_softmax(self.decoder.logits(x, glance).float(), -1), glance.attention, state

    def only(self, photos: Int[Tensor, " P"]) -> LookingDecoder:
        """The decoder in front of these of its photos alone."""
        return LookingDecoder(self.decoder, self.eyes.only(photos))

    def _advance(
        self, step: FeedbackStep, projected: Float[Tensor, "R G"], state: State
    ) -> tuple[Float[Tensor, "R O"], State]:
        look = self._attend(state.h)
        hidden, state = step(projected, look.context, state)
        return torch.cat([hidden, *look], -1), state

    def _attend(self, hidden: Float[Tensor, "R H"]) -> Look:
        look = self.eyes(hidden)
        if self.decoder.way_to_look == "none":
            return look
        return look._replace(context=torch.sigmoid(self.decoder.gate(hidden)) * look.context)


def _first_columns(rows: Float[Tensor, "R ..."], photos: int, columns: int) -> Float[Tensor, "_ ..."]:
    """The rows of each photo's first captions."""
    return rows.unflatten(0, (photos, -1))[:, :columns].flatten(0, 1)


def _has_memory(core: Core) -> bool:
    """Whether the core's state holds more than its last output: a cell, which the photo may fill too."""
    return "c" in core.initial_state(1)._fields
