"""A pointer finds its member in an order's bytes, and names that stand twice are found."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sobatch.core.place.locate import duplicate_keys, span_of
from sobatch.core.place.places import Places

ORDER = (
    b' {"customerId": "1000", "a/b": {"c~d": [1, [2, {"e": null}]]},'
    b' "orderLines": [{"quantity": 1}, {"quantity": -2.5e3}]} '
)


@pytest.mark.parametrize(
    ("pointer", "piece"),
    [
        ("", ORDER.strip()),
        ("/customerId", b'"1000"'),
        ("/a~1b/c~0d/1/1/e", b"null"),
        ("/a~1b/c~0d/1/1", b'{"e": null}'),
        ("/orderLines/1/quantity", b"-2.5e3"),
        ("/orderLines/0", b'{"quantity": 1}'),
        ("/orderLines/7/quantity", b'[{"quantity": 1}, {"quantity": -2.5e3}]'),
        ("/orderLines/1/price", b'{"quantity": -2.5e3}'),
        ("/nowhere/at/all", ORDER.strip()),
        ("/customerId/deeper", b'"1000"'),
        ("/orderLines/x", b'[{"quantity": 1}, {"quantity": -2.5e3}]'),
    ],
)
def test_spans(pointer: str, piece: bytes) -> None:
    begin, end = span_of(ORDER, pointer)
    assert ORDER[begin:end] == piece


def test_a_missing_member_is_placed_at_the_object_that_lacks_it() -> None:
    begin, end = span_of(ORDER, "/orderLines/1/price", missing=True)
    assert ORDER[begin:end] == b'{"quantity": -2.5e3}'
    begin, end = span_of(ORDER, "/transactionType", missing=True)
    assert ORDER[begin:end] == ORDER.strip()


def test_of_equal_names_the_last_counts() -> None:
    order = b'{"a": 1, "\\u0061": {"b": 2, "b": 3}}'
    begin, end = span_of(order, "/a/b")
    assert order[begin:end] == b"3"


def test_names_with_escapes_and_brackets_in_strings_are_followed() -> None:
    order = b'{"x": "}]\\"{", "q\\"": ["],", {"\\\\": "]"}], "y": 1}'
    for pointer, piece in (('/q"/1/\\', b'"]"'), ("/y", b"1"), ('/q"/0', b'"],"')):
        begin, end = span_of(order, pointer)
        assert order[begin:end] == piece


def test_a_span_in_an_ordinary_order_is_found_quickly() -> None:
    lines = [
        {"productCode": f"P{number}", "price": 0.9, "quantity": number, "x": {"y": [{"z": 1}]}} for number in range(80)
    ]
    order = json.dumps({"customerId": "1", "orderLines": lines}).encode()
    began = time.process_time()
    for _ in range(50):
        span_of(order, "/orderLines/40/quantity")
    assert (time.process_time() - began) / 50 < 0.01


members = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


def _pointers(value: Any, at: str = "") -> list[tuple[str, Any]]:
    found = [(at, value)]
    if isinstance(value, dict):
        for key, child in value.items():
            found += _pointers(child, f"{at}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            found += _pointers(child, f"{at}/{index}")
    return found


@settings(max_examples=300, deadline=None)
@given(members, st.booleans(), st.sampled_from([None, 2]))
def test_every_value_is_found_by_its_pointer(value: Any, escaped: bool, indent: int | None) -> None:
    order = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()
    for pointer, expected in _pointers(value):
        begin, end = span_of(order, pointer)
        assert json.loads(order[begin:end]) == expected
        assert order[begin:end].strip() == order[begin:end]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (b"{}", []),
        (b'{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}', []),
        (b'{"a": 1, "a": 2}', [("/a", "a", 9)]),
        (b'{"a":1,"a":2,"a":3}', [("/a", "a", 7), ("/a", "a", 13)]),
        (b'{"a":1,"\\u0061":2}', [("/a", "a", 7)]),
        (b'{"l":[{"x":1},{"p/q":1,"p/q":2}]}', [("/l/1/p~1q", "p/q", 23)]),
        (b'{"a":{"b":1,"b":{"c":1,"c":2}},"a":0}', [("/a/b", "b", 12), ("/a/b/c", "c", 23), ("/a", "a", 31)]),
        (b'{"a":"a","b":"a","c":["a","a"]}', []),
        (b'{"":1,"":2}', [("/", "", 6)]),
        (b'[{"a":1,"a":2}]', [("/0/a", "a", 8)]),
        (b'{"n":' + b"9" * 5000 + b',"a":1,"a":2}', [("/a", "a", 5012)]),
        (b'"a"', []),
    ],
)
def test_duplicate_names(order: bytes, found: list[tuple[str, str, int]]) -> None:
    assert list(duplicate_keys(order)) == found


@settings(max_examples=200, deadline=None)
@given(members)
def test_what_comes_from_a_dictionary_has_no_duplicates(value: Any) -> None:
    assert list(duplicate_keys(json.dumps(value).encode())) == []


def test_places_of_many_pointers_are_those_of_each() -> None:
    lines = ",\n ".join(f'{{"quantity" : {number}, "gl": [ {{"a": 1}}, {{}} ]}}' for number in range(40))
    order = (
        '{"a~/b": [1, [2]], "lines": [7], "name": "x[1]", "lines" : [ ' + lines + ' ], "other": {"0": 1}}'
    ).encode()
    places = Places(order)
    pointers = ["", "/name", "/lines", "/a~0~1b/1/0", "/a~0~1b/9", "/other/0", "/name/0", "/none/3"]
    pointers += [f"/lines/{number}{more}" for number in (0, 7, 39, 40) for more in ("", "/quantity", "/gl/0/a", "/no")]
    for pointer in pointers:
        assert places.start(pointer) == span_of(order, pointer)[0], pointer
        assert places.start(pointer, missing=True) == span_of(order, pointer, missing=True)[0], pointer
