"""Word vectors that others have learnt, from files as GloVe and word2vec write them."""

from __future__ import annotations

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from captioning.tokens import Vocabulary
from shared.errors import UserError


@torch.no_grad()
def load_word_vectors(file: Path, vocabulary: Vocabulary, table: Float[Tensor, "V E"]) -> int:
    """Puts a file's vectors into the rows of the words that it knows.

    They are all made shorter or longer by one factor, so that their mean square is that of the rows they replace.

    Args:
        file: text; a word and its E numbers a line. A first line with two counts, as word2vec writes it, is passed over.
        vocabulary: the rows' words.
        table: one row a word, changed in place.

    Returns:
        how many words were found.

    Raises:
        UserError: for a file that cannot be read, vectors of another size, lines that are none, or not a single known word.
    """
    numbers = {token: number for number, token in enumerate(vocabulary.decode(range(len(vocabulary))))}
    found: dict[int, list[float]] = {}
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for place, line in enumerate(lines, 1):
                word, *values = line.rstrip().split(" ")
                if (place == 1 and len(values) == 1) or not values:
                    continue
                if len(values) > table.shape[1] and not _is_number(values[0]):
                    continue  # what GloVe's own tokeniser took for one word, a date, say, has spaces in it
                if len(values) != table.shape[1]:
                    raise UserError(
                        f"line {place} of {file} has {len(values)} numbers, and words have {table.shape[1]} features here; "
                        f"take --model.word_size {len(values)}, or other vectors"
                    )
                if word in numbers:
                    found[numbers[word]] = [float(value) for value in values]
    except OSError as error:
        raise UserError(f"cannot read the word vectors {file}: {error.strerror}") from error
    except ValueError as error:
        raise UserError(f"line {place} of {file} is no word with numbers: {error}") from error
    if not found:
        raise UserError(
            f"{file} has a vector for none of the {len(vocabulary)} words; expected lower-case words, one a line"
        )
    vectors = torch.tensor(list(found.values()))
    rows = torch.tensor(list(found))
    scale = table[rows].square().mean().sqrt() / vectors.square().mean().sqrt()
    table[rows] = (scale * vectors).to(table)
    return len(found)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
