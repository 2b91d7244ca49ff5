"""Content is recognised in other bytes, and told apart as soon as any value differs."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from written_orders import orders, source_of

from sobatch.core.order import canonical as canonical_module
from sobatch.core.order.canonical import canonical, content_hash
from sobatch.core.read.scan import Broken, Scanner
from sobatch.erp.unit4.order import Order

SAME = [
    ["50", "50.0", "50.000", "5e1", "5E+1", "0.5e2", "500e-1"],
    ["0", "-0", "0.0", "-0.00", "0e5"],
    ["0.9", "0.90", "9e-1"],
    ["1e30", "1000000000000000000000000000000", "1000000000000000000000000000000.0"],
    ["1e59", "1" + "0" * 59],
    ["1e400", "10e399"],
    ["9" * 5000, "9" * 5000 + ".0"],
    ['"Å"', '"\\u00c5"', '"\\u00C5"'],
    ['"😀"', '"\\ud83d\\ude00"'],
    ['"/"', '"\\/"'],
    ['{"a": 1, "b": {"c": 2, "d": 3}}', '{"b":{"d":3,"c":2},"a":1.0}', '\n{\t"b" : {"d":3e0, "c":2} , "a":1 }\r\n'],
    ["[1, [], {}]", "[1,[],{}]", "[1.0, [ ], { }]"],
]


@pytest.mark.parametrize("texts", SAME, ids=lambda texts: texts[0][:20])
def test_other_ways_to_write_it_are_the_same_content(texts: list[str]) -> None:
    assert len({content_hash(text.encode()) for text in texts}) == 1


def test_other_content_is_not_the_same() -> None:
    different = [texts[0] for texts in SAME] + [
        '"50"', "true", "null", "false", '"true"', "1", "-1", "1e-30", "123456789012345678901234567890",
        "123456789012345678901234567891", "123456789012345678901234567890.5", "0.1000000000000000000000000000001",
        "0.1", "9" * 4999 + "8", "1e401", '"\\u00e5"', '"A\\u030a"', '" "', '""', "[[1], {}]", "[1, {}, []]",
        '{"a": 1}', '{"b": 1}', "[]", "{}", "1e9999999", "1e9999998", "1e99999999999999999999",
        "-1e99999999999999999999",
    ]  # fmt: skip
    assert len({content_hash(text.encode()) for text in different}) == len(different)


def cut(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    for piece in Scanner[Any](source_of(data).open(), Order):
        assert not isinstance(piece, Broken)
        found += [piece.text[start:end] for start, end in piece.cut()]
    return found


def hashes(data: bytes) -> list[bytes]:
    return [content_hash(order) for order in cut(data)]


def _reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in sorted(value, reverse=True)}
    return [_reordered(each) for each in value] if isinstance(value, list) else value


@settings(max_examples=100, deadline=None)
@given(st.lists(orders(), min_size=1, max_size=5))
def test_a_file_in_another_form_has_the_same_content(elements: list[bytes]) -> None:
    values = [json.loads(element, parse_float=Decimal) for element in elements]
    assume(all(float(value) == value for value in _floats(values)))  # the standard library would round the others
    array = b"[" + b",".join(elements) + b"]"
    plain = json.loads(array)
    forms = [
        array,
        json.dumps(plain, indent=4).encode(),
        json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(),
        json.dumps(_reordered(plain)).encode(),
        gzip.compress(array),
        "\n".join(json.dumps(order) for order in plain).encode(),
    ]
    assert [hashes(form) for form in forms] == [hashes(array)] * len(forms)


def _floats(value: Any) -> list[Decimal]:
    if isinstance(value, dict):
        return _floats(list(value.values()))
    if isinstance(value, list):
        return [found for each in value for found in _floats(each)]
    return [value] if isinstance(value, Decimal) else []


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in _leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, each in enumerate(value) for leaf in _leaves(each, (*path, index))]
    return [path]


@settings(max_examples=200, deadline=None)
@given(orders(), st.data())
def test_any_value_that_differs_makes_other_content(order: bytes, data: st.DataObject) -> None:
    value = json.loads(order)
    path = data.draw(st.sampled_from(_leaves(value)))
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    before = json.dumps(value).encode()
    old = holder[path[-1]]
    changed = [None, f"{old}x", [old], {"x": old}, *([old + 1] if isinstance(old, int) and old < 2**53 else [])]
    holder[path[-1]] = data.draw(st.sampled_from(changed))
    assert content_hash(json.dumps(value).encode()) != content_hash(before)
    holder[f"{path[-1]}2" if isinstance(holder, dict) else 0] = old
    assert canonical(json.dumps(value).encode()) != canonical(before)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(json_values, json_values)
def test_content_is_equal_exactly_when_the_values_are(one: Any, other: Any) -> None:
    texts = [json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") for value in (one, other)]
    first, second = (canonical(text) for text in texts)
    assert (first == second) == (_typed(one) == _typed(other))
    assert canonical(first) == first


def _typed(value: Any) -> Any:
    """The value with booleans told from numbers, which Python holds for equal."""
    if isinstance(value, dict):
        return {key: _typed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_typed(each) for each in value]
    return ("bool", value) if isinstance(value, bool) else value


def test_thousands_of_long_numbers_are_not_remembered() -> None:
    tracemalloc.start()
    for number in range(300):
        content_hash(b'{"price": %d.%s}' % (number, b"1" * 40_000))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 2 << 20


@settings(max_examples=200, deadline=None)
@given(st.lists(json_values, max_size=6), st.integers(0, 40))
def test_a_large_value_has_the_text_of_a_small_one(values: list[Any], large: int) -> None:
    text, inner = json.dumps(values).encode(), json.dumps({"\u00e9": values}, indent=1).encode()
    twice = b'{"b":1e2,"\\u0062":' + text + b',"a":[' + inner + b"]}"
    whole = canonical(twice)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical_module, "_LARGE", large)
        assert canonical(twice) == whole
