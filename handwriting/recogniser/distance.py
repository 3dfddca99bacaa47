"""How far a text that was read is from the text that was written. Texts may also be lists of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Text = Sequence[str]


def edits(one: Text, other: Text) -> int:
    """The least number of characters to insert, remove or replace to make one text of the other (Levenshtein 1966)."""
    return _table(one, other)[-1][-1]


def alignment(written: Text, read: Text) -> Iterator[tuple[str, str | None]]:
    """Each character that was written with the one read in its place, or None, by as few edits as can be; the last first."""
    table = _table(written, read)
    i, j = len(written), len(read)
    while i:
        if j and table[i][j] == table[i - 1][j - 1] + (written[i - 1] != read[j - 1]):
            i, j = i - 1, j - 1
            yield written[i], read[j]
        elif table[i][j] == table[i - 1][j] + 1:
            i -= 1
            yield written[i], None
        else:
            j -= 1


def character_error_rate(read: Sequence[Text], written: Sequence[Text]) -> float:
    """Edits of all lines together, a share of the characters of all written lines together. It may be above 1.

    Raises:
        ValueError: for different numbers of lines, or nothing written at all.
    """
    if len(read) != len(written) or not any(written):
        raise ValueError(
            f"an error rate needs as many lines read as written, and some text, got {len(read)} and {len(written)}"
        )
    return sum(map(edits, read, written)) / sum(map(len, written))


def _table(one: Text, other: Text) -> list[list[int]]:
    """d[i][j], the edits between the first i characters of one and the first j of the other.

    d[i][j] = min(d[i-1][j] + 1, d[i][j-1] + 1, d[i-1][j-1] + (a_i ≠ b_j))
    """
    table = [list(range(len(other) + 1))]
    for i, a in enumerate(one, start=1):
        above, row = table[-1], [i]
        for j, b in enumerate(other, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
        table.append(row)
    return table
