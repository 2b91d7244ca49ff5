"""The scanner cuts out every order exactly once, byte for byte and at its true offset, whatever the sizes."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_orders import READ_SIZES, Pieces, Written, arrays, odd, orders, records

from sobatch.core.read.scan import Broken, Form, Scanner
from sobatch.erp.unit4.order import Order

WINDOWS = (1, 16, 100, 1000, 1 << 17)
order_types = st.sampled_from([None, Order])


def cut(scanner: Scanner[Any]) -> tuple[list[tuple[int, bytes]], list[tuple[str, int]]]:
    """Every order with its offset, and every fault."""
    found, faults = [], []
    for piece in scanner:
        if isinstance(piece, Broken):
            faults.append((piece.fault.code, piece.fault.offset))
        else:
            found += [(piece.offset + start, piece.text[start:end]) for start, end in piece.cut()]
            assert piece.orders is None or len(piece.orders) == len(piece.cut())
    return found, faults


def check_whole(written: Written, found: list[tuple[int, bytes]]) -> None:
    assert [element for _, element in found] == written.elements
    for offset, element in found:
        assert written.text[offset : offset + len(element)] == element
    assert [offset for offset, _ in found] == sorted({offset for offset, _ in found})


@settings(max_examples=150, deadline=None)
@given(arrays(st.one_of(orders(), odd)) | records(), order_types)
def test_the_orders_are_the_elements_each_once(written: Written, order_type: Any) -> None:
    for size in READ_SIZES:
        found, faults = cut(Scanner(Pieces(written.text, size), order_type))
        assert faults == []
        check_whole(written, found)


@settings(max_examples=150, deadline=None)
@given(arrays(st.one_of(orders(), odd)) | records(), order_types)
def test_the_window_changes_nothing(written: Written, order_type: Any) -> None:
    for window in WINDOWS:
        found, faults = cut(Scanner(io.BytesIO(written.text), order_type, window=window))
        assert faults == []
        check_whole(written, found)


@settings(max_examples=100, deadline=None)
@given(arrays() | records(), st.sampled_from(WINDOWS))
def test_a_tracked_place_is_that_of_counting(written: Written, window: int) -> None:
    for piece in Scanner[Any](io.BytesIO(written.text), Order, window=window, track=True):
        assert not isinstance(piece, Broken)
        before = written.text[: piece.offset].decode()
        assert piece.cursor is not None
        assert piece.cursor.line == before.count("\n") + 1
        assert piece.cursor.column == len(before) - before.rfind("\n")


@settings(max_examples=100, deadline=None)
@given(arrays(st.one_of(orders(), odd)), st.data())
def test_what_precedes_a_fault_is_cut_out_all_the_same(written: Written, data: st.DataObject) -> None:
    """A text cut anywhere gives the orders that are whole, and says that it is cut."""
    start = written.text.index(b"[") + 1
    end = data.draw(st.integers(start, len(written.text.rstrip()) - 1))
    results = [cut(Scanner(io.BytesIO(written.text[:end]), Order, window=window)) for window in WINDOWS]
    found, faults = results[0]
    assert results == [(found, faults)] * len(WINDOWS)
    assert [element for _, element in found] == written.elements[: len(found)]
    ((code, offset),) = faults
    assert (code, offset <= end) == ("SO-038", True)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (b"[]", Form.ARRAY),
        (b" \n[{}]", Form.ARRAY),
        (b'{"a": 1}', Form.NDJSON),
        (b'{"a": 1}\n{"a": 2}\n', Form.NDJSON),
        (b'\r\n  {"a": 1}\r\n', Form.NDJSON),
        (b'{"a": 1,}\n{"a": 2}\n', Form.NDJSON),
        (b'{\n "a": 1\n}\n', None),
        (b"17", None),
        (b"", None),
        (b"\xef\xbb\xbf[]", None),
    ],
)
def test_the_form_is_told_by_the_text(text: bytes, form: Form | None) -> None:
    for size in READ_SIZES:
        scanner: Scanner[Any] = Scanner(Pieces(text, size), None)
        list(scanner)
        assert scanner.form is form


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("layout", ["[%b, %b]", "[\n%b\n,\n%b\n]", "%b\n%b\n"])
def test_an_order_over_the_cap_is_refused_where_it_begins(layout: str, window: int) -> None:
    def scanned(size: int) -> tuple[list[tuple[int, bytes]], list[tuple[str, int]]]:
        large = b'{"a": "' + b"x" * (size - 9) + b'"}'
        text = layout.encode() % (b'{"a": "y"}', large)
        found, faults = cut(Scanner(io.BytesIO(text), None, window=window, max_order=5000))
        return [(text.index(element), element[:9]) for _, element in found], [
            (code, text.index(large) == offset) for code, offset in faults
        ]

    first = layout.index("%")
    assert scanned(5000)[1] == []
    assert scanned(5001) == ([(first, b'{"a": "y"')], [("SO-020", True)])
    assert scanned(90_000) == ([(first, b'{"a": "y"')], [("SO-020", True)])


class Endless(io.RawIOBase):
    """A long array that nobody holds in memory."""

    def __init__(self, element: bytes, count: int) -> None:
        self._pieces = (b"[" + element if number == 0 else b"," + element for number in range(count))
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, None)) is not None:
            self._rest += piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


@pytest.mark.parametrize("order_type", [None, Order])
def test_memory_does_not_grow_with_the_text(order_type: Any) -> None:
    element = b'{"customerId": "C1", "notes": "' + b"x" * 4000 + b'"}'
    peaks = []
    for count in (500, 5_000):
        tracemalloc.start()
        orders_seen = sum(
            len(piece.cut())
            for piece in Scanner[Any](Endless(element, count), order_type, window=1 << 16)
            if not isinstance(piece, Broken)
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert orders_seen == count - 1  # the last one is not closed by the array's end
    assert peaks[1] < peaks[0] * 1.5
