"""A `SearchConfig` carried out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from captioning.config import SearchConfig
from captioning.search.beam import beam_search
from captioning.search.consensus import by_consensus
from captioning.search.draw import draw_captions, seeded_chance
from captioning.search.predictor import Found, Predictor
from captioning.search.rules import Phrase, Rules
from captioning.tokens import UNKNOWN, Vocabulary
from shared.errors import UserError


def find_captions(
    predictor: Predictor, config: SearchConfig, vocabulary: Vocabulary, seeds: Sequence[int | Sequence[int]]
) -> Found:
    """The captions of photos, in the way that is configured.

    Args:
        predictor: what predicts the words, bound to the photos.
        config: how to search.
        vocabulary: of the predictor.
        seeds: for each photo, where the chance of its draws comes from.

    Raises:
        UserError: for words that cannot be banned or required.
    """
    rules = rules_of(config, vocabulary)
    if config.temperature:
        return draw_captions(
            predictor,
            seeded_chance(seeds, config.n_best, config.maximum_words),
            temperature=config.temperature,
            top_k=config.top_k,
            nucleus=config.nucleus,
            rules=rules,
        )
    found = beam_search(
        predictor,
        len(seeds),
        config.beam,
        maximum=config.maximum_words,
        length_power=config.length_power,
        best=config.beam if config.consensus else config.n_best,
        thorough=config.thorough,
        groups=config.groups,
        diversity=config.diversity,
        rules=rules,
    )
    return by_consensus(found, config.n_best) if config.consensus else found


def rules_of(config: SearchConfig, vocabulary: Vocabulary) -> Rules:
    """What captions must be like, in the numbers of a vocabulary.

    Raises:
        UserError: for a word that the vocabulary does not have, with one that it has, and for words that contradict each other.
    """
    banned, required = (_phrases(texts, vocabulary) for texts in (config.banned, config.required))
    for text, phrase in zip(config.required, required, strict=True):
        if len(phrase) > config.maximum_words:
            raise UserError(
                f"the required {text!r} is {len(phrase)} words long, a caption at most {config.maximum_words}"
            )
        for other, part in zip(config.banned, banned, strict=True):
            if any(phrase[start : start + len(part)] == part for start in range(len(phrase))):
                raise UserError(f"{text!r} is required, but {other!r} is banned")
    return Rules(config.minimum_words, config.no_repeat, banned, required)


def _phrases(texts: Iterable[str], vocabulary: Vocabulary) -> tuple[Phrase, ...]:
    return tuple(_phrase(text, vocabulary) for text in texts)


def _phrase(text: str, vocabulary: Vocabulary) -> Phrase:
    phrase = tuple(vocabulary.encode(text))
    if not phrase:
        raise UserError(f"there is no word in {text!r} that could be banned or required")
    if UNKNOWN in phrase:
        word = next(word for word in (*text.split(), text) if UNKNOWN in vocabulary.encode(word))
        near = get_close_matches(word.lower(), vocabulary.tokenizer.get_vocab(), 1, cutoff=0.65)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UserError(f"the model has no word {word!r} among its {len(vocabulary)}, so none to ban or require{hint}")
    return phrase
