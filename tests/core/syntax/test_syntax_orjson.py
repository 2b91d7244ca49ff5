"""On any text: refused exactly where orjson refuses it, and pointed at no later."""

from __future__ import annotations

import json
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st
from syntax_cases import check_shape, orjson_stop

from sobatch.core.syntax.strict import first_fault, opening_fault, scan_elements, trailing_fault

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
    stop = orjson_stop(data)
    assert (fault is None) == (stop is None)
    if fault is not None and stop is not None:
        check_shape(fault, data)
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
            check_shape(fault, data)
