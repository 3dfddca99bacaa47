"""Attention: a weighted look at many values, the weights asked for by the state of a recurrence.

Letters: B contexts, L values of a context, D features of a value, R = B·K rows that ask, Q features of a query, A attention units.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


class AdditiveAttention(nn.Module):
    """Additive attention (Bahdanau et al. 2014, section 3.1, eq. 5-6, and appendix A.1.2).

        e_i = v · tanh(W a_i + b + U q)      α = softmax(e)      z = Σ_i α_i a_i

    The keys W a_i + b do not depend on who asks: binding the attention to its values by `look` computes them once.

    Args:
        value_size: features D of a value a_i.
        query_size: features Q of a query q, in the paper the decoder's state before the step.
        attention_size: units A in which the two are compared.

    Raises:
        ValueError: for a size below 1.
    """

    def __init__(self, value_size: int, query_size: int, attention_size: int) -> None:
        super().__init__()
        if min(value_size, query_size, attention_size) < 1:
            raise ValueError(
                "attention needs sizes of at least 1, "
                f"got value {value_size}, query {query_size} and attention {attention_size}"
            )
        self.value_size, self.query_size = value_size, query_size
        self.keys = nn.Linear(value_size, attention_size)
        self.query = nn.Linear(query_size, attention_size, bias=False)
        self.score = nn.Linear(attention_size, 1, bias=False)

    def look(self, values: Float[Tensor, "B L D"], lengths: Int[Tensor, " B"] | None = None) -> Gaze:
        """The attention in front of B contexts.

        Args:
            values: what is looked at.
            lengths: how many of each context's values are real; what stands after them is never looked at. Without lengths all
                are, and no time is spent on masks. A context without values gives weights and a context vector of zeros.

        Raises:
            ValueError: for values of another width, or lengths that do not fit them.
        """
        batch, places, width = values.shape
        if width != self.value_size:
            raise ValueError(f"the values have {width} features, the attention looks at {self.value_size}")
        if lengths is None:
            return Gaze(self, values, self.keys(values)[:, None], None)
        if lengths.shape != (batch,) or int(lengths.min()) < 0 or int(lengths.max()) > places:
            raise ValueError(f"lengths must be {batch} numbers between 0 and {places}, got {lengths.tolist()}")
        hidden = torch.arange(places, device=values.device) >= lengths[:, None]
        return Gaze(self, values, self.keys(values)[:, None], hidden[:, None])


class Gaze:
    """An attention bound to B contexts. It is asked by B·K rows for any K: the rows of one context lie together, and share its
    values and keys without a copy."""

    def __init__(
        self,
        attention: AdditiveAttention,
        values: Float[Tensor, "B L D"],
        keys: Float[Tensor, "B 1 L A"],
        hidden: Bool[Tensor, "B 1 L"] | None,
    ) -> None:
        self.attention, self.values, self.keys, self.hidden = attention, values, keys, hidden

    def only(self, contexts: Int[Tensor, " C"]) -> Gaze:
        """The attention in front of these of its contexts alone."""
        hidden = None if self.hidden is None else self.hidden[contexts]
        return Gaze(self.attention, self.values[contexts], self.keys[contexts], hidden)

    def __call__(self, query: Float[Tensor, "R Q"]) -> tuple[Float[Tensor, "R D"], Float[Tensor, "R L"]]:
        """What the rows see, and the weights with which they look.

        Raises:
            ValueError: for queries of another width, or a number of rows that the contexts cannot share evenly.
        """
        contexts, (rows, width) = self.values.shape[0], query.shape
        if width != self.attention.query_size:
            raise ValueError(f"the queries have {width} features, the attention takes {self.attention.query_size}")
        if rows % contexts:
            raise ValueError(f"{rows} rows cannot be shared evenly among {contexts} contexts")
        asked = self.attention.query(query).unflatten(0, (contexts, -1))[:, :, None]
        scores = self.attention.score(torch.tanh(self.keys + asked)).squeeze(-1)
        if self.hidden is None:
            weights = torch.softmax(scores, -1)
        else:
            # The lowest finite score, not -inf: a context of length 0 would turn into NaN. The second fill makes it zeros.
            scores = scores.masked_fill(self.hidden, torch.finfo(scores.dtype).min)
            weights = torch.softmax(scores, -1).masked_fill(self.hidden, 0)
        return (weights @ self.values).flatten(0, 1), weights.flatten(0, 1)
