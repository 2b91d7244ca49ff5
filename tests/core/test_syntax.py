"""Broken JSON is refused exactly where orjson refuses it, at the place a person would point at, in words."""

from __future__ import annotations

import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sobatch.core.syntax import Fault, Scanned, first_fault, opening_fault, scan_elements, trailing_fault

BROKEN: list[tuple[bytes, str, int]] = [
    (b"[1,]", "SO-031", 2),
    (b"[1, ]", "SO-031", 2),
    (b'{"a":1,}', "SO-031", 6),
    (b'{"a":1,\n}', "SO-031", 6),
    (b'{"a":[{"b":1},]}', "SO-031", 13),
    (b"[[],]", "SO-031", 3),
    (b'[{"a":1}{"b":2}]', "SO-032", 8),
    (b'[{"a":1}\n{"b":2}]', "SO-032", 8),
    (b"[1 2]", "SO-032", 2),
    (b'["a" "b"]', "SO-032", 4),
    (b"[true false]", "SO-032", 5),
    (b'{"a":1 "b":2}', "SO-032", 6),
    (b'{"a":"x" "b":2}', "SO-032", 8),
    (b'{"a":1\n"b":2}', "SO-032", 6),
    (b'{"a":{} "b":2}', "SO-032", 7),
    (b'{"a":[] "b":2}', "SO-032", 7),
    (b'{"a":null "b":2}', "SO-032", 9),
    (b'{"a":1; "b":2}', "SO-032", 6),
    (b"[1,,2]", "SO-047", 3),
    (b'{"a":1,,"b":2}', "SO-047", 7),
    (b"[,1]", "SO-047", 1),
    (b'{,"a":1}', "SO-047", 1),
    (b"[1,,]", "SO-047", 3),
    (b"['a']", "SO-033", 1),
    (b"{'a':1}", "SO-033", 1),
    (b"{\"a\":'b'}", "SO-033", 5),
    (b'{"a":`b`}', "SO-033", 5),
    (b"// note\n[1]", "SO-034", 0),
    (b"[1 // note\n]", "SO-034", 3),
    (b'{"a":1, /* b */ "b":2}', "SO-034", 8),
    (b'{"a": # note\n 1}', "SO-034", 6),
    (b"[1, 2 # note\n]", "SO-034", 6),
    (b'{"a":/x}', "SO-030", 5),
    (b"[NaN]", "SO-035", 1),
    (b"[nan]", "SO-035", 1),
    (b"[Infinity]", "SO-035", 1),
    (b"[-Infinity]", "SO-035", 1),
    (b"[+Infinity]", "SO-035", 1),
    (b"[-inf]", "SO-035", 1),
    (b"[-NaN]", "SO-035", 1),
    (b"[1.#INF]", "SO-035", 1),
    (b"[-1.#IND]", "SO-035", 1),
    (b"[True]", "SO-041", 1),
    (b"[False]", "SO-041", 1),
    (b"[None]", "SO-041", 1),
    (b"[undefined]", "SO-041", 1),
    (b"[nil]", "SO-041", 1),
    (b"[NULL]", "SO-041", 1),
    (b"[tru]", "SO-041", 1),
    (b"[flase]", "SO-041", 1),
    (b"[nulll]", "SO-041", 1),
    (b"[truex]", "SO-041", 1),
    (b"[yes]", "SO-041", 1),
    (b"[#N/A]", "SO-041", 1),
    (b"[#DIV/0!]", "SO-041", 1),
    (b'{"a":Steel}', "SO-041", 5),
    (b'{"a":ISODate("2026-01-01")}', "SO-041", 5),
    (b'{"a":b"x"}', "SO-041", 5),
    (b'{"a":new Date(1)}', "SO-041", 5),
    (b'["a\nb"]', "SO-037", 3),
    (b'["a\r\nb"]', "SO-037", 3),
    (b'["a\tb"]', "SO-037", 3),
    (b'["a\x01b"]', "SO-037", 3),
    (b'["a\x7fb\x1fc"]', "SO-037", 5),
    (b'{"a":"x\n"b":1}', "SO-051", 5),
    (b'{"a":"x\n}', "SO-051", 5),
    (b'["C:\\new\\x"]', "SO-039", 8),
    (b'["C:\\Users"]', "SO-039", 4),
    (b'["\\u12"]', "SO-039", 2),
    (b'["\\u12G4"]', "SO-039", 2),
    (b'["\\\'"]', "SO-039", 2),
    (b'["\\0"]', "SO-039", 2),
    (b'["\\ud800"]', "SO-043", 2),
    (b'["\\udc00"]', "SO-043", 2),
    (b'["\\ud800\\ud800"]', "SO-043", 2),
    (b'["\\ud800\\n"]', "SO-043", 2),
    (b'["\\ud83d\\ude0"]', "SO-043", 2),
    (b'{"a" 1}', "SO-044", 4),
    (b'{"a"= 1}', "SO-044", 4),
    (b'{"a" => 1}', "SO-044", 5),
    (b'{"a" "b"}', "SO-044", 4),
    (b'{"a", "b"}', "SO-044", 4),
    (b'{"a"}', "SO-044", 4),
    (b'{"a":}', "SO-052", 4),
    (b'{"a":,"b":1}', "SO-052", 4),
    (b'{"a"::1}', "SO-052", 5),
    (b"{:1}", "SO-052", 1),
    (b'{"a":1:2}', "SO-052", 6),
    (b'["a":1]', "SO-052", 4),
    (b'{{"a":1}}', "SO-030", 1),
    (b"{[1]}", "SO-052", 1),
    (b'{"a":1]', "SO-046", 6),
    (b"[1}", "SO-046", 2),
    (b'{"a":[1}', "SO-046", 7),
    (b'[{"a":1]', "SO-046", 7),
    (b"[}", "SO-046", 1),
    (b"{]", "SO-046", 1),
    (b"]", "SO-046", 0),
    (b"}", "SO-046", 0),
    (b"[1]]", "SO-046", 3),
    (b'{"a":1}}', "SO-046", 7),
    (b"[01]", "SO-040", 1),
    (b"[-01]", "SO-040", 1),
    (b"[00]", "SO-040", 1),
    (b'{"a":007}', "SO-040", 5),
    (b"[+1]", "SO-040", 1),
    (b"[.5]", "SO-040", 1),
    (b"[-.5]", "SO-040", 1),
    (b"[1.]", "SO-040", 1),
    (b"[1.e5]", "SO-040", 1),
    (b"[0x1F]", "SO-040", 1),
    (b"[1e]", "SO-040", 1),
    (b"[1e+]", "SO-040", 1),
    (b"[-]", "SO-040", 1),
    (b"[--1]", "SO-040", 1),
    (b"[1.2.3]", "SO-040", 1),
    (b"[12kg]", "SO-040", 1),
    (b"[5%]", "SO-040", 1),
    (b"[$5]", "SO-040", 1),
    (b"[\xe2\x82\xac5]", "SO-040", 1),
    (b"[1_000]", "SO-040", 1),
    (b"[1'000]", "SO-040", 1),
    (b'{"a":1,5}', "SO-040", 5),
    (b'{"a":1,234.50}', "SO-040", 5),
    (b'{"a":1, 5}', "SO-042", 8),
    (b'{"a":-0,5, "b":1}', "SO-040", 5),
    (b'{"a":1 000}', "SO-040", 5),
    (b'{"a":2026-01-05}', "SO-040", 5),
    (b'{"a":29.04.2026}', "SO-040", 5),
    (b"[1f]", "SO-040", 1),
    (b"[0b1]", "SO-040", 1),
    (b"{a:1}", "SO-042", 1),
    (b"{a: 1}", "SO-042", 1),
    (b'{"a":1, b:2}', "SO-042", 8),
    (b"{1:2}", "SO-042", 1),
    (b"{true:1}", "SO-042", 1),
    (b'{"a:1, "b":2}', "SO-051", 1),
    (b'{"a: "x"}', "SO-051", 1),
    (b'{"a":"x, "b":1}', "SO-051", 5),
    (b'{"a":"3" pipe"}', "SO-051", 7),
    (b'{"a":"say "hello" now"}', "SO-051", 10),
    (b'{"a":x"}', "SO-051", 5),
    (b'{a":1}', "SO-051", 1),
    (b"{\xe2\x80\x9ca\xe2\x80\x9d:1}", "SO-049", 1),
    (b'{"a":\xe2\x80\x9cb\xe2\x80\x9d}', "SO-049", 5),
    (b'{"a":\xe2\x80\x9db\xe2\x80\x9d}', "SO-049", 5),
    (b'{"a":\xe2\x80\x98b\xe2\x80\x99}', "SO-049", 5),
    (b'{"a":\xc2\xabb\xc2\xbb}', "SO-049", 5),
    (b'{"a":"b\xe2\x80\x9d, "c":1}', "SO-049", 5),
    (b"[1,2...]", "SO-030", 4),
    (b"[1, \xe2\x80\xa6]", "SO-030", 4),
    (b"[...]", "SO-030", 1),
    (b'{"a":{{x}}}', "SO-030", 6),
    (b'{"a":${x}}', "SO-030", 5),
    (b"<<<<<<< HEAD\n[1]", "SO-030", 0),
    (b"[1,\n=======\n2]", "SO-030", 4),
    (b"[1\x0c]", "SO-030", 2),
    (b"[1\x0b]", "SO-030", 2),
    (b"[\xc2\xa01]", "SO-030", 1),
    (b"[1\xe2\x80\x8b]", "SO-030", 2),
    (b"[1\xe2\x80\xa8]", "SO-030", 2),
    (b"[\xef\xbb\xbf1]", "SO-014", 1),
    (b"\xef\xbb\xbf[1]", "SO-014", 0),
    (b'["\xe9"]', "SO-015", 2),
    (b'["caf\xe9", 1]', "SO-015", 5),
    (b'{"a\xfcb":1}', "SO-015", 3),
    (b"[\xff]", "SO-015", 1),
    (b'["\xc0\xaf"]', "SO-015", 2),
    (b'["\xed\xa0\x80"]', "SO-015", 2),
    (b'["\xf5\x80\x80\x80"]', "SO-015", 2),
    (b'["\xe2\x82"]', "SO-015", 2),
    (b"[\x001]", "SO-016", 1),
    (b'["a\x00b"]', "SO-016", 3),
    (b"[1]\x00\x00", "SO-016", 3),
    (b"[", "SO-038", 1),
    (b"[1", "SO-038", 2),
    (b"[1,", "SO-038", 3),
    (b'["abc', "SO-038", 1),
    (b'["abc\\', "SO-038", 1),
    (b'["abc\\u00', "SO-038", 1),
    (b'["abc\\ud83d', "SO-038", 1),
    (b'["abc\\ud83d\\u', "SO-038", 1),
    (b"{", "SO-038", 1),
    (b'{"a', "SO-038", 1),
    (b'{"a"', "SO-038", 4),
    (b'{"a":', "SO-038", 5),
    (b'{"a":1', "SO-038", 6),
    (b'{"a":1,', "SO-038", 7),
    (b'{"a":tr', "SO-038", 5),
    (b'{"a":-', "SO-038", 5),
    (b'{"a":1.', "SO-038", 5),
    (b'{"a":1e', "SO-038", 5),
    (b'[{"a":[1,{"b":', "SO-038", 14),
    (b"[1][2]", "SO-036", 3),
    (b"[1] [2]", "SO-036", 4),
    (b"[1]\n[2]", "SO-036", 4),
    (b"[1],[2]", "SO-036", 3),
    (b'[1]{"a":1}', "SO-036", 3),
    (b'{"a":1}{"b":2}', "SO-036", 7),
    (b'{"a":1}\n{"b":2}', "SO-036", 8),
    (b'{"a":1},', "SO-036", 7),
    (b"1 2", "SO-036", 2),
    (b"[1] x", "SO-036", 4),
    (b"[1];", "SO-036", 3),
    (b"[1]\x1a", "SO-036", 3),
    (b"[1] // end", "SO-034", 4),
    (b"[1] \xef\xbb\xbf[2]", "SO-014", 4),
    (b'"a" b', "SO-036", 4),
    (b"@", "SO-030", 0),
    (b"[@]", "SO-030", 1),
    (b"[1@]", "SO-030", 2),
    (b"{@:1}", "SO-030", 1),
    (b'{"a"@1}', "SO-044", 4),
    (b"[*]", "SO-030", 1),
    (b"[(1)]", "SO-030", 1),
    (b'{"a":"b"=1}', "SO-030", 8),
    (b"[1 \xc3\xa5]", "SO-030", 3),
    (b"[\xc3\xa5]", "SO-041", 1),
    (b'{"a":1 2}', "SO-032", 6),
    (b'{"a":1 "b\xe9"}', "SO-032", 6),
]

OPENINGS: list[tuple[bytes, str | None, int]] = [
    (b"", "SO-010", 0),
    (b" \r\n\t ", "SO-010", 0),
    (b"[", None, 0),
    (b" \n{", None, 0),
    (b"\xff\xfe[\0", "SO-013", 0),
    (b"\xfe\xff\0[", "SO-013", 0),
    (b"\xff\xfe\0\0[\0\0\0", "SO-013", 0),
    (b"\0\0\xfe\xff\0\0\0[", "SO-013", 0),
    ('[{"a":1}]'.encode("utf-16-le"), "SO-013", 0),
    ('[{"a":1}]'.encode("utf-16-be"), "SO-013", 0),
    ('[{"a":1}]'.encode("utf-32-le"), "SO-013", 0),
    ('[{"a":1}]'.encode("utf-32-be"), "SO-013", 0),
    ("[å]".encode("utf-16-le"), "SO-013", 0),
    (b"\xef\xbb\xbf[1]", "SO-014", 0),
    (b"\0\0\0\0\0\0", "SO-016", 0),
    (b"[\0\0[", "SO-016", 1),
    (b"customerId;price\n1000;1\n", "SO-050", 0),
    (b"customerId,price,quantity\r\n1000,1,2", "SO-050", 0),
    (b'"customerId","price"\n"1000","1"\n', "SO-050", 0),
    (b"customerId\tprice\n", "SO-050", 0),
    (b"1000;SO;17\n", "SO-050", 0),
    (b"<?xml version='1.0'?><orders/>", "SO-050", 0),
    (b"<orders><order/></orders>", "SO-050", 0),
    (b"<!DOCTYPE html><html>", "SO-050", 0),
    (b"  <html lang=en>", "SO-050", 2),
    (b"---\n- customerId: 1000\n", "SO-050", 0),
    (b"- customerId: 1000\n", "SO-050", 0),
    (b"orders:\n  - customerId: 1000\n", "SO-050", 0),
    (b"PK\x03\x04\x14", "SO-050", 0),
    (b"%PDF-1.7", "SO-050", 0),
    (b"\x1f\x8b\x08", "SO-050", 0),
    (b"var orders = [", "SO-050", 0),
    (b"orders = [{", "SO-050", 0),
    (b"callback([{", "SO-050", 0),
    (b"hello", "SO-050", 0),
    (b"@@@", "SO-050", 0),
    (b"12", "SO-011", 0),
    (b'"orders"', "SO-011", 0),
    (b" true", "SO-011", 1),
    (b"]", "SO-046", 0),
    (b", {}]", "SO-030", 0),
    (b"// orders\n[", "SO-034", 0),
    (b"'[]'", "SO-033", 0),
    (b"\xe9t\xe9", "SO-015", 0),
    (b"_ caf\xe9", "SO-050", 0),
    ("“[]”".encode(), "SO-049", 0),
]

TRAILINGS: list[tuple[bytes, str | None, int]] = [
    (b"", None, 0),
    (b" \r\n\t\n", None, 0),
    (b"[1]", "SO-036", 0),
    (b"\n\n[", "SO-036", 2),
    (b'{"a":1}', "SO-036", 0),
    (b" null", "SO-036", 1),
    (b",", "SO-036", 0),
    (b",\n{}]", "SO-036", 0),
    (b"]", "SO-046", 0),
    (b"}", "SO-046", 0),
    (b"\0\0\0", "SO-016", 0),
    (b"\x1a", "SO-036", 0),
    (b"\xef\xbb\xbf[]", "SO-014", 0),
    (b" # end", "SO-034", 1),
    (b"end", "SO-036", 0),
    (b";", "SO-036", 0),
    (b"\xe9", "SO-015", 0),
    ("é".encode(), "SO-036", 0),
]

# (window, where an element is due, first, what the spans hold, closed, code, offset), always with nothing to follow.
ARRAYS: list[tuple[bytes, int, bool, list[bytes], int | None, str | None, int]] = [
    (b"[]", 1, True, [], 2, None, 0),
    (b"[ \n]", 1, True, [], 4, None, 0),
    (b"[1, {} ]", 1, True, [b"1", b"{}"], 8, None, 0),
    (b'[{"a":[1,{}]},"x",null]tail', 1, True, [b'{"a":[1,{}]}', b'"x"', b"null"], 23, None, 0),
    (b" 2]", 0, False, [b"2"], 3, None, 0),
    (b"]", 0, False, [], None, "SO-031", 0),
    (b"{},]", 3, False, [], None, "SO-031", 2),
    (b"[{},]", 1, True, [b"{}"], None, "SO-031", 3),
    (b"[{} {}]", 1, True, [b"{}"], None, "SO-032", 3),
    (b"[{}\n{}]", 1, True, [b"{}"], None, "SO-032", 3),
    (b"[{};{}]", 1, True, [b"{}"], None, "SO-032", 3),
    (b"[{},,{}]", 1, True, [b"{}"], None, "SO-047", 4),
    (b"[,{}]", 1, True, [], None, "SO-047", 1),
    (b"[{}}]", 1, True, [b"{}"], None, "SO-046", 3),
    (b"[{}", 1, True, [], None, "SO-038", 3),
    (b"[{},", 1, True, [b"{}"], None, "SO-038", 4),
    (b"[", 1, True, [], None, "SO-038", 1),
    (b'[{"a', 1, True, [], None, "SO-038", 2),
    (b"[12", 1, True, [], None, "SO-038", 3),
    (b"[12.]", 1, True, [], None, "SO-040", 1),
    (b"[{}x]", 1, True, [b"{}"], None, "SO-030", 3),
    (b"[{} // no\n]", 1, True, [b"{}"], None, "SO-034", 4),
    (b'[{}, "\xe9", {}]', 1, True, [b"{}"], None, "SO-015", 6),
    (b'[{}, {}, "\xe9" x]', 1, True, [b"{}", b"{}"], None, "SO-015", 10),
    (b"[{}, \xe9]", 1, True, [b"{}"], None, "SO-015", 5),
    (b"[{}] \xe9", 1, True, [b"{}"], 4, None, 0),
    (b'[{"a":1},{"a":1,}]', 1, True, [b'{"a":1}'], None, "SO-031", 15),
    (b"[[[[]]]]", 1, True, [b"[[[]]]"], 8, None, 0),
]


def _pieces(window: bytes, scanned: Scanned) -> list[bytes]:
    return [window[begin:end] for begin, end in scanned.elements]


def _orjson_stop(data: bytes) -> int | None:
    """Where orjson stops reading, or None if it accepts; numbers beyond a double are not its fault to find here."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return error.pos
    return None


def _check_shape(fault: Fault, data: bytes) -> None:
    assert 0 <= fault.offset <= len(data)
    assert fault.length >= 1
    assert fault.offset + fault.length <= len(data) + 1
    assert fault.message.endswith(".")
    assert fault.message.isprintable()
    assert fault.hint is None or fault.hint.isprintable()


@pytest.mark.parametrize(("data", "code", "offset"), BROKEN)
def test_broken_json_is_named_and_placed(data: bytes, code: str, offset: int) -> None:
    fault = first_fault(data)
    assert fault is not None
    assert (fault.code, fault.offset) == (code, offset)
    _check_shape(fault, data)


@pytest.mark.parametrize("data", [row[0] for row in BROKEN if row[1] != "SO-015" and row[0].isascii()])
def test_a_fault_is_never_placed_after_the_true_one(data: bytes) -> None:
    fault = first_fault(data)
    stop = _orjson_stop(data)
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
    began = time.perf_counter()
    first_fault(data)
    scan_elements(data, 1, at_end=False, first=True)
    assert time.perf_counter() - began < 5


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


# -- against orjson, on anything ----------------------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
PIECES = [
    *(b", : \" [ ] { } ' / // # 0 1 - . e + a null tru NaN".split()),
    *(b"\\", b"\\u", b"\\ud83d", b"\\udc00", b"\n", b"\t", b" ", b"\0", b"\x0c", b"\x1f", b"\x7f"),
    *(b"\xe9", b"\xef\xbb\xbf", b"\xc2\xa0", b"\xe2\x80\x9c", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xf0\x9f"),
]


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A JSON text with up to three wounds."""
    value: Any = draw(values)
    data = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1]))).encode()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        span = draw(st.integers(0, 3))
        piece = draw(st.sampled_from([*PIECES, b"", data[at : at + 5]]))
        data = data[:at] + piece + data[at + span :]
    return data


def _rendered(value: Any) -> bytes:
    """The value as JSON text, whatever the size of its integers."""
    return json.dumps(value, ensure_ascii=False).encode()


def _beyond_double(data: bytes) -> bool:
    """Whether orjson's only complaint is a number too large for a double."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return "infinity" in str(error)
    return False


@settings(max_examples=800, deadline=None)
@given(mangled())
@example(b"1e400")
@example(b'["\\ud83d\\ude00"]')
def test_accepts_what_orjson_accepts_and_points_no_later(data: bytes) -> None:
    fault = first_fault(data)
    if _beyond_double(data):
        return
    stop = _orjson_stop(data)
    assert (fault is None) == (stop is None)
    if fault is not None and stop is not None:
        _check_shape(fault, data)
        if data.isascii():
            assert fault.offset <= stop


@settings(max_examples=300, deadline=None)
@given(mangled())
def test_the_text_before_a_fault_can_still_become_valid(data: bytes) -> None:
    fault = first_fault(data)
    if fault is None or fault.code in ("SO-010", "SO-038") or fault.offset == 0:
        return
    before = first_fault(data[: fault.offset])
    assert before is None or before.code in ("SO-038", "SO-010", "SO-052")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.one_of(values, mangled()), max_size=5), st.data())
def test_any_window_gives_the_same_elements_as_the_whole(items: list[Any], data: st.DataObject) -> None:
    parts = [item if isinstance(item, bytes) else _rendered(item) for item in items]
    text = b"[" + b" , ".join(parts) + b"]" + b" " * data.draw(st.sampled_from([0, 700]))
    whole = scan_elements(text, 1, at_end=True, first=True)
    spans: list[tuple[int, int]] = []
    at, first = 1, True
    size = data.draw(st.integers(1, 40))
    while True:
        window = text[at : at + size]
        at_end = at + size >= len(text)
        scanned = scan_elements(window, 0, at_end=at_end, first=first)
        spans += [(at + begin, at + end) for begin, end in scanned.elements]
        first = first and not scanned.elements
        if scanned.closed is not None or scanned.fault is not None:
            break
        size = size + scanned.resume if scanned.resume else size * 2
        at += scanned.resume
    assert spans == whole.elements
    assert (scanned.closed is None) == (whole.closed is None)
    if scanned.fault and whole.fault:
        assert scanned.fault.code == whole.fault.code
        if whole.fault.code not in ("SO-031", "SO-047"):  # the comma they are about may lie before the window
            assert at + scanned.fault.offset == whole.fault.offset


@settings(max_examples=300, deadline=None)
@given(values)
def test_valid_json_has_no_fault(value: Any) -> None:
    assert first_fault(json.dumps(value).encode()) is None
    assert first_fault(_rendered(value)) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_anything_may_stand_at_the_edges(data: bytes) -> None:
    for fault in (opening_fault(data), trailing_fault(data), first_fault(data)):
        if fault is not None:
            _check_shape(fault, data)
