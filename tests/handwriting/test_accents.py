"""Accents over letters that the tests draw themselves: small ones 2 mm high, on a line at y = 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handwriting import accents
from handwriting.spelling import spell
from handwriting.strokes import Points, Strokes, join, split

OVER = "\u0300\u0301\u0302\u0303\u0304\u0306\u0308\u0309\u030a\u030b\u030c"
ADVANCE, WIDTH, SMALL, TALL = 2.4, 1.6, 2.0, 4.0


def letter(character: str, left: float) -> list[Points]:
    """A loop as high as the letter; some are a stem, with a dot on i and j."""
    tall = character.isupper() or character in "bdfhklt"
    top, bottom = -TALL if tall else -SMALL, 1.5 if character in "gjpqy" else 0.0
    angles = np.linspace(0, 2 * np.pi, 24)
    loop = np.column_stack(
        [left + WIDTH * (1 + np.cos(angles)) / 2, (top + bottom) / 2 + (bottom - top) / 2 * np.sin(angles)]
    )
    stem = np.column_stack([np.full(12, left + WIDTH / 2), np.linspace(top, bottom, 12)])
    dot = np.array([[0.0, -3.0], [0.05, -2.9], [0.0, -2.85]]) + np.array([left + WIDTH / 2, 0.0])
    return [stem, dot] if character in "ij" else [stem] if character in "lLtT" else [loop]


def write(plain: str, late: int = 0) -> tuple[Strokes, np.ndarray]:
    """A line in network characters, and the position that each point belongs to, `late` points behind the pen."""
    strokes: list[Points] = []
    characters: list[int] = []
    for place, character in enumerate(plain):
        own = letter(character, ADVANCE * place) if character != " " else []
        strokes += own
        characters += [place] * sum(map(len, own))
    return join(strokes), np.array((characters[:1] * late + characters)[: len(characters)])


def pieces(strokes: Strokes, characters: np.ndarray) -> list[tuple[Points, np.ndarray]]:
    parts = split(strokes)
    return list(zip(parts, np.split(characters, np.cumsum([len(part) for part in parts])[:-1]), strict=True))


def accented(text: str, late: int = 0) -> tuple[list[Points], list[tuple[int, Points]], list[int | None]]:
    """A text's ink with its accents: the strokes that were there before; those that were added, each with its place in the text;
    and for all strokes in writing order the place of an added one or None."""
    spelling = spell(text)
    before = {part.round(6).tobytes() for part in split(write(spelling.plain)[0])}
    old: list[Points] = []
    new: list[tuple[int, Points]] = []
    order: list[int | None] = []
    for part, own in pieces(*accents.add(*write(spelling.plain, late), spelling)):
        if part.round(6).tobytes() in before:
            old.append(part)
            order.append(None)
        else:
            assert len(set(own)) == 1
            new.append((int(own[0]), part))
            order.append(int(own[0]))
    return old, new, order


def over(text: str, place: int, late: int = 0) -> Points:
    """All points that were added to one letter."""
    return np.concatenate([part for position, part in accented(text, late)[1] if position == place])


@pytest.mark.parametrize("late", [0, 3, 5])
@pytest.mark.parametrize("base", "eAhijy")
def test_what_stands_over_a_letter_is_over_it(base: str, late: int) -> None:
    text = " ".join("n" + base + accent + "l" for accent in OVER)
    _, new, _ = accented(text, late)
    top = -TALL if base in "Ah" else -SMALL
    for place in range(1, len(spell(text).plain), 4):
        points = np.concatenate([part for position, part in new if position == place])
        assert 0.3 < top - points[:, 1].max() < 1.6
        assert top - points[:, 1].min() < 3.0
        middle = (points[:, 0].min() + points[:, 0].max()) / 2 - ADVANCE * place
        assert 0.2 < middle < WIDTH - 0.2
        assert np.ptp(points[:, 0]) < 1.4 * WIDTH


@pytest.mark.parametrize("late", [0, 3, 5])
@pytest.mark.parametrize("letter", "ȩęșçşţņĄẹ")
def test_what_hangs_under_a_letter_is_under_it(letter: str, late: int) -> None:
    points = over(f"n{letter}n", 1, late)
    assert points[:, 1].max() > 0.3
    assert points[:, 1].min() > -0.4
    assert points[:, 1].max() < 2.0
    assert ADVANCE - 0.3 < np.median(points[:, 0]) < ADVANCE + WIDTH + 0.3


@pytest.mark.parametrize("letter", "øØłŁđĐħĦŧŦ")
def test_a_stroke_crosses_its_letter(letter: str) -> None:
    points = over(f"n{letter}n", 1)
    top = -SMALL if letter == "ø" else -TALL
    stem = ADVANCE + (0.1 if letter == "Đ" else WIDTH / 2)
    assert points[:, 0].min() < stem < points[:, 0].max()
    assert top - 0.6 < points[:, 1].min() <= points[:, 1].max() < 0.6


def test_some_letters_have_signs_of_their_own() -> None:
    """A caron beside d, t, l and L is an apostrophe, a cedilla of g a comma over it."""
    for letter in "ďťľĽ":
        points = over(f"n{letter}", 1)
        assert points[:, 0].mean() > ADVANCE + WIDTH / 2 + 0.3
        assert points[:, 1].max() < -0.5 * TALL
    assert over("nģ", 1)[:, 1].max() < -SMALL - 0.3
    assert over("ợ", 0)[:, 0].max() > WIDTH
    # Beside the tail, on the height of all others.
    assert 0.3 < over("nỵ", 1)[:, 1].min() < 1.2


def test_two_accents_on_a_letter_stand_over_each_other() -> None:
    circumflex, acute = (part for _, part in accented("nến")[1])
    assert acute[:, 1].max() < circumflex[:, 1].min() < circumflex[:, 1].max() < -SMALL - 0.3
    assert [round(float(np.sign(part[:, 1].mean() + 1))) for _, part in accented("nộ")[1]] == [1, -1]


@pytest.mark.parametrize(
    ("text", "lost"), [("níl", 1), ("nïl", 1), ("nıl", 1), ("ĵ", 1), ("nịl", 0), ("įl", 0), ("ñil", 0)]
)
def test_a_dot_makes_room_for_what_stands_over_its_letter(text: str, lost: int) -> None:
    assert len(accented(text)[0]) == len(split(write(spell(text).plain)[0])) - lost


def test_the_dot_of_another_letter_stays() -> None:
    old, new, _ = accented("iíi ji")
    assert len(old) == len(split(write("iii ji")[0])) - 1
    assert [place for place, _ in new] == [1]
    dots = [part[:, 0].mean() for part in old if len(part) == 3]
    assert not any(ADVANCE < dot < ADVANCE + WIDTH for dot in dots)


def test_over_a_dot_that_is_not_certain_the_accent_is_higher() -> None:
    strokes, characters = write("i")
    second = np.array([[0.3, 0.1, 0.0], [0.0, 0.1, 1.0]])
    line, owners = accents.add(np.concatenate([strokes, second]), np.append(characters, [0, 0]), spell("í"))
    *_, accent = (part for part, _ in pieces(line, owners))
    assert len(split(line)) == 4
    dots = np.concatenate(split(line)[1:3])
    assert np.hypot(*(accent[:, None] - dots).transpose(2, 0, 1)).min() > 0.3


def test_an_apostrophe_is_no_dot() -> None:
    stem, dot = split(write("i")[0])
    line = accents.add(join([stem, dot]), np.append(np.zeros(12, int), [1, 1, 1]), spell("ı'"))[0]
    assert len(split(line)) == 2


def test_accents_follow_their_word() -> None:
    assert accented("été où né")[2] == [None] * 3 + [0, 2] + [None] * 2 + [5] + [None] * 2 + [8]
    # A dot that was made when the window had gone on to the space is still of the word before.
    strokes, characters = write("ni né")
    characters[-2 * 24 - 3 : -2 * 24] = 2
    assert [own[0] for _, own in pieces(*accents.add(strokes, characters, spell("ñi ne")))] == [0, 1, 2, 0, 3, 4]


@settings(deadline=None, max_examples=40)
@given(
    st.text("aeiocdlthAEISTyj \u0301\u0300\u0308\u0302\u0327\u0328\u0323\u031b\u030cøłđı", max_size=20),
    st.integers(0, 9),
)
def test_all_else_stays_where_it_was(text: str, late: int) -> None:
    spelling = spell(text)
    strokes, characters = write(spelling.plain, late) if spelling.plain else (np.zeros((0, 3)), np.zeros(0, int))
    line, owners = accents.add(strokes, characters, spelling)
    assert len(line) == len(owners)
    assert np.isfinite(line).all()
    before = [part.round(6).tobytes() for part in split(strokes)]
    after = [part.round(6).tobytes() for part in split(line)]
    kept = [part for part in after if part in set(before)]
    lost = [part for part in before if part not in set(after)]
    assert kept == [part for part in before if part not in lost]
    assert all(len(np.frombuffer(part)) == 6 for part in lost)  # three points: dots
    assert len(line) == 0 or line[-1, 2] == 1
    again, _ = accents.add(strokes, characters, spelling)
    assert np.array_equal(line, again)


def test_chance_comes_from_the_ink() -> None:
    first, second = (part - part[0] for _, part in accented("néné")[1])
    assert not np.allclose(first, second)
    beside_another_word = accented("néné o")[1][0][1]
    assert not np.allclose(first, beside_another_word - beside_another_word[0])


@pytest.mark.parametrize(("text", "end"), [("lé", -4.0), ("lẹ", 1.6)])
def test_a_letter_that_the_window_reached_too_early_keeps_its_height(text: str, end: float) -> None:
    """The letters are joined, and the upper (or lower) half of the stem was made when the window had gone on."""
    stem = np.column_stack([np.full(16, 0.8), np.linspace(-1.0, end, 16)])
    loop = letter("e", ADVANCE)[0]
    more = [letter("n", ADVANCE * place)[0] for place in (3, 4, 5)]
    line = join([np.concatenate([stem, loop]), *more])
    owners = np.repeat([0, 1, 3, 4, 5], [8, 32, 24, 24, 24])
    new = accents.add(line, owners, spell(text + " nnn"))[0]
    mark = min(split(new), key=len)
    assert -3.4 < mark[:, 1].max() < -2.3 if end < 0 else 0.3 < mark[:, 1].min() < 1.4
    assert ADVANCE < mark[:, 0].mean() < ADVANCE + WIDTH


def test_an_accent_keeps_clear_of_the_ink_about_it() -> None:
    strokes, characters = write("ene")
    # A roof right over the letter, as a long t-bar or a loop from the line above would be.
    roof = np.column_stack([np.linspace(0, 4, 30), np.full(30, -2.8)])
    line = join([*split(strokes), roof])
    new = accents.add(line, np.append(characters, [2] * 30), spell("ëne"))[0]
    marks = np.concatenate([part for part in split(new) if len(part) < 10])
    gaps = np.hypot(*(marks[:, None] - np.concatenate(split(line))).transpose(2, 0, 1))
    assert gaps.min() > 0.3


def test_ink_without_accents_is_returned_as_it_is() -> None:
    strokes, characters = write("plain")
    line, owners = accents.add(strokes, characters, spell("plain"))
    assert line is strokes
    assert owners is characters


def test_a_letter_without_ink_gets_no_accent() -> None:
    strokes, characters = write("nn")
    line, _ = accents.add(strokes, characters, spell("nné"))
    assert np.allclose(line, strokes)
    none, _ = accents.add(np.zeros((0, 3)), np.zeros(0, int), spell("é"))
    assert len(none) == 0


@pytest.mark.parametrize("text", ["ď", "ť", "ơ", "ư"])
def test_a_letter_that_has_just_begun_gets_what_stands_beside_it(text: str) -> None:
    spelling = spell(text)
    strokes, characters = accents.add(np.array([[0.0, 0.0, 1.0]]), np.zeros(1, int), spelling)
    assert len(strokes) == len(characters) > 1
    assert np.isfinite(strokes).all()


def test_points_past_the_end_of_the_text_are_of_its_last_word() -> None:
    strokes, characters = write("nen")
    characters[-24:] = 3
    assert len(split(accents.add(strokes, characters, spell("né"))[0])) == 4


@pytest.mark.parametrize("lean", [-0.3, 0.5])
def test_accents_lean_with_the_hand(lean: float) -> None:
    strokes, characters = write("lllEllll")
    strokes = strokes @ np.array([[1.0, 0, 0], [-lean, 1.0, 0], [0, 0, 1.0]])
    line, owners = accents.add(strokes, characters, spell("lllËllll"))
    points = np.cumsum(line[:, :2], 0)[owners == 3]
    base, dots = points[:24], points[24:]
    middle = base.mean(0) + (base[:, 1].mean() - dots[:, 1].mean()) * np.array([lean, 0])
    assert abs(dots[:, 0].mean() - middle[0]) < 0.4
