"""Words and their numbers: a number for each word, for each piece of a word, or for each letter."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from shared.errors import UserError

SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")
PAD, START, END, UNKNOWN = range(4)

INSIDE = "##"
"""what a token begins with that goes on with a word"""

# A word is letters and digits, with apostrophes and hyphens inside ("well-lit", "dog's"); all else is punctuation.
WORD = r"\w+(?:['’\-]\w+)*"


class Vocabulary:
    """The tokens a captioner knows: words in lower case, punctuation dropped, or what words are made of.

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
        splitter = _tokenizer(models.WordLevel({}, unk_token=SPECIAL[UNKNOWN]))
        counts = Counter(word for caption in captions for word in _split(splitter, caption))
        words = sorted(
            (word for word in counts if counts[word] >= minimum_count), key=lambda word: (-counts[word], word)
        )
        if not words:
            raise UserError(f"no word occurs {minimum_count} times in {sum(counts.values())} words of captions")
        return cls(_tokenizer(models.WordLevel(_numbered(words), unk_token=SPECIAL[UNKNOWN])))

    @classmethod
    def of_pieces(cls, captions: Iterable[str], pieces: int) -> Vocabulary:
        """Letters, and the pieces of words that byte-pair encoding makes of them (Sennrich et al. 2016): no word is unknown
        whose letters are known.

        Args:
            captions: what to learn from.
            pieces: the size of the vocabulary; 0 leaves it at letters.

        Raises:
            UserError: when there is not a single word.
        """
        splitter = _tokenizer(models.WordLevel({}, unk_token=SPECIAL[UNKNOWN]))
        words = [word for caption in captions for word in _split(splitter, caption)]
        if not words:
            raise UserError("there is not a single word in the captions")
        if not pieces:
            letters = sorted(set("".join(words)))
            return cls(_pieces(_numbered([*letters, *(INSIDE + letter for letter in letters)]), []))
        learner = Tokenizer(models.BPE(continuing_subword_prefix=INSIDE))
        trainer = trainers.BpeTrainer(
            vocab_size=pieces, special_tokens=list(SPECIAL), continuing_subword_prefix=INSIDE, show_progress=False
        )
        learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        learner.train_from_iterator([" ".join(words)], trainer)
        # Made anew from what was learnt: the learner would match its special tokens in text.
        model = json.loads(learner.to_str())["model"]
        return cls(_pieces(model["vocab"], [tuple(merge) for merge in model["merges"]]))

    def __len__(self) -> int:
        return self.tokenizer.get_vocab_size()

    def encode(self, caption: str) -> list[int]:
        """The numbers of a caption's tokens, without start and end."""
        return self.tokenizer.encode(caption).ids

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The tokens of these numbers."""
        return [self.tokenizer.id_to_token(number) or SPECIAL[UNKNOWN] for number in numbers]

    def words(self, numbers: Iterable[int]) -> list[tuple[str, int]]:
        """The words that these numbers make, each with the number of its tokens."""
        words: list[tuple[str, int]] = []
        for token in self.decode(numbers):
            if words and token.startswith(INSIDE):
                word, count = words[-1]
                words[-1] = word + token.removeprefix(INSIDE), count + 1
            else:
                words.append((token.removeprefix(INSIDE), 1))
        return words

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


def _numbered(tokens: Iterable[str]) -> dict[str, int]:
    return {token: number for number, token in enumerate((*SPECIAL, *tokens))}


def _pieces(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    return _tokenizer(models.BPE(vocabulary, merges, unk_token=SPECIAL[UNKNOWN], continuing_subword_prefix=INSIDE))


def _tokenizer(model: models.Model) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("’", "'")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    return tokenizer


def _split(tokenizer: Tokenizer, caption: str) -> list[str]:
    normal = tokenizer.normalizer.normalize_str(caption)
    return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal)]
