"""Broken JSON is refused at the place a person would point at, in words."""

from __future__ import annotations

import time

import orjson
import pytest
from broken_texts import BROKEN
from syntax_cases import ARRAYS, OPENINGS, TRAILINGS, check_shape, orjson_stop

from sobatch.core.syntax.strict import Scanned, first_fault, opening_fault, scan_elements, trailing_fault


def _pieces(window: bytes, scanned: Scanned) -> list[bytes]:
    return [window[begin:end] for begin, end in scanned.elements]


@pytest.mark.parametrize(("data", "code", "offset"), BROKEN)
def test_broken_json_is_named_and_placed(data: bytes, code: str, offset: int) -> None:
    fault = first_fault(data)
    assert fault is not None
    assert (fault.code, fault.offset) == (code, offset)
    check_shape(fault, data)


@pytest.mark.parametrize("data", [row[0] for row in BROKEN if row[1] != "SO-015" and row[0].isascii()])
def test_a_fault_is_never_placed_after_the_true_one(data: bytes) -> None:
    fault = first_fault(data)
    stop = orjson_stop(data)
    assert fault is not None
    assert stop is not None
    assert fault.offset <= stop


@pytest.mark.parametrize(("data", "code", "offset"), BROKEN)
def test_the_same_fault_is_found_inside_an_array(data: bytes, code: str, offset: int) -> None:
    window = b'[{"good": [1, 2]}, ' + data + b", 3]" + b" " * 600
    scanned = scan_elements(window, 1, at_end=True, first=True)
    if scanned.closed is not None or code == "SO-038":  # a bracket too many, or what only the end makes a fault
        return
    assert scanned.fault is not None
    assert scanned.elements[0] == (1, 17)
    assert scan_elements(window, 1, at_end=False, first=True) == scanned


@pytest.mark.parametrize(("data", "code", "offset"), OPENINGS)
def test_openings(data: bytes, code: str | None, offset: int) -> None:
    fault = opening_fault(data)
    assert (fault and (fault.code, fault.offset)) == (code and (code, offset))


@pytest.mark.parametrize(("data", "code", "offset"), TRAILINGS)
def test_trailings(data: bytes, code: str | None, offset: int) -> None:
    fault = trailing_fault(data)
    assert (fault and (fault.code, fault.offset)) == (code and (code, offset))


@pytest.mark.parametrize(("window", "start", "first", "pieces", "closed", "code", "offset"), ARRAYS)
def test_arrays(
    window: bytes, start: int, first: bool, pieces: list[bytes], closed: int | None, code: str | None, offset: int
) -> None:
    scanned = scan_elements(window, start, at_end=True, first=first)
    assert _pieces(window, scanned) == pieces
    assert scanned.closed == closed
    assert (scanned.fault and (scanned.fault.code, scanned.fault.offset)) == (code and (code, offset))


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (b'{"orderLines":[{"a":1},{"a":1},{"quantity":01}]}', "/orderLines/2/quantity"),
        (b'{"a/b":{"c~d":tru}}', "/a~1b/c~0d"),
        (b'{"\\u0061":x}', "/a"),
        (b'{"a":[[1],[2,3,[?]]]}', "/a/1/2/0"),
        (b'{"a":{"b":1},"c":?}', "/c"),
        (b'{"a":1,?}', ""),
        (b"?", ""),
    ],
)
def test_a_fault_says_where_in_the_record_it_is(data: bytes, pointer: str) -> None:
    fault = first_fault(data)
    assert fault is not None
    assert fault.pointer == pointer


def test_the_pointer_leads_from_the_element_not_from_the_array() -> None:
    window = b'[{"a":1},{"a":1},{"lines":[{"b":01}]}]'
    fault = scan_elements(window, 1, at_end=True, first=True).fault
    assert fault is not None
    assert fault.pointer == "/lines/0/b"


def test_words_for_orders_speak_of_orders() -> None:
    fault = scan_elements(b"[{} {}]", 1, at_end=True, first=True).fault
    assert fault is not None
    assert fault.message == "A comma is missing between two orders."


@pytest.mark.parametrize("depth", [1, 2, 127, 128])
def test_nesting_up_to_the_limit_passes(depth: int) -> None:
    for opener, closer in ((b"[", b"]"), (b'{"a":', b"}")):
        assert first_fault(opener * depth + b"1" + closer * depth) is None
        fault = first_fault(opener * (depth + 1) + b"1" + closer * (depth + 1), max_depth=depth)
        assert fault is not None
        assert fault.code == "SO-045"


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b'["' + b"\\n" * 2_000_000 + b'"]',
        b'["' + b"\\n" * 2_000_000,
        b'["' + b"a" * 4_000_000,
        b"[" + b"1," * 300_000 + b"]",
        b"[" + b"1" * 4_000_000 + b"x]",
        b"[" + b" " * 4_000_000,
        b'["' + b"\\ud83d\\ude00" * 300_000 + b'\\ud83d"]',
        b"[" + b'"a" ' * 1_000_000,
    ],
    ids=lambda data: data[:12].decode(),
)
def test_hostile_texts_cost_no_more_than_their_length(data: bytes) -> None:
    began = time.process_time()
    first_fault(data)
    scan_elements(data, 1, at_end=False, first=True)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("count", [199, 200, 201, 202, 399, 400, 401, 402, 1000])
def test_strings_with_many_escapes_are_strings(count: int) -> None:
    text = b'"' + b"\\n" * count + b'"'
    for data in (text, b"[" + text + b", 1]", b"{" + text + b" : " + text + b"}", b'{"a":' + text + b"}"):
        assert first_fault(data) is None
        assert scan_elements(b"[" + data + b"]", 1, at_end=True, first=True).elements == [(1, 1 + len(data))]
    assert first_fault(text[:-1]) is not None
    assert first_fault(b"{" + text + b"}") is not None


@pytest.mark.parametrize("count", [63, 64, 65, 127, 128, 129, 300])
def test_many_members_and_elements_are_read(count: int) -> None:
    for value in ({f"k{number}": number for number in range(count)}, [True] * count, [[]] * count, [{"a": []}] * count):
        assert first_fault(orjson.dumps(value)) is None
