"""Words and their numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from shared.errors import UserError

SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")
PAD, START, END, UNKNOWN = range(4)

# A word is letters and digits, with apostrophes and hyphens inside ("well-lit", "dog's"); all else is punctuation.
WORD = r"\w+(?:['’\-]\w+)*"


class Vocabulary:
    """The words a captioner knows: lower case, punctuation dropped, one number each.

    The special words stand in the vocabulary but are not matched in text: someone who types "<end>" gets the word
    "end".
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        found = tuple(tokenizer.id_to_token(number) for number in range(len(SPECIAL)))
        if found != SPECIAL:
            raise UserError(f"a captioner's vocabulary begins with {SPECIAL}, this one with {found}")

    @classmethod
    def from_captions(cls, captions: Iterable[str], minimum_count: int = 1) -> Vocabulary:
        """Every word that occurs at least `minimum_count` times, the most frequent first.

        Raises:
            UserError: when no word does.
        """
        splitter = _tokenizer({})
        counts = Counter(word for caption in captions for word in _split(splitter, caption))
        words = sorted(
            (word for word in counts if counts[word] >= minimum_count), key=lambda word: (-counts[word], word)
        )
        if not words:
            raise UserError(f"no word occurs {minimum_count} times in {sum(counts.values())} words of captions")
        return cls(_tokenizer({word: number for number, word in enumerate((*SPECIAL, *words))}))

    def __len__(self) -> int:
        return self.tokenizer.get_vocab_size()

    def encode(self, caption: str) -> list[int]:
        """The numbers of a caption's words, without start and end."""
        return self.tokenizer.encode(caption).ids

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The words of these numbers."""
        return [self.tokenizer.id_to_token(number) or SPECIAL[UNKNOWN] for number in numbers]

    def save(self, path: Path) -> None:
        self.tokenizer.save(str(path))

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Raises:
        UserError: for a file that is missing or holds no vocabulary.
        """
        try:
            return cls(Tokenizer.from_file(str(path)))
        except UserError:
            raise
        except Exception as error:  # the library raises bare Exception for anything wrong with the file
            raise UserError(f"cannot read the vocabulary {path}: {error}") from error


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL[UNKNOWN]))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("’", "'")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    return tokenizer


def _split(tokenizer: Tokenizer, caption: str) -> list[str]:
    normal = tokenizer.normalizer.normalize_str(caption)
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal)]
