"""Tokens as the COCO caption evaluation counts them: Penn Treebank rules, lower case, punctuation dropped.

The official tool is a Java program, Stanford's PTBTokenizer. This follows its rules where captions meet them: one
expression whose alternatives are tried in order, so the peculiar stands before the general.
"""

from __future__ import annotations

import re

# Dropped after splitting. Brackets become -lrb- and the like, whose lower case the official list fails to drop.
PUNCTUATION = frozenset(["''", "'", "``", "`", '"', ".", "?", "!", ",", ":", "-", "--", "...", ";"])

_SPELT = {
    **{"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-"},
    **{"½": "1/2", "¼": "1/4", "¾": "3/4", "£": "#", "€": "$"},
}
_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "`", "“": '"', "”": '"', "–": "--", "—": "--", "…": "..."})
_W = r"[^\W½¼¾]"  # a letter, a digit or an underscore
_CLITIC = "'(?:s|m|d|re|ve|ll)"

# These keep their period even where a sentence ends; some only with a capital, some only before a number.
_ABBREVIATED = """
    al|ala|apr|ariz|assn|asst|attys?|aug|ave|bancorp|bhd|bldg|blvd|brig|bros|calif|capt|cf|cmdr|comdr|col|colo|conn|corp|cos?
    |cpl|ct|dak|dec|dept|det|drs?|elec|esq|est|etc|ext|feb|fla|fri|ft|ga|gen|govs?|hon|inc|ind|insp|intl|jan|jr|jul|jun|kans?
    |ky|lieut|lt|ltd|maj|mar|md|messrs|mfg|mich|minn|mlle|mme|mo|mon|mont|mr|mrs|ms|msgr|mt|natl|neb|nev|nov|oct|adm|okla|penn
    |pfc|ph|plc|pres|profs?|ptys?|pvt|rd|reps?|rev|rt|sens?|sept?|seq|sgt|spc|sq|sr|ste?|supts?|sys|tel|tenn|thu(?:rs)?|treas
    |tues?|univ|va|vs|vt|wed|wisc?|wyo|(?:ph|ed)[.]d
"""
_WITH_CAPITAL = "Ark|Az|Del|Ill|La|Mass|Miss|Ore|Pa|Tex|Wash"
_BEFORE_NUMBER = "nos?|figs?|pp|art|op|ca|prop"

# After an initial these begin a sentence, and the period ends the one before. The official tool looks into the next caption for
# them too; here each caption is read by itself.
_NEXT_SENTENCE = r"""(?-i:\s+(?:
    A|About|According|Additionally|After|An|As|At|But|Earlier|He|Her|Here|However|If|In|It|Last|Many|More|Mr[.]|Ms[.]|Now|Once
    |One|Other|Our|She|Since|So|Some|Such|That|The|Their|Then|There|These|They|This|We|What|When|While|Yet|You
)\s)"""

_TOKEN = re.compile(
    rf"""
      https?://[^\s"<>|()]*[^\s"<>|().!?{{}},-] | </?[a-z][\w:.-]*(?:\ [^<>]*)?/?>          # addresses, tags
    | [\w.+-]+@\w[\w-]*(?:\.\w+)* | \#[a-z_]\w* | @[a-z_]\w*
    | \b(?:can(?=not\b) | (?:gon|wan)(?=na\b) | got(?=ta\b) | (?:gim|lem)(?=me\b))      # cannot, gonna, gimme
    | '\d\ds\b | '(?:n'|em\b|til\b|cause\b) | 't(?=is\b|was\b)                        # '90s, 'n', 'em, 'tis
    | \b(?:ma'am|o'clock|d'ye|c'mon|e'er|s'mores|ev'ry|li'l|nat'l|n'sync)\b
    | {_W}+[aeiouy]'[aeiou]{_W}* | \b(?:[jy]'(?=\w) | (?:ol|dunkin|somethin)'(?!\w))      # hawai'i, y'all, ol'
    | (?<![^\W\d])(?:[a-z]\.){{2,}}(?:-{_W}+)+                                           # u.s.-made
    | (?<![^\W\d])(?:[a-z]\.)+[a-z]\.(?!\w) | \b[a-z]\.(?!\w)(?!{_NEXT_SENTENCE})             # u.s., p.m., initials
    | \b(?:{_ABBREVIATED})\.(?!\w)(?:-{_W}+)*
    | (?-i:\b(?:{_WITH_CAPITAL}|{_WITH_CAPITAL.upper()})\.(?!\w))
    | \b(?:{_BEFORE_NUMBER})\.(?=\s*\d)
    | \d{{1,4}}[ ]\d{{1,4}}/\d{{1,4}}                                                       # 1 1/2
    | [-+]?(?:\d+(?::\d+)+ | (?:\d+[.,])+\d+(?:-{_W}+)* | \.\d+) | [-+]\d+(?![-/.!?]?{_W})  # 10:45, 1,000, .22
    | (?-i:\b[A-Z]+(?:&[A-Z]+)+\b)                                                      # AT&T
    | {_W}+?(?=n't\b) | n't\b | {_CLITIC}\b | 'n\b
    | {_W}+(?:[-/.]{_W}+)*?(?={_CLITIC}\b|'n\b)                                          # dog's, more'n
    | (?:[dlo]'{_W})?{_W}+(?:[-/.!?]{_W}+)*(?:\.(?=[,;:]))?
    | \.\.\.|--|''|``|[?!]{{2,}}|[½¼¾]|[^\s\U00010000-\U0010ffff]
    """,
    re.VERBOSE | re.IGNORECASE,
)


def tokenise(caption: str) -> list[str]:
    """The tokens of a caption. "1 1/2" is one to the official tool, but BLEU and CIDEr take it apart again: here it is two."""
    found = (token for match in _TOKEN.findall(caption.translate(_TYPOGRAPHY)) for token in match.lower().split(" "))
    return [_SPELT.get(token, token) for token in found if token not in PUNCTUATION]
