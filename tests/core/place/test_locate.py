"""Byte offsets become lines, columns and excerpts as a person would count them."""

from __future__ import annotations

import io
import time
import tracemalloc
import unicodedata
from collections.abc import Callable
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.place.excerpt import text_width
from sobatch.core.place.locate import Excerpt, Locator, Place

BLOCK = 1 << 16


class Trickle(io.BytesIO):
    """A stream that gives fewer bytes than it is asked for, as a pipe does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 7) if size and size > 0 else size)


class Pattern(io.RawIOBase):
    """A stream that repeats a pattern up to a size, without holding it."""

    def __init__(self, pattern: bytes, size: int) -> None:
        self._pattern, self._left = pattern, size

    def read(self, size: int = -1, /) -> bytes:
        size = min(size, self._left) // len(self._pattern) * len(self._pattern)
        self._left -= size
        return self._pattern * (size // len(self._pattern))


def locator(data: bytes, kind: Callable[[bytes], BinaryIO] = io.BytesIO) -> Locator:
    return Locator(lambda: kind(data))


def naive(data: bytes, offset: int) -> Place:
    before = data[:offset]
    line = before.rpartition(b"\n")[2]
    return Place(len(before), before.count(b"\n") + 1, 1 + sum(1 for byte in line if not 0x80 <= byte < 0xC0))


def underlined(excerpt: Excerpt) -> str:
    """The text that the carets stand under, found by cells."""
    cells, found = 0, ""
    for char in excerpt.text:
        if excerpt.caret <= cells < excerpt.caret + excerpt.span:
            found += char
        cells += text_width(char)
    return found


texts = st.lists(
    st.sampled_from(
        [b"a", b"bc", b"\n", b"\r\n", b"\t", "å".encode(), "漢".encode(), "e\u0301".encode(), b"\xff", b" "]
    ),
    max_size=60,
).map(b"".join)


@pytest.mark.parametrize(
    ("data", "offset", "line", "column"),
    [
        (b"", 0, 1, 1),
        (b"abc", 0, 1, 1),
        (b"abc", 2, 1, 3),
        (b"abc", 3, 1, 4),
        (b"a\nb", 1, 1, 2),
        (b"a\nb", 2, 2, 1),
        (b"a\r\nb", 3, 2, 1),
        (b"a\rb", 2, 1, 3),
        (b"\n\n\n", 3, 4, 1),
        ("åb".encode(), 2, 1, 2),
        ("漢字x".encode(), 6, 1, 3),
        ("😀x".encode(), 4, 1, 2),
        ("e\u0301x".encode(), 3, 1, 3),
        (b"\xffx", 1, 1, 2),
    ],
)
def test_places(data: bytes, offset: int, line: int, column: int) -> None:
    assert locator(data).place(offset) == Place(offset, line, column)


def test_an_offset_past_the_end_means_the_end() -> None:
    assert locator(b"a\nbc").place(99) == Place(4, 2, 3)
    assert locator(b"a\nbc").place(-1) == Place(0, 1, 1)


@settings(max_examples=200, deadline=None)
@given(texts, st.lists(st.integers(0, 200), min_size=1, max_size=6))
def test_places_are_those_of_counting_from_the_start(data: bytes, offsets: list[int]) -> None:
    for kind in (io.BytesIO, Trickle):
        finder = locator(data, kind)
        for offset in offsets:
            assert finder.place(offset) == naive(data, offset)


@pytest.mark.parametrize("unit", [b"abc\n", "é漢😀\n".encode(), "x😀".encode(), b"\xff\x80ab\r\n"])
def test_places_across_blocks(unit: bytes) -> None:
    data = unit * (3 * BLOCK // len(unit) + 5)
    finder = locator(data)
    for offset in (0, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 7, 3 * BLOCK, len(data) - 1, len(data), 5):
        assert finder.place(offset) == naive(data, offset)


def test_ascending_offsets_cost_one_pass_and_small_steps_back_none() -> None:
    opened = []

    def reopen() -> BinaryIO:
        opened.append(1)
        return io.BytesIO(b"line\n" * 200_000)

    finder = Locator(reopen)
    for offset in range(0, 900_000, 5_000):
        finder.place(offset)
        finder.excerpt(max(0, offset - 2_000))
    assert len(opened) == 1


def test_far_back_reads_again_from_the_start() -> None:
    data = b"line\n" * 2_000_000
    finder = locator(data)
    assert finder.place(len(data)).line == 2_000_001
    assert finder.place(7) == Place(7, 2, 3)


def test_close_closes_the_handle_and_may_be_followed_by_more() -> None:
    handle = io.BytesIO(b"a\nb")
    finder = Locator(lambda: io.BytesIO(b"a\nb") if handle.closed else handle)
    finder.place(2)
    finder.close()
    assert handle.closed
    assert finder.place(2) == Place(2, 2, 1)


def test_memory_stays_flat_on_one_endless_line() -> None:
    size = 150_000_000
    finder = Locator(
        lambda: Pattern("0123456å".encode() + b"890123456789012345678901234567890123456789012345678901", size)
    )  # type: ignore[arg-type, return-value]
    tracemalloc.start()
    began = time.process_time()
    place = finder.place(size - 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert place.line == 1
    assert place.column > size * 0.9
    assert peak < 8_000_000
    assert time.process_time() - began < 10


# -- excerpts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "offset", "length", "excerpt"),
    [
        (b'{"a": 12}', 6, 2, Excerpt('{"a": 12}', 6, 2)),
        (b"one\ntwo\nthree", 4, 3, Excerpt("two", 0, 3)),
        (b"one\r\ntwo\r\nthree", 5, 3, Excerpt("two", 0, 3)),
        (b"one\n\nthree", 4, 1, Excerpt("", 0, 1)),
        (b"one\ntwo", 3, 1, Excerpt("one", 3, 1)),
        (b"one\ntwo", 7, 1, Excerpt("two", 3, 1)),
        (b"", 0, 1, Excerpt("", 0, 1)),
        (b"\tx", 1, 1, Excerpt("    x", 4, 1)),
        (b"ab\tx", 3, 1, Excerpt("ab  x", 4, 1)),
        ("漢字: 1".encode(), 8, 1, Excerpt("漢字: 1", 6, 1)),
        ("漢字".encode(), 3, 3, Excerpt("漢字", 2, 2)),
        ("e\u0301x".encode(), 3, 1, Excerpt("e\u0301x", 1, 1)),
        ("😀!".encode(), 4, 1, Excerpt("😀!", 2, 1)),
        (b"a\x1b[31mb", 6, 1, Excerpt("a␛[31mb", 6, 1)),
        (b"a\0b", 1, 1, Excerpt("a␀b", 1, 1)),
        (b"a\x7fb", 2, 1, Excerpt("a␡b", 2, 1)),
        (b"a\rb", 2, 1, Excerpt("a␍b", 2, 1)),
        ("a\u202eb".encode(), 4, 1, Excerpt("a<U+202E>b", 9, 1)),
        ("a\u0085b".encode(), 3, 1, Excerpt("a<U+0085>b", 9, 1)),
        ("\ufeff[".encode(), 3, 1, Excerpt("<U+FEFF>[", 8, 1)),
        ("\ufeff[".encode(), 0, 3, Excerpt("<U+FEFF>[", 0, 8)),
        (b"caf\xe9!", 3, 1, Excerpt("caf<E9>!", 3, 4)),
        (b"two\nlines", 1, 8, Excerpt("two", 1, 2)),
        ("a\u2028b".encode(), 4, 1, Excerpt("a<U+2028>b", 9, 1)),
    ],
)
def test_excerpts(data: bytes, offset: int, length: int, excerpt: Excerpt) -> None:
    assert locator(data).excerpt(offset, length) == excerpt


@pytest.mark.parametrize("unit", ["abcdefgh ", "漢字かな", "e\u0301a", "x\t", "å"])
@pytest.mark.parametrize("where", [0, 1, 50, 5_000, 70_000, 199_990, 199_995])
@pytest.mark.parametrize("width", [20, 60, 100])
def test_long_lines_are_cut_around_the_place(unit: str, where: int, width: int) -> None:
    filler = unit * 200_000
    text = filler[:where] + "<" + "HERE" + ">" + filler[where:200_000]
    data = text.encode()
    offset = len(text[: where + 1].encode())
    excerpt = locator(data).excerpt(offset, 4, width=width)
    assert text_width(excerpt.text) <= width
    assert underlined(excerpt) == "HERE"
    if where < 2 or where >= 5_000:
        assert excerpt.text.startswith("…") == (where >= 5_000)
    if where <= 70_000:
        assert excerpt.text.endswith("…")


def test_a_long_line_among_others_is_cut_by_itself() -> None:
    data = b"short\n" + b"x" * 500 + b"\nshort"
    excerpt = locator(data).excerpt(6, width=40)
    assert excerpt.text == "x" * 38 + "…"
    assert locator(data).excerpt(505, width=40).text == "…" + "x" * 38


@settings(max_examples=300, deadline=None)
@given(texts, st.integers(0, 100), st.integers(1, 5), st.sampled_from([12, 30, 100]))
def test_an_excerpt_is_one_safe_line_that_holds_the_place(data: bytes, offset: int, length: int, width: int) -> None:
    excerpt = locator(data).excerpt(offset, length, width=width)
    assert text_width(excerpt.text) <= width
    assert 0 <= excerpt.caret <= text_width(excerpt.text)
    assert excerpt.span >= 1
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in excerpt.text)
