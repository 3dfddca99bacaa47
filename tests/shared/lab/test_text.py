from __future__ import annotations

from pathlib import Path

import pytest
import torch

from shared.errors import UserError
from shared.lab.text import Corpus, random_chunks, read_corpus, streams

TEXT = "the quick brown fox – ünïcödé 🦊 –\r\njumps over the lazy dog.\n" * 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    return path


def test_a_text_comes_back_from_its_ids(file: Path) -> None:
    corpus = read_corpus(file)
    whole = torch.cat([corpus.train, corpus.held_out])
    assert corpus.decode(whole) == TEXT.replace("\r\n", "\n")
    assert len(corpus.held_out) == round(len(whole) / 10)
    assert len(set(corpus.characters)) == len(corpus.characters)
    assert corpus.decode(corpus.encode("🦊 dog")) == "🦊 dog"
    with pytest.raises(UserError, match="has no 'Ω' 'β'"):
        corpus.encode("fox β Ω β")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read .*No such file"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"short", "has 5 characters, and at least 1000"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not plain text"),
        (b"some\x00text", "not plain text"),
        ("Grüße".encode("latin-1") * 500, "not plain text in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_corpus(path)


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        read_corpus(tmp_path)


def test_chunks_say_the_next_character() -> None:
    ids = torch.arange(12)
    read, said = random_chunks(ids, batch=200, length=10)
    assert (said == read + 1).all()
    assert set(read[:, 0].tolist()) == {0, 1}
    assert said.max() == 11


def test_streams_go_on_where_they_were() -> None:
    ids = torch.arange(32)
    chunks = list(streams(ids, batch=3, length=4))
    read, said = (torch.cat(parts, 1) for parts in zip(*chunks, strict=True))
    assert read.tolist() == [list(range(10)), list(range(10, 20)), list(range(20, 30))]
    assert (said == read + 1).all()
    assert [chunk.shape[1] for chunk, _ in chunks] == [4, 4, 2]


def test_the_vocabulary_is_the_text_s_own() -> None:
    corpus = Corpus("ab", torch.tensor([0, 1]), torch.tensor([1]))
    assert corpus.encode("ba").tolist() == [1, 0]
