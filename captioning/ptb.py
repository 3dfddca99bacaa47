"""Tokens as the COCO caption evaluation counts them: Penn Treebank rules, lower case, punctuation dropped.

The official tool is a Java program, Stanford's PTBTokenizer. This follows its rules where captions meet them: one
expression whose alternatives are tried in order, so the peculiar stands before the general.
"""

from __future__ import annotations

import re

# Dropped after splitting. Brackets become -lrb- and the like, whose lower case the official list fails to drop.
PUNCTUATION = frozenset(["''", "'", "``", "`", '"', ".", "?", "!", ",", ":", "-", "--", "...", ";"])

_BRACKETS = {"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-"}
_TYPOGRAPHY = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "--", "—": "--", "…": "...", "½": "1/2", "¼": "1/4", "¾": "3/4"}
)
_CLITIC = "'(?:s|m|d|re|ve|ll)"

_TOKEN = re.compile(
    rf"""
      \b(?:can(?=not\b) | (?:gon|wan)(?=na\b) | got(?=ta\b) | (?:gim|lem)(?=me\b))   # cannot, gonna, gimme
    | '\d\ds\b | '(?:n'|em\b|til\b) | 't(?=is\b|was\b)                               # '90s, 'n', 'em, 'tis
    | ma'am\b | o'clock\b | d'ye\b | y'(?=all\b)
    | [\w.+-]+@\w[\w-]*(?:\.\w+)+ | \#[a-z_]\w*                                      # addresses, hashtags
    | \b(?:[a-z]\.)+[a-z]\.? (?!\w) (?<=\.)                                          # u.s., p.m.
    | \b(?:mr|mrs|ms|dr|st|jr|sr|prof|rev|gen|sgt|capt|lt|rd|ave|blvd|mt|ft|etc|vs|inc|co|corp|ltd|dept)\.(?!\w)
    | \bno\.(?=\s*\d)
    | \d+:\d+ | \d+(?:[.,]\d+)+                                                      # 10:45, 10,000
    | \ba&w\b                                                                        # a restaurant that it knows
    | \w+?(?=n't\b) | n't\b | {_CLITIC}\b | 'n\b
    | \w+(?:[-/.]\w+)*?(?={_CLITIC}\b|'n\b)                                          # dog's, more'n
    | \d+(?=[ap]m\b)
    | \w+(?:'\w+)*(?:[-/.]\w+(?:'\w+)*)*
    | \.\.\.|--|''|``|[?!]{{2,}}|\S
    """,
    re.VERBOSE,
)


def tokenise(caption: str) -> list[str]:
    """The tokens of a caption."""
    found = _TOKEN.findall(caption.translate(_TYPOGRAPHY).lower())
    return [_BRACKETS.get(token, token) for token in found if token not in PUNCTUATION]
